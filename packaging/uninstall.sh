#!/bin/sh
# Removes the programs of Sekisho. The data, the settings and the user stay: the records must be kept for years.
set -eu
[ "$(id -u)" -eq 0 ] || { echo 'uninstall.sh: this must run as root' >&2; exit 77; }
if [ -d /run/systemd/system ]; then systemctl disable --now --quiet sekisho 2>/dev/null || true; fi
rm -f /etc/systemd/system/sekisho.service /usr/local/bin/sekisho
[ ! -d /run/systemd/system ] || systemctl daemon-reload
rm -rf /opt/sekisho
echo 'The programs are gone. The data is still in /var/lib/sekisho, the settings in /etc/sekisho.'
echo 'Before you delete them, see in docs/ja/install.md how long records must be kept.'
