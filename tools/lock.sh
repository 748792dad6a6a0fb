#!/bin/sh
# Resolves *.in to complete, hashed *.txt, valid for Python 3.11 and 3.12. "tools/lock.sh check" only compares.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for name in requirements requirements-dev requirements-ha requirements-browser; do
    # Present pins are kept unless an .in file or "UPGRADE=1 make lock" says otherwise.
    if [ "${UPGRADE:-}" != 1 ] && [ -f "$name.txt" ]; then cp "$name.txt" "$work/$name.txt"; fi
    .venv/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
        "$name.in" --output-file "$work/$name.txt"
    if [ "${1:-}" = check ]; then
        cmp -s "$name.txt" "$work/$name.txt" || { echo "$name.txt is not what $name.in says: make lock" >&2; exit 1; }
    else
        cp "$work/$name.txt" "$name.txt"
    fi
done
