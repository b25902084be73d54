#!/usr/bin/env bash
# Makes the images of docs/schedulers.md. Run from the repository root: docs/images/schedulers.sh
set -euo pipefail
./latent4j schedulers --plot docs/images/noise-schedules.png
./latent4j compare --quiet --output docs/images/schedulers.png
