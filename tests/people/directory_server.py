"""A real OpenLDAP server on loopback with generated people, of whom the test knows what must be found."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.network.servers import LOOPBACK, ROOT, Identity, free_port, identity

DEBIAN = ROOT / ".venv/debian"
SLAPD = DEBIAN / "usr/sbin/slapd"
PASSWORD = "read only"
NAMES = ["高橋", "髙橋", "山崎", "山﨑", "佐藤", "鈴木", "渡邊", "齋藤", "田中", "伊藤"]
OPEN_BASE, AD_BASE = "ou=people,dc=open", "ou=people,dc=ad"
_CONFIG = """include {etc}/schema/core.schema
include {etc}/schema/cosine.schema
include {etc}/schema/nis.schema
include {etc}/schema/inetorgperson.schema
include {etc}/schema/msuser.schema
modulepath {modules}
moduleload back_mdb
moduleload ppolicy
pidfile {home}/slapd.pid
TLSCertificateFile {home}/server.crt
TLSCertificateKeyFile {home}/server.key
sizelimit unlimited
{databases}"""
_DATABASE = """
database mdb
suffix "dc={name}"
rootdn "cn=reader,dc={name}"
rootpw "{password}"
directory {home}/{name}
maxsize 1073741824
"""


@dataclass
class Generated:
    """People of a directory, as LDIF, and which of them are what."""

    ldif: list[str] = field(default_factory=list)
    staff: list[tuple[str, str, date | None]] = field(default_factory=list)
    expected: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in KINDS})


KINDS = ("leaver", "unused", "no_owner", "shared", "administrator", "expired", "disabled")


# Of a hundred people, these are not fine.
_KIND_AT = {
    3: "leaver", 4: "leaver", 17: "unused", 18: "unused", 41: "no_owner", 56: "administrator", 63: "expired",
    80: "disabled", 81: "disabled",
}  # fmt: skip


def slapd_environment() -> dict[str, str]:
    """Return the environment in which the unpacked programs find their libraries."""
    libraries = [DEBIAN / "usr/lib/x86_64-linux-gnu", DEBIAN / "usr/lib/aarch64-linux-gnu", DEBIAN / "usr/lib/ldap"]
    return {"LD_LIBRARY_PATH": ":".join(map(str, libraries)), "PATH": "/usr/bin:/bin"}


def slapd_runs() -> bool:
    """Tell whether the server is there and starts."""
    if not SLAPD.is_file():
        return False
    answer = subprocess.run([SLAPD, "-VV"], env=slapd_environment(), capture_output=True, check=False)
    return b"OpenLDAP" in answer.stderr + answer.stdout


def generate(number: int, today: date, *, active_directory: bool) -> Generated:
    """Return ``number`` people, some of whom left, sleep, share, rule, have run out or belong to nobody."""
    made = Generated()
    base = "dc=ad" if active_directory else "dc=open"
    made.ldif += [_root(base, active_directory), f"dn: ou=people,{base}\nobjectClass: organizationalUnit\nou: people\n"]
    rulers = []
    for index in range(number):
        kind = _KIND_AT.get(index * 37 % 100, "fine")
        login, staff_number = f"u{index:05}", f"{index:05}"
        name = f"{NAMES[index % len(NAMES)]} {index}号"
        if kind != "no_owner":
            made.staff.append((staff_number, name, today - timedelta(days=3) if kind == "leaver" else None))
        made.expected[kind].add(login) if kind != "fine" else None
        if kind == "administrator":
            rulers.append(login)
        given = "" if kind == "no_owner" else staff_number
        used = today - timedelta(days=200 if kind == "unused" else index % 30)
        write = _ad_person if active_directory else _open_person
        made.ldif.append(write(login, name, given, used, kind, today))
    made.expected["shared"].add("administrator")
    made.expected["administrator"].add("administrator")
    write = _ad_person if active_directory else _open_person
    made.ldif.append(write("administrator", "Administrator", "", today, "administrator", today))
    members = "".join(f"member: {_dn(login, active_directory)}\n" for login in [*rulers, "administrator"])
    made.ldif.append(f"dn: cn=admins,{base}\nobjectClass: groupOfNames\ncn: admins\n{members}")
    return made


def _root(base: str, active_directory: bool) -> str:
    name = "ad" if active_directory else "open"
    return f"dn: {base}\nobjectClass: domain\ndc: {name}\n"


def _dn(login: str, active_directory: bool) -> str:
    return f"cn={login},{AD_BASE}" if active_directory else f"uid={login},{OPEN_BASE}"


def _stamp(day: date) -> str:
    return f"{day:%Y%m%d}030000Z"


def _filetime(day: date) -> int:
    span = datetime(day.year, day.month, day.day, 3, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)
    return int(span.total_seconds()) * 10_000_000


def _open_person(login: str, name: str, number: str, used: date, kind: str, today: date) -> str:
    lines = [
        f"dn: {_dn(login, active_directory=False)}",
        "objectClass: inetOrgPerson",
        "objectClass: shadowAccount",
        f"uid: {login}",
        f"cn: {name}",
        f"sn: {name}",
        f"pwdLastSuccess: {_stamp(used)}",
    ]
    lines += [f"employeeNumber: {number}"] if number else []
    lines += [f"shadowExpire: {(today - date(1970, 1, 1)).days - 2}"] if kind == "expired" else []
    lines += ["pwdAccountLockedTime: 000001010000Z"] if kind == "disabled" else []
    return "\n".join(lines) + "\n"


def _ad_person(login: str, name: str, number: str, used: date, kind: str, today: date) -> str:
    expires = _filetime(today - timedelta(days=2)) if kind == "expired" else 2**63 - 1
    lines = [
        f"dn: {_dn(login, active_directory=True)}",
        "objectClass: user",
        "objectClass: extensibleObject",
        "instanceType: 4",
        "nTSecurityDescriptor: x",
        "objectCategory: cn=Person,cn=Schema",
        f"cn: {login}",
        f"sn: {login}",
        f"displayName: {name}",
        f"sAMAccountName: {login}",
        f"userAccountControl: {514 if kind == 'disabled' else 512}",
        f"lastLogonTimestamp: {_filetime(used)}",
        f"accountExpires: {expires}",
    ]
    lines += [f"employeeID: {number}"] if number else []
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Directory:
    """A running server."""

    ldaps: int
    ldap: int
    authority: Identity


@contextmanager
def directory(home: Path, people: Sequence[Generated]) -> Iterator[Directory]:
    """Fill and run a server with the databases ``dc=open`` and ``dc=ad``; it ends with the block."""
    authority = identity("Facility CA", authority=True)
    identity("localhost", issuer=authority).write(home, "server")
    databases = ""
    for name in ("open", "ad"):
        (home / name).mkdir()
        databases += _DATABASE.format(name=name, password=PASSWORD, home=home)
    config = home / "slapd.conf"
    text = _CONFIG.format(etc=DEBIAN / "etc/ldap", modules=DEBIAN / "usr/lib/ldap", home=home, databases=databases)
    config.write_text(text)
    for place, one in enumerate(people):
        path = home / f"{place}.ldif"
        path.write_text("\n".join(one.ldif))
        base = "dc=ad" if "dc=ad" in one.ldif[0] else "dc=open"
        _run([SLAPD, "-Tadd", "-q", "-f", str(config), "-b", base, "-l", str(path)])
    ports = free_port(), free_port()
    urls = f"ldap://{LOOPBACK}:{ports[0]}/ ldaps://{LOOPBACK}:{ports[1]}/"
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [SLAPD, "-d", "0", "-f", str(config), "-h", urls], env=slapd_environment(), stdout=log, stderr=log
        )
        try:
            _wait(ports[1], process)
            yield Directory(ports[1], ports[0], authority)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            if process.poll() is None:
                process.kill()
    shutil.rmtree(home / "ad", ignore_errors=True)


def _run(command: Sequence[object]) -> None:
    answer = subprocess.run([str(part) for part in command], env=slapd_environment(), capture_output=True, check=False)
    assert answer.returncode == 0, answer.stderr.decode("utf-8", "replace")[-2000:]


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _turn in range(100):
        assert process.poll() is None, "the server did not start"
        with suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("the server did not listen")
