#!/bin/sh
# Install what a real Kubernetes node needs on Debian and Ubuntu; says nothing when all is there.
#   NO_INSTALL=1 never installs, YES=1 does not ask; without a terminal nobody is asked.
set -eu
cd "$(dirname "$0")/.."
case "${KUBE:-auto}" in auto | node) ;; *) exit 0 ;; esac
[ -z "${KUBECONFIG:-}" ] || exit 0
[ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0

missing=
for package in containerd runc containernetworking-plugins iptables busybox-static conntrack iproute2; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
# another containerd or busybox that is good enough counts
if command -v containerd >/dev/null 2>&1 && command -v runc >/dev/null 2>&1 && [ "$missing" = " conntrack" ]; then
    exit 0
fi

without="without them the cluster has simulated nodes; by hand: apt-get install$missing"
if [ "${NO_INSTALL:-}" = 1 ] || [ "${OFFLINE:-}" = 1 ]; then
    echo "      a real node needs:$missing; $without"
    exit 0
fi
if [ -t 0 ] && [ "${YES:-}" != 1 ] && [ "${CI:-}" != true ]; then
    printf '      a real node needs these system packages, none is started as a service:%s\n      install them with apt-get? [Y/n] ' "$missing"
    read -r answer
    case "$answer" in n* | N*) echo "      $without"; exit 0 ;; esac
fi
# Debian starts what it installs; ours have their own roots and sockets
policy=/usr/sbin/policy-rc.d
made=
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    made=yes
    trap 'rm -f "$policy"' EXIT INT TERM
fi
mkdir -p .kubeorch/logs
log=.kubeorch/logs/apt.log
export DEBIAN_FRONTEND=noninteractive
started=$(date +%s)
# shellcheck disable=SC2086
if { apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
    echo "      installed$missing in $(($(date +%s) - started)) s"
else
    tail -n 5 "$log" >&2
    echo "      apt-get failed (log: $log); $without"
fi
