#!/bin/sh
# Builds the image, makes the secrets that are missing, and starts everything. Needs
# Docker with Compose 2.20 or newer, and nothing else. Arguments go to `up`:
#   ./up.sh --scale chat-service=2
set -eu
cd "$(dirname "$0")"

# The compose file is refused without its secrets, so these are made without it.
docker build --tag im-backend:local --file Dockerfile ..
docker run --rm --user "$(id -u):$(id -g)" --volume "$PWD:/deploy" im-backend:local init-env /deploy/.env
docker compose up --detach --build --wait "$@"
