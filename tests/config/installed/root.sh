#!/bin/sh
# In fresh namespaces: makes a root of its own over the real one, which is only read, and lets systemd run in it.
# $1: a folder that is the same inside; its trial.sh is run, what that says lies in its trial.log.
set -eu
shared=$1
mount --make-rprivate /
over=$(mktemp -d)
mount -t tmpfs -o size=8g tmpfs "$over"
mkdir "$over/upper" "$over/work" "$over/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$over/upper,workdir=$over/work" "$over/root"
mount --rbind /dev "$over/root/dev"
mkdir -p "$over/root$shared"
mount --bind "$shared" "$over/root$shared"
cd "$over/root"
mkdir .old
pivot_root . .old
cd /
mount -t proc proc /proc
umount -l /.old
mount -t sysfs sysfs /sys 2>/dev/null || true
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd /run/log
if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then
    mountpoint -q /sys/fs/cgroup || mount -t tmpfs tmpfs /sys/fs/cgroup
    for kind in systemd memory pids; do
        mkdir -p "/sys/fs/cgroup/$kind"
        if [ "$kind" = systemd ]; then option=none,name=systemd; else option=$kind; fi
        mount -t cgroup -o "$option" cgroup "/sys/fs/cgroup/$kind" || true
    done
fi
ip link set lo up
cat >/etc/systemd/system/trial.service <<TEXT
[Unit]
DefaultDependencies=no
After=systemd-journald.socket
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
WorkingDirectory=$shared
ExecStart=/bin/sh -eux $shared/trial.sh
StandardOutput=file:$shared/trial.log
StandardError=inherit
TimeoutStartSec=1500
TEXT
cat >/etc/systemd/system/trial.target <<'TEXT'
[Unit]
Requires=trial.service systemd-journald.socket
DefaultDependencies=no
TEXT
export container=other
exec /lib/systemd/systemd --system --unit=trial.target --log-target=null --show-status=no
