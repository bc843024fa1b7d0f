# A server's life: installed, killed, updated, updated to a version that does not come up, uninstalled.
says() { printf 'SAID %s\n' "$*"; }
state() { systemctl show -P "$1" sekisho; }
ip route | grep -q . && says 'there is a route'

if first/install.sh --python /root/no-such-python; then says 'installed with no Python'; fi
first/install.sh --python /usr/bin/python3 --key key.pub
says "first $(sekisho version | head -1) $(state ActiveState)"
says "owner $(stat -c '%U %a' /var/lib/sekisho /var/lib/sekisho/keys /etc/sekisho/sekisho.env | tr '\n' ' ')"
says "exposure $(systemd-analyze security --no-pager sekisho.service | tail -1)"
says "in the journal: $(journalctl -u sekisho --no-pager | grep -c https://localhost:8443) address, $(journalctl -u sekisho --no-pager | grep -c /invitation/ || true) links"
says "link $(sekisho people first-link | grep -c /invitation/)"

main=$(state MainPID)
[ "$main" -gt 1 ] && kill -9 "$main"
sleep 6
waited=0
while [ "$waited" -lt 30 ] && sekisho doctor --json | grep -q '"bad"'; do
    waited=$((waited + 1))
    sleep 2
done
says "killed $(state NRestarts) $(state ActiveState) $(sekisho doctor --json | grep -c '"bad"' || true)"

runs() { printf '%s %s' "$(sekisho version | head -1)" "$(state ActiveState)"; }
update() {
    code=0
    sekisho update "$@" >update.said 2>&1 || code=$?
    cat update.said
}
says "pinned $(cmp key.pub /etc/sekisho/release.pub && echo 1)"
update 0.9.1.tar.gz
says "without a backup $code $(state ActiveState), changed nothing $(ls /opt/sekisho/versions | grep -cx 0.1.0)"
install -d -m 700 -o sekisho /srv/backup
install -m 600 -o sekisho /dev/null /etc/sekisho/backup.passphrase
echo 'harbour lantern seven copper meadow' >/etc/sekisho/backup.passphrase
echo 'SEKISHO_BACKUP_TARGETS=/srv/backup' >>/etc/sekisho/sekisho.env
echo 'SEKISHO_BACKUP_PASSPHRASE_FILE=/etc/sekisho/backup.passphrase' >>/etc/sekisho/sekisho.env
update forged.tar.gz
says "forged $code $(runs)"
update 0.9.1.tar.gz
says "second $code $(runs), stood still $(grep -c 'stood still for' update.said), backups $(ls /srv/backup | wc -l)"
grep 'stood still' update.said | sed 's/^/MEASURED /'
update 0.1.0.tar.gz
says "older $code $(runs)"
update 0.9.2.tar.gz
says "third $code $(runs) $(sekisho doctor --json | grep -c '"bad"' || true)"
grep 'stood still' update.said | sed 's/^/MEASURED way back, /'

# A power cut for the updater alone: the link points to what does not come up, and nobody is left to go back.
sekisho update 0.9.2.tar.gz >update.said 2>&1 &
waited=0
while [ "$(readlink /opt/sekisho/current)" != /opt/sekisho/versions/0.9.2 ] && [ "$waited" -lt 600 ]; do
    waited=$((waited + 1))
    sleep 0.2
done
for pid in $(pgrep -f /opt/sekisho/incoming/.*install.sh); do kill -9 "$pid"; done # a process space of its own
wait
update 0.9.2.tar.gz
says "killed in the middle, then $code $(runs) $(sekisho doctor --json | grep -c '"bad"' || true), resumed $(grep -c 'It was taken back' update.said)"
sleep 3
says "events $(/opt/sekisho/current/bin/python - <<'TEXT'
import json, sqlite3
rows = sqlite3.connect("/var/lib/sekisho/sekisho.sqlite3").execute("SELECT entry FROM register_event WHERE action='platform.update' ORDER BY source_seq")
found = [json.loads(bytes(row[0]) if isinstance(row[0], bytes) else row[0]) for row in rows]
print(", ".join(f"{one['details']['version_before']}>{one['details']['version_after']} {one['outcome'].upper()}" for one in found))
TEXT
)"
says "versions $(ls /opt/sekisho/versions | tr '\n' ' ' | sed 's/ $//')"
says "way back $(sekisho register status --json | tr ',' '\n' | grep -c '"fault": null')"

systemctl stop sekisho
says "stopped $(state Result) $(state ExecMainStatus)"
0.9.1/uninstall.sh
says "left $(ls /var/lib/sekisho | tr '\n' ' ') $(ls /etc/sekisho | tr '\n' ' ') $(ls /opt/sekisho 2>&1 | grep -c 'No such')"
