"""SSH public keys of staff: what is taken, whose it is, who is told of it, and what happens to a private key."""

import base64
import json
import struct
import subprocess
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_ssh_private_key
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.errors import InvalidInput
from sekisho.people.jobs import leavers
from sekisho.people.models import Passkey, SshKey, Staff, User
from sekisho.people.queries.service_clients import grantable_actions
from sekisho.people.rules.ssh_keys import (
    SshCertificate,
    SshKeyUnreadable,
    SshKeyWeak,
    SshPrivateKey,
    holds_private_key,
    leaked_fingerprint,
    proven_fingerprint,
    read_public_key,
)
from sekisho.people.services.ssh_keys import MOST_KEYS
from sekisho.register.models import Event

OWN = "/my/sign-in/ssh-keys/"
API = "/api/v1/people/keys"
KINDS = {"ed25519": 256, "ecdsa -b 256": 256, "ecdsa -b 384": 384, "ecdsa -b 521": 521}
Keys = dict[str, Path]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Pairs of keys by ssh-keygen itself; each path is that of the private half."""
    folder = tmp_path_factory.mktemp("keys")
    made = {name: folder / name.replace(" ", "") for name in (*KINDS, "other", "sealed", "rsa -b 2048", "authority")}
    for name, path in made.items():
        kind = name if name.split()[0] in {"ed25519", "ecdsa", "rsa"} else "ed25519"
        passphrase = "himitsu" if name == "sealed" else ""
        _keygen("-t", *kind.split(), "-N", passphrase, "-C", "花子 my private key", "-f", str(path))
    _keygen("-s", str(made["authority"]), "-I", "hanako", "-n", "hanako", str(made["other"]) + ".pub")
    return made


def _keygen(*words: str) -> str:
    return subprocess.run(["ssh-keygen", "-q", *words], check=True, capture_output=True, text=True).stdout


def public(path: Path) -> str:
    return Path(f"{path}.pub").read_text()


def shown(path: Path) -> str:
    """Return the fingerprint as ssh-keygen shows it."""
    return _keygen("-l", "-f", f"{path}.pub").split()[1]


def _strings(*parts: bytes) -> bytes:
    return b"".join(struct.pack(">I", len(part)) + part for part in parts)


def hardware(kind: str, point: bytes, application: bytes = b"ssh:") -> str:
    """Return a key as a security key makes it (PROTOCOL.u2f), which ssh-keygen cannot do without one."""
    curve = (b"nistp256",) if "ecdsa" in kind else ()
    return f"{kind} {base64.b64encode(_strings(kind.encode(), *curve, point, application)).decode()} blue"


def _point(line: str) -> bytes:
    """Return the last string of a blob: the point of an ed25519 or ecdsa key."""
    rest, last = base64.b64decode(line.split()[1]), b""
    while rest:
        (length,) = struct.unpack(">I", rest[:4])
        last, rest = rest[4 : 4 + length], rest[4 + length :]
    return last


def test_keys_of_ssh_keygen_are_read_as_it_shows_them(keys: Keys, tmp_path: Path) -> None:
    """Kind, bits and fingerprint; comment and options are left behind; those of security keys are told apart."""
    for name, bits in KINDS.items():
        line = public(keys[name])
        found = read_public_key(line)
        assert (found.bits, found.fingerprint) == (bits, shown(keys[name]))
        assert found.line == " ".join(line.split()[:2]), "without its comment"
        assert not found.is_in_hardware
        for options in ("no-pty", 'from="10.0.0.1,10.0.0.2",command="echo \\"ssh-rsa AAAA\\" x",restrict'):
            assert read_public_key(f"  {options} {line}") == found
    made = {
        "sk-ssh-ed25519@openssh.com": _point(public(keys["ed25519"])),
        "sk-ecdsa-sha2-nistp256@openssh.com": _point(public(keys["ecdsa -b 256"])),
    }
    for kind, point in made.items():
        (tmp_path / "sk.pub").write_text(hardware(kind, point))
        found = read_public_key(hardware(kind, point))
        assert (found.kind, found.is_in_hardware) == (kind, True)
        assert found.fingerprint == shown(tmp_path / "sk")
        with pytest.raises(SshKeyUnreadable):
            read_public_key(hardware(kind, point, b"https://example.org"))


def test_what_is_no_key_or_too_weak_is_refused(keys: Keys) -> None:
    line = public(keys["ed25519"])
    kind, encoded, _comment = line.split(maxsplit=2)
    blob = base64.b64decode(encoded)
    other = public(keys["other"])
    for wrong in (
        "",
        "ssh-ed25519",
        kind + " AAAA",
        f"{kind} {base64.b64encode(blob + b'x').decode()}",
        f"{kind} {encoded[:-6]}",
        f"ssh-rsa {encoded}",
        line + other,
        f"ssh-foo {encoded}",
        f'command="never ended {line}',
        "---- BEGIN SSH2 PUBLIC KEY ----\n" + encoded,
        "ssh-ed25519 " + "A" * 30_000,
    ):
        with pytest.raises(SshKeyUnreadable):
            read_public_key(wrong)
    weak = [public(keys["rsa -b 2048"]), "ssh-dss AAAAB3NzaC1kc3MAAACB"]
    for text in weak:
        with pytest.raises(SshKeyWeak):
            read_public_key(text)
    for text in (
        Path(f"{keys['other']}-cert.pub").read_text(),
        f"cert-authority {line}",
        f"no-pty,CERT-AUTHORITY {line}",
    ):
        with pytest.raises(SshCertificate):
            read_public_key(text)


def test_one_key_has_one_spelling() -> None:
    """A number with a needless zero before it would be the same key under another fingerprint."""
    exponent = b"\x01\x00\x01"
    modulus = b"\x00\xc1" + b"\x5b" * 383
    plain = base64.b64encode(_strings(b"ssh-rsa", exponent, modulus)).decode()
    padded = base64.b64encode(_strings(b"ssh-rsa", b"\x00" + exponent, modulus)).decode()
    assert read_public_key(f"ssh-rsa {plain}").bits == 3072
    small = base64.b64encode(_strings(b"ssh-rsa", b"\x03", modulus)).decode()
    for encoded, error in ((padded, SshKeyUnreadable), (small, SshKeyWeak)):
        with pytest.raises(error):
            read_public_key(f"ssh-rsa {encoded}")


@given(st.text() | st.builds("ssh-ed25519 {}".format, st.binary().map(lambda raw: base64.b64encode(raw).decode())))
def test_whatever_is_pasted_is_a_key_or_a_clear_refusal(text: str) -> None:
    with suppress(InvalidInput):
        assert read_public_key(text).fingerprint
    assert isinstance(leaked_fingerprint(text), str) and isinstance(proven_fingerprint(text), str)


def test_private_keys_are_known_in_every_form(keys: Keys, tmp_path: Path) -> None:
    """Also with a passphrase, without the first line, and of other programs; the words in a comment are none."""
    for name in ("ed25519", "sealed", "rsa -b 2048"):
        text = keys[name].read_text()
        assert holds_private_key(text)
        assert holds_private_key(text.split("\n", 1)[1])
        assert leaked_fingerprint(text) == shown(keys[name])
    for text in (
        "-----BEGIN RSA PRIVATE KEY-----\nMIIE",
        "PuTTY-User-Key-File-3: ssh-ed25519",
        "-----begin ENCRYPTED PRIVATE",
    ):
        with pytest.raises(SshPrivateKey):
            read_public_key(text)
    assert not holds_private_key(public(keys["ed25519"])), "its comment speaks of one"
    assert leaked_fingerprint("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA") == ""


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_the_way_of_a_key(
    keys: Keys, signed_in: Callable[..., Client], at_nine: clock.FixedClock, make_person: Callable[..., User]
) -> None:
    """Added after the second factor, one person's only, listed, handed to programs, gone with the employment."""
    hanako, taro, operator = (
        signed_in(Role.STAFF, login="hanako"),
        signed_in(Role.STAFF, login="taro"),
        signed_in(Role.SYSTEM_OPERATOR),
    )
    assert "There is no SSH key yet." in hanako.get(OWN).content.decode()
    added = hanako.post(OWN, {"name": "PC", "key": f"no-pty {public(keys['ed25519'])}"})
    assert added.status_code == 302
    fingerprint = shown(keys["ed25519"])
    page = hanako.get(OWN).content.decode()
    assert fingerprint in page
    assert "my private key" not in page
    twice = hanako.post(OWN, {"name": "PC", "key": public(keys["ed25519"])})
    foreign = taro.post(OWN, {"name": "PC", "key": public(keys["ed25519"])})
    assert (twice.status_code, foreign.status_code) == (409, 409)
    assert "belongs to somebody else" in foreign.content.decode()
    taro.post(OWN, {"name": "Blau", "key": hardware("sk-ssh-ed25519@openssh.com", _point(public(keys["other"])))})
    listed = operator.get("/people/keys/").content.decode()
    assert fingerprint in listed
    assert "held by a security key" in taro.get(OWN).content.decode()
    for ending in ("csv", "xlsx"):
        assert operator.get(f"/people/keys/export.{ending}").status_code == 200
    assert fingerprint in operator.get("/people/keys/export.csv").content.decode()
    found = operator.get(API).json()
    assert [(one["login"], one["in_hardware"]) for one in found["keys"]] == [("hanako", False), ("taro", True)]
    text = operator.get(API, {"login": "hanako", "form": "authorized_keys"})
    assert text["Content-Type"].startswith("text/plain")
    assert read_public_key(text.content.decode()).fingerprint == fingerprint
    assert operator.get(API, {"login": "nobody", "form": "authorized_keys"}).content == b""

    key = SshKey.objects.get(fingerprint=fingerprint)
    assert taro.post(f"{OWN}{key.pk}/remove/").status_code == 404
    at_nine.moment = at_nine.moment.replace(minute=50)
    assert "proof" in hanako.post(f"{OWN}{key.pk}/remove/")["Location"], "the second factor is shown anew"
    assert "proof" in hanako.post(OWN, {"name": "x", "key": public(keys["other"])})["Location"]
    Staff.objects.filter(accounts__login="hanako").update(employed_until=date(2026, 11, 20))
    assert operator.get(API, {"login": "hanako", "form": "authorized_keys"}).content == b"", "from the next day on"
    leavers.run()
    key.refresh_from_db()
    assert (key.end, key.ended_at) == ("left", clock.now())
    again = signed_in(Role.STAFF, login="jiro").post(OWN, {"name": "PC", "key": public(keys["ed25519"])})
    assert again.status_code == 409, "it stays known as that person's"
    actions = list(Event.objects.filter(action__contains="ssh_key").order_by("pk").values_list("action", flat=True))
    assert actions == ["ssh_key.add", "ssh_key.add", "ssh_key.end_leaver"]


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_a_private_key_that_is_pasted_counts_as_leaked(
    keys: Keys, signed_in: Callable[..., Client], at_nine: clock.FixedClock
) -> None:
    """It is refused, told, recorded, never shown again, and its public half ends and does not come back."""
    client, other = signed_in(Role.STAFF, login="hanako"), signed_in(Role.STAFF, login="taro")
    client.post(OWN, {"name": "PC", "key": public(keys["sealed"])})
    secret = keys["sealed"].read_text()
    at_nine.moment = at_nine.moment.replace(minute=50)  # it is told without a second factor too
    answer = client.post(OWN, {"name": "PC", "key": secret})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "counts as leaked" in page
    assert secret.split("\n")[1] not in page
    key = SshKey.objects.get()
    assert (key.end, key.fingerprint) == ("leaked", shown(keys["sealed"]))
    event = Event.objects.filter(outcome="denied").get()
    assert (event.action, json.loads(event.entry)["details"]["fault"]) == ("ssh_key.add", "private_key")
    assert secret.split("\n")[1] not in event.entry
    at_nine.moment = at_nine.moment.replace(minute=30)
    for one in (client, other):
        refused = one.post(OWN, {"name": "PC", "key": public(keys["sealed"])})
        assert "counts as leaked" in refused.content.decode()
    at_nine.moment = at_nine.moment.replace(minute=31)
    client.post(OWN, {"name": "PC", "key": keys["other"].read_text()})
    assert client.post(OWN, {"name": "PC", "key": public(keys["other"])}).status_code == 422, "also one never listed"
    unreadable = client.post(OWN, {"name": "PC", "key": "half of a secret"})
    assert "half of a secret" not in unreadable.content.decode()


def written(key: Ed25519PrivateKey) -> str:
    """Return a private key as ssh-keygen writes it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def forged(line: str) -> str:
    """Return a private key that everywhere names the public half ``line``, although the private half is another."""
    key = Ed25519PrivateKey.generate()
    raw = base64.b64decode("".join(written(key).split("\n")[1:-2]))
    raw = raw.replace(key.public_key().public_bytes_raw(), _point(line))
    return f"-----BEGIN OPENSSH PRIVATE KEY-----\n{base64.encodebytes(raw).decode()}-----END OPENSSH PRIVATE KEY-----\n"


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_only_a_real_private_key_ends_what_others_have(
    keys: Keys, signed_in: Callable[..., Client], at_nine: clock.FixedClock
) -> None:
    """Whoever hands it over, it ends for who has it; one that only names a key bars nobody; no rows without end."""
    finder, owner = signed_in(Role.STAFF, login="taro"), signed_in(Role.STAFF, login="hanako")
    for name in ("ed25519", "ecdsa -b 256", "sealed"):
        assert owner.post(OWN, {"name": name, "key": public(keys[name])}).status_code == 302
    false = forged(public(keys["other"]))
    assert leaked_fingerprint(false) == shown(keys["other"])
    assert proven_fingerprint(false) not in {"", shown(keys["other"])}
    pem = keys["ecdsa -b 256"].read_text()
    assert proven_fingerprint(pem) == shown(keys["ecdsa -b 256"])
    assert proven_fingerprint(as_pem(pem)) == shown(keys["ecdsa -b 256"])
    for text in (keys["ed25519"].read_text(), as_pem(pem), keys["sealed"].read_text(), false):
        assert finder.post(OWN, {"name": "x", "key": text}).status_code == 422
    in_use = [key.name for key in SshKey.objects.filter(ended_at=None)]
    assert in_use == ["sealed"], "its private half lies under a passphrase: nobody proved anything"
    assert owner.post(OWN, {"name": "PC", "key": public(keys["other"])}).status_code == 302, "only named, never shown"
    entries = [json.loads(event.entry) for event in Event.objects.filter(outcome="denied").order_by("pk")]
    hers = [entry for entry in entries if "ssh_key" in entry["details"]]
    ended = {entry["details"]["fingerprint"] for entry in hers}
    assert ended == {shown(keys[name]) for name in ("ed25519", "ecdsa -b 256")}
    assert len(entries) == len(hers) + 4
    for _number in range(MOST_KEYS + 2):
        finder.post(OWN, {"name": "x", "key": written(Ed25519PrivateKey.generate())})
    assert SshKey.objects.filter(staff__accounts__login="taro").count() == MOST_KEYS


def as_pem(text: str) -> str:
    """Return an OpenSSH private key as OpenSSL writes it."""
    key = load_ssh_private_key(text.encode(), None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@pytest.mark.django_db
def test_a_program_asks_for_keys_with_its_own_scope() -> None:
    assert "staff_keys.fetch" in [str(action) for action in grantable_actions()["people"]]


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_the_list_says_what_it_cannot_see(signed_in: Callable[..., Client], at_nine: clock.FixedClock) -> None:
    """Synced passkeys, held ones, and files of which copies cannot be seen."""
    client = signed_in(Role.SYSTEM_OPERATOR)
    user: Any = client.user  # type: ignore[attr-defined]
    for number, (eligible, state) in enumerate([(False, False), (True, True), (True, False)]):
        Passkey.objects.create(
            user=user, name=f"k{number}", credential_id=str(number), public_key=b"", aaguid=UUID(int=number),
            attestation_format="none", sign_count=0, backup_eligible=eligible, backup_state=state,
            created_at=clock.now(),
        )  # fmt: skip
    page = client.get("/people/keys/").content.decode()
    for words in ("one device", "copied between devices", "can be copied between devices"):
        assert words in page
