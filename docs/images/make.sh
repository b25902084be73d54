#!/usr/bin/env bash
# Makes shapes.png, the image in README.md. Run from the repository root: docs/images/make.sh
set -euo pipefail
images=$(mktemp -d)
trap 'rm -rf "$images"' EXIT
n=0
draw() {
  n=$((n + 1))
  ./latent4j generate "$1" --seed "$2" --quiet --output "$images/$n.png"
}
draw "a red circle above a blue square on a white background" 1
draw "a big yellow star on a black background" 2
draw "a big orange heart on a white background" 3
draw "a cyan diamond on a black background" 4
draw "a purple ring left of an orange triangle on a gray background" 5
draw "a pink cross on a white background" 6
draw "a small green heart on a brown background" 7
draw "a big purple ring on a gray background" 8
java docs/images/ContactSheet.java docs/images/shapes.png 4 "$images"/*.png
