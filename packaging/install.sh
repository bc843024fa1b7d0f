#!/bin/sh
# Installs Sekisho from the unpacked bundle beside this file, or updates it; needs no network.
# What it does is in docs/ja/install.md. Nothing of an older version is removed before the new one is complete.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
opt=/opt/sekisho
etc=/etc/sekisho
home=/var/lib/sekisho
user=sekisho
host=
key=
start=yes
dump=no
python=python3

say() { printf '%s\n' "$*"; }
fail() {
    printf 'install.sh: %s\n' "$1" >&2
    [ -z "${2-}" ] || printf '  → %s\n' "$2" >&2
    exit "${3-1}"
}
usage() {
    cat <<'TEXT'
install.sh [--host NAME] [--key FILE] [--python PROGRAM] [--no-start] [--dump-taken]
  --host NAME       the name under which people open Sekisho (first installation only; later: /etc/sekisho/sekisho.env)
  --key FILE        public Ed25519 key (PEM) with which the checksums of this bundle must be signed
  --python PROGRAM  Python 3.11 or newer, of the version that the bundle was made for (default: python3)
  --no-start        installs, and does not start the service
  --dump-taken      with PostgreSQL: you have a dump of the database from now, to put back if the update fails
TEXT
}

while [ $# -gt 0 ]; do
    case $1 in
        --host | --key | --python) [ $# -gt 1 ] || fail "$1 needs a value" '' 64 ;;
    esac
    case $1 in
        --host) host=$2 && shift ;;
        --key) key=$2 && shift ;;
        --python) python=$2 && shift ;;
        --no-start) start=no ;;
        --dump-taken) dump=yes ;;
        --help) usage && exit 0 ;;
        *) usage >&2 && fail "unknown: $1" '' 64 ;;
    esac
    shift
done

# It goes into a file of settings that two programs read, each in its own way.
case $host in
    *[!A-Za-z0-9.:-]*) fail "no host name: $host" 'Letters, digits, dots and hyphens, such as sekisho.clinic.example' 64 ;;
esac

check_bundle() {
    if [ -n "$key" ]; then
        openssl pkeyutl -verify -rawin -pubin -inkey "$key" -in "$here/SHA256SUMS" -sigfile "$here/SHA256SUMS.sig" \
            >/dev/null 2>&1 || fail 'the checksums are not signed with this key' 'Get the bundle again from where it came.' 65
    fi
    (cd "$here" && sha256sum --check --quiet --strict SHA256SUMS) \
        || fail 'the bundle is damaged, or was altered' 'Get the bundle again from where it came.' 65
    # Whatever lies in the folder and is not in the list was not in the bundle.
    listed=$(wc -l <"$here/SHA256SUMS")
    there=$(find "$here" -type f ! -name 'SHA256SUMS*' | wc -l)
    [ "$listed" -eq "$there" ] || fail 'there are files beside the bundle that are not part of it' 'Unpack it into an empty folder.' 65
    [ -n "$key" ] || say 'The bundle is whole. Who made it was not checked: give the public key with --key.'
}

check_computer() {
    [ "$(id -u)" -eq 0 ] || fail 'this must run as root' 'sudo ./install.sh' 77
    found=$("$python" -c 'import platform, sys; print("cp%d%d-linux-%s" % (*sys.version_info[:2], platform.machine()))') \
        || fail "there is no $python" 'Install Python 3.11 or newer, or name it with --python.' 69
    [ "$found" = "$(cat "$here/KIND")" ] \
        || fail "this bundle is for $(cat "$here/KIND"), this computer has $found" 'Take the bundle for it, or name another Python with --python.' 69
    "$python" -c 'import ensurepip, venv' 2>/dev/null \
        || fail 'Python lacks the module venv' 'On Debian and Ubuntu: apt install python3-venv' 69
    if [ "$dump" = no ] && [ -e "$opt/current" ] && grep -q '^SEKISHO_DATABASE_URL=.' "$etc/sekisho.env" 2>/dev/null; then
        fail 'the database is on a PostgreSQL server: its way back is a dump' 'Take one with pg_dump, then give --dump-taken.' 69
    fi
    free=$(df -Pk /opt 2>/dev/null | awk 'NR == 2 { print $4 }')
    [ "${free:-0}" -gt 1500000 ] || fail 'less than 1.5 GB are free below /opt' 'Make room there.' 74
}

make_user() {
    if ! getent passwd "$user" >/dev/null; then
        useradd --system --user-group --home-dir "$home" --no-create-home --shell /usr/sbin/nologin "$user"
    fi
    runuser -u "$user" -- "$python" -c '' 2>/dev/null \
        || fail "the user $user may not run $python" 'Name a Python that everybody may run with --python, such as /usr/bin/python3.' 69
    install -d -m 755 "$opt" "$opt/versions"
    install -d -m 750 -o root -g "$user" "$etc"
    install -d -m 700 -o "$user" -g "$user" "$home"
}

make_settings() {
    [ -e "$etc/sekisho.env" ] && return
    umask 027
    {
        say "# Settings of Sekisho; docs/ja/settings.md tells what there is. After a change: systemctl restart sekisho"
        say "SEKISHO_HOME=$home"
        say "SEKISHO_HOST=${host:-localhost}"
        [ -z "$host" ] && say 'SEKISHO_LISTEN=local' || say 'SEKISHO_LISTEN=all'
    } >"$etc/sekisho.env.new"
    chgrp "$user" "$etc/sekisho.env.new"
    chmod 640 "$etc/sekisho.env.new"
    mv "$etc/sekisho.env.new" "$etc/sekisho.env"
    umask 022
}

make_program() {
    rm -rf "$place.new"
    "$python" -m venv "$place.new"
    pip="$place.new/bin/python -m pip --disable-pip-version-check --quiet --no-cache-dir install --no-index"
    # Nothing but the bundle is asked, whatever pip is set up for on this computer.
    (
        cd "$here"
        export PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS=wheels
        $pip --require-hashes --only-binary :all: -r requirements.txt
        $pip --no-deps wheels/sekisho-*.whl
    )
    # The programs in a venv name its folder: they are written anew for the place where it will lie.
    find "$place.new/bin" -type f -exec grep -lI "$place.new" {} + | xargs -r sed -i "s|$place\.new|$place|g"
    sed -i "s|$place\.new|$place|g" "$place.new/pyvenv.cfg"
    "$place.new/bin/python" -m compileall -q "$place.new/lib" >/dev/null || true
}

# Until here the version that runs was not touched. From here on it stands still, for some seconds.
change_over() {
    before=$(readlink "$opt/current" 2>/dev/null || true)
    if runs_here; then systemctl stop sekisho 2>/dev/null || true; fi
    rm -rf "$place.old"
    if [ -e "$place" ]; then
        mv "$place" "$place.old"
        [ "$before" != "$place" ] || before=$place.old
    fi
    mv "$place.new" "$place"
    keep_database
    point_to "$place"
}

point_to() {
    ln -sfn "$1" "$opt/current.new"
    mv -T "$opt/current.new" "$opt/current"
}

# The database as it was, beside it. The log of the register only grows, and brings an older database up by itself.
keep_database() {
    rm -rf "$home/before-update"
    [ -e "$home/sekisho.sqlite3" ] || return 0
    install -d -m 700 -o "$user" -g "$user" "$home/before-update"
    for file in "$home"/sekisho.sqlite3 "$home"/sekisho.sqlite3-wal; do
        [ ! -e "$file" ] || cp -a "$file" "$home/before-update/"
    done
    sync -f "$home/before-update"
}

way_back() {
    systemctl stop sekisho 2>/dev/null || true
    [ -n "$before" ] && [ -e "$before" ] || fail 'Sekisho did not come up' 'See: journalctl -u sekisho; sekisho doctor' 75
    mv "$place" "$place.failed"
    if [ "$before" = "$place.old" ]; then
        mv "$place.old" "$place"
        before=$place
    fi
    if [ -e "$home/before-update/sekisho.sqlite3" ]; then
        rm -f "$home"/sekisho.sqlite3 "$home"/sekisho.sqlite3-wal "$home"/sekisho.sqlite3-shm
        cp -a "$home"/before-update/sekisho.sqlite3* "$home/"
    fi
    point_to "$before"
    systemctl restart sekisho
    wait_for_it || fail 'neither the new version nor the one before comes up' 'See: journalctl -u sekisho; sekisho doctor' 75
    fail "the new version did not come up; ${before##*/} runs again, with the data of before" \
        "Tell whoever gave you the bundle what “journalctl -u sekisho” says. The failed version is in $place.failed." 70
}

runs_here() { [ -d /run/systemd/system ]; }

wait_for_it() {
    until_when=$(($(date +%s) + 60))
    until sekisho doctor --json 2>/dev/null | "$opt/current/bin/python" -c '
import json, sys
rows = {row["name"]: row["state"] for row in json.load(sys.stdin)}
sys.exit("bad" in rows.values() or rows["running"] != "ok")' 2>/dev/null; do
        [ "$(date +%s)" -lt "$until_when" ] || return 1
        sleep 1
    done
}

make_command() {
    install -d /usr/local/bin
    cat >/usr/local/bin/sekisho.new <<'TEXT'
#!/bin/sh
# Runs the installed Sekisho with its settings, as its own user.
set -eu
if [ "$(id -u)" -eq 0 ]; then exec runuser -u sekisho -- "$0" "$@"; fi
set -a
. /etc/sekisho/sekisho.env
set +a
exec /opt/sekisho/current/bin/sekisho "$@"
TEXT
    chmod 755 /usr/local/bin/sekisho.new
    mv /usr/local/bin/sekisho.new /usr/local/bin/sekisho
    install -m 755 "$here/uninstall.sh" "$opt/uninstall.sh"
}

make_service() {
    install -d /etc/systemd/system
    install -m 644 "$here/sekisho.service" /etc/systemd/system/sekisho.service
    if ! runs_here; then
        say 'systemd does not run here: start it with “sekisho up”.'
        return
    fi
    systemctl daemon-reload
    systemctl enable --quiet sekisho
    [ "$start" = yes ] || return 0
    systemctl restart sekisho || true
    wait_for_it || way_back
    rm -rf "$place.old"
    sekisho doctor
}

check_bundle
check_computer
version=$(cat "$here/VERSION")
place=$opt/versions/$version
make_user
make_settings
make_program
make_command
change_over
make_service
say "Sekisho $version is installed. The first administrator's link: sekisho people first-link"
