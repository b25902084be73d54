#!/usr/bin/env bash
# Runs the recipe of docs/fine-tuning.md, makes its images and prints its figures.
# Run from the repository root: docs/images/fine-tuning.sh [FOLDER]; a run in a FOLDER that was stopped goes on there.
set -euo pipefail
work=${1:-$(mktemp -d)}
mkdir -p "$work"
moons=training/src/test/java/io/latent4j/training/Moons.java
[[ -d $work/moons ]] || java "$moons" draw "$work/moons" 20 1
cp docs/moon.yaml "$work/moon.yaml"
start=$SECONDS
./latent4j train lora --config "$work/moon.yaml"
echo "trained in $((SECONDS - start)) s"
cp "$work/moon/lora.safetensors" "$work/moon.safetensors"

adapter() { # of the images before or after
  [[ $1 == before ]] || echo --lora "$work/moon.safetensors"
}

# Before and after: moons, and things that were known.
sheet() {
  rm -rf "$work/sheet-$1"
  mkdir "$work/sheet-$1"
  local n=0 prompt
  for prompt in "a red moon on a white background" "a blue moon on a black background" \
    "a green moon on a gray background" "a yellow moon on a black background" \
    "a purple star on a white background" "a big orange heart on a black background" \
    "a cyan circle left of a pink square on a gray background" "a red ring above a blue star on a brown background"; do
    n=$((n + 1))
    # shellcheck disable=SC2046
    ./latent4j generate "$prompt" --seed 3 --quiet --output "$work/sheet-$1/$n.png" $(adapter "$1") >/dev/null
  done
  java docs/images/ContactSheet.java "docs/images/fine-tuning-$1.png" 4 "$work/sheet-$1"/*.png
}

# Moons of every colour on every background, two of each.
judge() {
  rm -rf "$work/moons-$1"
  local colour background
  for colour in blue green red yellow; do
    for background in black gray white; do
      mkdir -p "$work/moons-$1/$colour-$background"
      # shellcheck disable=SC2046
      ./latent4j generate "a $colour moon on a $background background" --seed 100 --count 2 --batch-size 2 --quiet \
        --output "$work/moons-$1/$colour-$background/" $(adapter "$1") >/dev/null
    done
  done
  java "$moons" judge "$work/moons-$1"/*/*.png
}

for when in before after; do
  sheet $when
  echo "$when: moons"
  judge $when
  echo "$when: what the model knew"
  # shellcheck disable=SC2046
  ./latent4j evaluate prompts --count 200 --quiet $(adapter $when)
done
