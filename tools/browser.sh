#!/bin/sh
# What "make browser" needs beyond the tools: the driver of the browser, and Debian's Chromium.
set -eu
cd "$(dirname "$0")/.."

tools/setup.sh dev
stamp=$(cat requirements-browser.txt .venv/.dev | sha256sum | cut -d' ' -f1)
if [ "$(cat .venv/.browser 2>/dev/null)" != "$stamp" ]; then
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-browser.txt
    echo "$stamp" > .venv/.browser
fi
if ! command -v chromium >/dev/null || ! command -v chromedriver >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing from Debian: chromium chromium-driver" >&2
        export DEBIAN_FRONTEND=noninteractive
        apt-get update >/dev/null
        apt-get install -y --no-install-recommends chromium chromium-driver >/dev/null
    else
        echo "Chromium is needed: sudo apt-get install chromium chromium-driver" >&2
        exit 1
    fi
fi
