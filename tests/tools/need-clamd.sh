#!/bin/sh
# Sees to it that a ClamAV daemon is here: installed as root, asked for otherwise. Nothing of it is left running.
set -eu
PATH="$PATH:/usr/sbin:/usr/local/sbin"
if command -v clamd >/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing clamav-daemon (apt-get) ..."
    export DEBIAN_FRONTEND=noninteractive
    # Its service is not wanted here: the tests start a daemon of their own.
    policy=/usr/sbin/policy-rc.d
    made=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && made=1
    fi
    # A list that cannot be refreshed may still do.
    apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null || true
    apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends clamav-daemon >/dev/null || true
    if [ -n "$made" ]; then rm -f "$policy"; fi
    if command -v clamd >/dev/null; then
        exit 0
    fi
fi
echo "clamd is not here: tests of the scanner are left out, and fail under CI=true. Debian: apt-get install clamav-daemon." >&2
if [ "${CI:-}" = true ]; then exit 1; fi
