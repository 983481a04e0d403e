#!/bin/sh
# Make .venv from the locked requirements of the named purposes; does nothing when they are installed.
#   deploy/bootstrap.sh web worker local
# With the word `up`: the first two steps of `make up`, with their lines; also installs what a real node needs.
set -eu
cd "$(dirname "$0")/.."
up=
if [ "${1:-}" = up ]; then
    up=yes
    shift
fi
[ $# -gt 0 ] || set -- web worker local
logs=.kubeorch/logs
mkdir -p "$logs"

fail() {
    echo "$1" >&2
    exit 4
}

# seconds with one digit; a machine without nanoseconds gets whole ones
clock() { date +%s.%N | cut -c1-12; }
since() { awk -v a="$1" -v b="$(clock)" 'BEGIN { printf "%.1f", b - a }' 2>/dev/null || echo 0; }

began=$(clock)
interpreter=
found=
for candidate in ${PYTHON:-} python3.14 python3.13 python3.12 python3.11 python3; do
    if command -v "$candidate" >/dev/null 2>&1; then
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            interpreter=$candidate
            break
        fi
        # a shim may stand for a version that is not there, and then says so at length
        found="; $candidate is $("$candidate" --version 2>/dev/null || echo missing)"
    fi
done
[ -n "$interpreter" ] || fail "Python 3.11 or newer is needed$found. Debian, Ubuntu: apt-get install python3 python3-venv. Fedora: dnf install python3. macOS: brew install python"
[ -x .venv/bin/python ] || "$interpreter" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "This Python has no venv. Debian, Ubuntu: apt-get install python3-venv"
[ -z "$up" ] || echo "[1/9] tools … done $(since "$began") s   $("$interpreter" --version 2>&1)"
[ -z "$up" ] || deploy/packages.sh

launcher() {
    # written by hand: the command line has no dependencies beyond the lock, so nothing is left for pip to resolve
    printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s/.venv/bin/python" -m orchcli "$@"\n' "$PWD" "$PWD" >.venv/bin/orchcli
    chmod +x .venv/bin/orchcli
}

began=$(clock)
files=
for purpose in "$@"; do
    files="$files requirements/$purpose.txt"
done
# all purposes are locked together: the packages of one lock replace those of another
lock=$(cat requirements/*.txt | cksum | cut -d' ' -f1)
wanted=$lock-$(echo "$*" | tr ' ' '+')
stamp=.venv/stamps/$wanted
if [ -f "$stamp" ] && [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; then
    launcher
    [ -z "$up" ] || echo "[2/9] python … done $(since "$began") s   unchanged"
    exit 0
fi

[ "${OFFLINE:-}" != 1 ] || fail "OFFLINE=1, and .venv does not have the packages of: $*"
.venv/bin/python -c '' 2>/dev/null || "$interpreter" -m venv --clear .venv
[ -n "$up" ] || echo "python: installing the locked packages of: $*"
arguments=
for file in $files; do
    arguments="$arguments -r $file"
done
# a lock names all that is needed; left to resolve, pip takes a newer release than the lock for what is asked
# with extras, as coverage[toml] by pytest-cov, and refuses it for having no hash
# shellcheck disable=SC2086
if ! .venv/bin/python -m pip install --disable-pip-version-check --no-input --quiet --retries 3 --no-deps --require-hashes $arguments >"$logs/pip.log" 2>&1; then
    tail -n 20 "$logs/pip.log" >&2
    fail "pip could not install them; the whole log is $logs/pip.log. Behind a proxy, set HTTPS_PROXY."
fi
mkdir -p .venv/stamps
for other in .venv/stamps/*; do
    case $other in
    .venv/stamps/"$lock"-*) ;;
    *) rm -f "$other" ;;
    esac
done
: >"$stamp"
launcher
if [ -n "$up" ]; then
    echo "[2/9] python … done $(since "$began") s   the locked packages of $*"
else
    echo "python: done $(since "$began") s"
fi
