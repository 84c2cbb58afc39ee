#!/bin/sh
# Sees to it that node and npm are here: installed as root, asked for otherwise.
set -eu
if command -v node >/dev/null && command -v npm >/dev/null; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing nodejs npm (apt-get) ..."
    export DEBIAN_FRONTEND=noninteractive
    # A list that cannot be refreshed may still do.
    apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null || true
    if apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends nodejs npm >/dev/null; then
        exit 0
    fi
fi
echo "node and npm are needed for the pages' style sheet and script. Install them (Debian: apt-get install nodejs npm)." >&2
exit 1
