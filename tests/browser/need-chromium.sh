#!/bin/sh
# Sees to it that Chromium is here: installed as root, asked for otherwise.
set -eu
if [ -x "${CHROMIUM:-/usr/bin/chromium}" ]; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing chromium (apt-get) ..."
    export DEBIAN_FRONTEND=noninteractive
    # A list that cannot be refreshed may still do.
    apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null || true
    if apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends chromium >/dev/null; then
        exit 0
    fi
fi
echo "Chromium is needed for the tests of the pages. Install it (Debian: apt-get install chromium), or set CHROMIUM to its path." >&2
exit 1
