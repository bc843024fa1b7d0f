# A new machine: installed from the same bundle, restored with the key from the safe, and held against heads kept elsewhere.
says() { printf 'SAID %s\n' "$*"; }
python() { runuser -u sekisho -- env $(grep -v '^#' /etc/sekisho/sekisho.env) SEKISHO_LANGUAGE=en /opt/sekisho/current/bin/python -P "$@"; }
first/install.sh --python /usr/bin/python3 --no-start
cp ./*.py /srv
cp -r second safe /srv
chown -R sekisho /srv/second /srv/safe
generation=$(ls -d /srv/second/sekisho-* | tail -1)
code=0
sekisho backup restore "$generation" || code=$?
says "without the key $code, $(ls /var/lib/sekisho | wc -l) there"
sekisho backup restore "$generation" --key-file /srv/safe/key
systemctl restart sekisho
waited=0
while [ "$waited" -lt 60 ] && ! sekisho register status --json | grep -q '"waiting": 0'; do
    waited=$((waited + 1))
    sleep 1
done
sleep 3
says "restored $(systemctl show -P ActiveState sekisho) $(sekisho register status --json | grep -c '"fault": null')"
key=$(sekisho register status --json | sed 's/.*"key": "\([^"]*\)".*/\1/')
for head in old late; do
    code=0
    /opt/sekisho/current/bin/sekisho-verify --lang en /var/lib/sekisho/register --key "$key" --head "$head.head" || code=$?
    says "$head head $code"
done
python /srv/events.py >restored.json
