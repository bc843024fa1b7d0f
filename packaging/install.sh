#!/bin/sh
# Installs Sekisho from the unpacked bundle beside this file; “sekisho update” runs it too. Needs no network.
# What it does is in docs/ja/install.md. Nothing of an older version is removed before the new one is complete.
set -eu
umask 022 # whoever runs this: the programs are there for the user sekisho to read
here=$(cd "$(dirname "$0")" && pwd)
opt=/opt/sekisho
etc=/etc/sekisho
home=/var/lib/sekisho
user=sekisho
host=
key=
start=yes
dump=no
backup=yes
checked=no
python=python3

say() { printf '%s\n' "$*"; }
fail() {
    printf 'install.sh: %s\n' "$1" >&2
    [ -z "${2-}" ] || printf '  → %s\n' "$2" >&2
    exit "${3-1}"
}
usage() {
    cat <<'TEXT'
install.sh [--host NAME] [--key FILE] [--python PROGRAM] [--no-start] [--no-backup] [--dump-taken]
  --host NAME       the name under which people open Sekisho (first installation only; later: /etc/sekisho/sekisho.env)
  --key FILE        public Ed25519 key (PEM) with which the checksums of this bundle must be signed, kept for updates
  --python PROGRAM  Python 3.11 or newer, of the version that the bundle was made for (default: python3)
  --no-start        installs, and does not start the service
  --no-backup       updates although no backup can be made before
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
        --no-backup) backup=no ;;
        --checked) checked=yes ;; # “sekisho update” has checked everything with the kept key before it ran this
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
    [ "$checked" = no ] || return 0
    if [ -e "$etc/release.pub" ]; then
        [ -z "$key" ] || cmp -s "$key" "$etc/release.pub" \
            || fail 'this is not the key that was given at the installation' "If the key was changed: replace $etc/release.pub first." 65
        key=$etc/release.pub
    fi
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
    refuse_older
    if ! runs_here && [ -e "$home/run/up.lock" ] && ! flock --nonblock "$home/run/up.lock" true; then
        fail 'Sekisho is running, and no systemd is here to stop it' 'Stop it first.' 75
    fi
    free=$(df -Pk /opt 2>/dev/null | awk 'NR == 2 { print $4 }')
    [ "${free:-0}" -gt 1500000 ] || fail 'less than 1.5 GB are free below /opt' 'Make room there.' 74
}

# What an older version has never heard of it cannot read; it would only stand still for nothing.
refuse_older() {
    [ -e "$opt/current/VERSION" ] || return 0
    "$python" -c '
import re, sys
ours, theirs = (tuple(map(int, re.match(r"\d+(\.\d+)*", text)[0].split("."))) for text in sys.argv[1:])
sys.exit(theirs < ours)' "$(cat "$opt/current/VERSION")" "$version" \
        || fail "this bundle holds $version, older than the installed $(cat "$opt/current/VERSION")" \
            'To go back, restore a backup from before the update with the version that made it.' 65
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

# Kept once, at the first installation with a key: from then on nothing else is taken.
keep_key() {
    if [ -n "$key" ] && [ ! -e "$etc/release.pub" ]; then install -m 644 "$key" "$etc/release.pub"; fi
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
    cp "$here/sekisho.service" "$here/uninstall.sh" "$here/VERSION" "$place.new/"
    rm -rf "$place"
    mv "$place.new" "$place"
}

# While the old version still works: a generation that can be restored on any computer.
make_backup() {
    [ -n "$before" ] && [ -e "$home/keys" ] && [ "$backup" = yes ] || return 0
    say 'A backup first …'
    sekisho backup create || {
        rm -rf "$place"
        fail 'no backup could be made, so nothing was changed' \
            'Mend that (docs/ja/backup.md), or give --no-backup if you can do without.' 75
    }
}

# The copy of the database has to fit beside it.
check_room() {
    [ -e "$home/sekisho.sqlite3" ] || return 0
    needed=$(du -ck "$home"/sekisho.sqlite3 "$home"/sekisho.sqlite3-wal 2>/dev/null | awk 'END { print $1 }')
    free=$(df -Pk "$home" | awk 'NR == 2 { print $4 }')
    [ "$free" -gt $((needed + 200000)) ] || {
        rm -rf "$place"
        fail "there is no room in $home for a copy of the database" 'Make room there. Nothing was changed.' 74
    }
}

# Until here the version that runs was not touched. From here on it stands still, for some seconds.
change_over() {
    stopped=$(date +%s)
    if [ -n "$before" ]; then
        printf '%s\n' "$before" "$place" >"$opt/updating.new"
        sync -f "$opt/updating.new"
        mv "$opt/updating.new" "$opt/updating"
        # Whatever fails between stopping and the new version's start starts the old one again.
        trap 'way_back' EXIT
    fi
    if runs_here; then systemctl stop sekisho 2>/dev/null || true; fi
    keep_database
    point_to "$place"
    trap - EXIT
}

point_to() {
    ln -sfn "$1" "$opt/current.new"
    mv -T "$opt/current.new" "$opt/current"
    sync -f "$opt"
}

# The database as it was, beside it. The log of the register only grows, and brings an older database up by itself.
keep_database() {
    rm -rf "$home/before-update" "$home/before-update.new"
    [ -e "$home/sekisho.sqlite3" ] || return 0
    install -d -m 700 -o "$user" -g "$user" "$home/before-update.new"
    for file in "$home"/sekisho.sqlite3 "$home"/sekisho.sqlite3-wal "$home"/version; do
        [ ! -e "$file" ] || cp -a --reflink=auto "$file" "$home/before-update.new/"
    done
    sync -f "$home/before-update.new"
    mv "$home/before-update.new" "$home/before-update"
}

# Every step may be taken again: whoever was interrupted here begins again with the same copy.
way_back() {
    trap - EXIT
    if runs_here; then systemctl stop sekisho 2>/dev/null || true; fi
    [ -n "$before" ] && [ -e "$before" ] || fail 'Sekisho did not come up' 'See: journalctl -u sekisho; sekisho doctor' 75
    if [ "$(readlink "$opt/current")" = "$place" ]; then
        put_database_back
        point_to "$before"
        printf '%s\n' "$(cat "$place/VERSION")" >"$home/went-back"
        chown "$user:$user" "$home/went-back"
    fi
    rm -rf "$place.failed"
    [ ! -e "$place" ] || mv "$place" "$place.failed"
    rm -f "$opt/updating"
    make_command
    if runs_here; then
        install_unit
        systemctl restart sekisho || true
        wait_for_it || fail 'neither the new version nor the one before comes up' 'See: journalctl -u sekisho; sekisho doctor' 75
    fi
    say_how_long
    [ "${1-}" != resumed ] || return 0
    fail "the new version did not come up; $(cat "$before/VERSION") runs again, with the data of before" \
        "Tell whoever gave you the bundle what “journalctl -u sekisho” says. The failed version is in $place.failed." 70
}

put_database_back() {
    [ -e "$home/before-update/sekisho.sqlite3" ] || return 0
    rm -rf "$home/before-update.new"
    cp -a --reflink=auto "$home/before-update" "$home/before-update.new"
    sync -f "$home/before-update.new"
    rm -f "$home"/sekisho.sqlite3-wal "$home"/sekisho.sqlite3-shm "$home/version"
    mv "$home"/before-update.new/* "$home/"
    rmdir "$home/before-update.new"
    sync -f "$home"
}

# A power cut in the middle of an update: what was begun is ended before anything else, one way or the other.
end_interrupted() {
    [ -e "$opt/updating" ] || return 0
    say 'An update was interrupted here.'
    before=$(sed -n 1p "$opt/updating")
    place=$(sed -n 2p "$opt/updating")
    stopped=$(date +%s)
    if runs_here && [ "$(readlink "$opt/current")" = "$place" ] && systemctl --quiet is-active sekisho && wait_for_it; then
        rm -f "$opt/updating"
        say "It is complete: $(cat "$place/VERSION") runs."
    else
        way_back resumed
        say "It was taken back: $(cat "$before/VERSION") runs."
    fi
}

say_how_long() { say "Sekisho stood still for $(($(date +%s) - stopped)) seconds."; }

runs_here() { [ -d /run/systemd/system ]; }

wait_for_it() {
    until_when=$(($(date +%s) + 60))
    until sekisho doctor --json 2>/dev/null | "$opt/current/bin/python" -c '
import json, sys
rows = {row["name"]: row["state"] for row in json.load(sys.stdin)}
sys.exit("bad" in rows.values() or rows["running"] != "ok" or rows.get("door", "ok") != "ok")' 2>/dev/null; do
        [ "$(date +%s)" -lt "$until_when" ] || return 1
        if systemctl --quiet is-failed sekisho; then return 1; fi # it gave up: nothing will change any more
        sleep 1
    done
}

make_command() {
    install -d /usr/local/bin
    cat >/usr/local/bin/sekisho.new <<'TEXT'
#!/bin/sh
# Runs the installed Sekisho with its settings, as its own user.
set -eu
if [ "$(id -u)" -eq 0 ] && [ "${1-}" = update ]; then exec /opt/sekisho/current/bin/sekisho "$@"; fi
if [ "$(id -u)" -eq 0 ]; then exec runuser -u sekisho -- "$0" "$@"; fi
set -a
. /etc/sekisho/sekisho.env
set +a
exec /opt/sekisho/current/bin/sekisho "$@"
TEXT
    chmod 755 /usr/local/bin/sekisho.new
    mv /usr/local/bin/sekisho.new /usr/local/bin/sekisho
    install -m 755 "$opt/current/uninstall.sh" "$opt/uninstall.sh"
}

install_unit() {
    install -d /etc/systemd/system
    install -m 644 "$opt/current/sekisho.service" /etc/systemd/system/sekisho.service
    if runs_here; then systemctl daemon-reload; fi
}

make_service() {
    install_unit
    if ! runs_here; then
        say 'systemd does not run here: start it with “sekisho up”.'
        return
    fi
    systemctl enable --quiet sekisho
    [ "$start" = yes ] || return 0
    systemctl restart sekisho || true
    wait_for_it || way_back
    [ -z "$before" ] || say_how_long
    sekisho doctor
}

# The version before stays, the ones before it go.
clear_up() {
    rm -f "$opt/updating"
    for old in "$opt"/versions/*; do
        case $old in "$place" | "$before" | *.failed) ;; *) rm -rf "$old" ;; esac
    done
}

check_bundle
version=$(cat "$here/VERSION")
check_computer
end_interrupted
before=$(readlink "$opt/current" 2>/dev/null || true)
place=$opt/versions/$version
[ "$before" != "$place" ] || place=$place-again # the same version anew: what runs is not touched
make_user
make_settings
keep_key
make_program
make_backup
check_room
change_over
make_command
make_service
clear_up
say "Sekisho $version is installed. The first administrator's link: sekisho people first-link"
