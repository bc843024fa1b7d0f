# The old machine: installed without any network, a first day, a backup to a second place, and work after it.
says() { printf 'SAID %s\n' "$*"; }
python() { runuser -u sekisho -- env $(grep -v '^#' /etc/sekisho/sekisho.env) SEKISHO_LANGUAGE=en /opt/sekisho/current/bin/python -P "$@"; }
ip route | grep -q . && says 'there is a route'
cp ./*.py /srv
first/install.sh --python /usr/bin/python3
install -d -m 700 -o sekisho /srv/second /srv/safe
sekisho backup key --out /srv/safe/key | sed -n '$p' >/etc/sekisho/backup.recipients
chmod 644 /etc/sekisho/backup.recipients
echo SEKISHO_BACKUP_TARGETS=/srv/second >>/etc/sekisho/sekisho.env
echo SEKISHO_BACKUP_RECIPIENTS_FILE=/etc/sekisho/backup.recipients >>/etc/sekisho/sekisho.env
python /srv/person.py 'correct horse battery staple' "$(printf '%040d' 7)"
python /srv/day.py 6
sleep 3
cp /var/lib/sekisho/register/checkpoint old.head
sekisho backup create
sekisho backup list
says "backups $(ls /srv/second | wc -l) $(systemctl show -P ActiveState sekisho)"
python /srv/day.py 4
sleep 3
cp /var/lib/sekisho/register/checkpoint late.head
python /srv/events.py >acknowledged.json
systemctl stop sekisho
cp -r /srv/second /srv/safe .
says "went on $(($(sed -n 2p late.head) > $(sed -n 2p old.head)))"
