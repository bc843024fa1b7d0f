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

second/install.sh --python /usr/bin/python3
says "second $(sekisho version | head -1) $(state ActiveState)"
code=0
third/install.sh --python /usr/bin/python3 || code=$?
says "third $code $(sekisho version | head -1) $(state ActiveState) $(sekisho doctor --json | grep -c '"bad"' || true)"
says "way back $(sekisho register status --json | tr ',' '\n' | grep -c '"fault": null')"

systemctl stop sekisho
says "stopped $(state Result) $(state ExecMainStatus)"
second/uninstall.sh
says "left $(ls /var/lib/sekisho | tr '\n' ' ') $(ls /etc/sekisho) $(ls /opt/sekisho 2>&1 | grep -c 'No such')"
