#!/bin/sh
# Resolve every *.in together into constraints.txt, then write one hashed lock per purpose,
# so that no two environments ever disagree about a version. Run it after a change to an .in file:
#   requirements/compile.sh            keep what is locked
#   requirements/compile.sh --upgrade  take the newest that agrees
set -eu
cd "$(dirname "$0")"
command -v uv >/dev/null || { echo "uv is missing: pip install uv" >&2; exit 4; }
common="--quiet --universal --python-version 3.11 --no-header --no-emit-index-url --no-annotate"
# shellcheck disable=SC2086
uv pip compile $common "$@" -o constraints.txt shared.in web.in worker.in local.in tools.in dev.in lint.in
for purpose in web worker local tools dev lint; do
    # shellcheck disable=SC2086
    uv pip compile $common --generate-hashes --constraint constraints.txt -o "$purpose.txt" "$purpose.in"
done
