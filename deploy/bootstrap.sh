#!/bin/sh
# Make .venv from the locked requirements of the named purposes; does nothing when they are installed.
#   deploy/bootstrap.sh web worker local
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- web worker local
logs=.kubeorch/logs
mkdir -p "$logs"

fail() {
    echo "$1" >&2
    exit 4
}

interpreter=
for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        interpreter=$candidate
        break
    fi
done
[ -n "$interpreter" ] || fail "Python 3.11 or newer is needed. Debian, Ubuntu: apt-get install python3 python3-venv. macOS: brew install python"
"$interpreter" -c 'import venv, ensurepip' 2>/dev/null || fail "This Python has no venv. Debian, Ubuntu: apt-get install python3-venv"

files=
for purpose in "$@"; do
    files="$files requirements/$purpose.txt"
done
# shellcheck disable=SC2086
wanted=$(cat $files | cksum | cut -d' ' -f1)-$(echo "$*" | tr ' ' '+')
stamp=.venv/stamps/$wanted
[ -f "$stamp" ] && [ -x .venv/bin/python ] && exit 0

[ -x .venv/bin/python ] || "$interpreter" -m venv .venv
started=$(date +%s)
echo "python: installing the locked packages of: $*"
arguments=
for file in $files; do
    arguments="$arguments -r $file"
done
# shellcheck disable=SC2086
if ! .venv/bin/python -m pip install --disable-pip-version-check --no-input --quiet --retries 3 --require-hashes $arguments >"$logs/pip.log" 2>&1; then
    tail -n 20 "$logs/pip.log" >&2
    fail "pip could not install them; the whole log is $logs/pip.log. Behind a proxy, set HTTPS_PROXY."
fi
mkdir -p .venv/stamps
: >"$stamp"
echo "python: done $(($(date +%s) - started)) s"
