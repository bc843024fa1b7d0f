"""A plain writer of logs for these tests: everything in memory, nothing clever, straight from the specifications."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "sekisho.example/register"
BEGUN = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
NAMES = ("佐藤 花子", "鈴木 一郎", "髙橋 健", "田中 美咲", "渡辺 直樹")


@dataclass(frozen=True)
class Signer:
    """A key with a name; kind 1 signs notes, kind 4 cosigns checkpoints."""

    name: str = ORIGIN
    seed: bytes = bytes(32)
    kind: int = 1

    @property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @property
    def public(self) -> bytes:
        return bytes([self.kind]) + self.private.public_key().public_bytes_raw()

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self.public).decode()}"

    def line(self, text: bytes, time: int = 1_763_683_200) -> bytes:
        """Return this key's signature line for a note."""
        if self.kind == 4:
            signed = f"cosignature/v1\ntime {time}\n".encode() + text
            value = time.to_bytes(8, "big") + self.private.sign(signed)
        else:
            value = self.private.sign(text)
        return f"— {self.name} {base64.b64encode(self.id + value).decode()}\n".encode()


def event(number: int, **changed: Any) -> dict[str, Any]:
    """Return one realistic event."""
    moment = (BEGUN + timedelta(milliseconds=37 * number)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    chance = hashlib.sha256(b"%d" % number).hexdigest()
    id_ = f"{int(BEGUN.timestamp() * 1000) + 37 * number:012x}"
    source = f"gate-{number % 2 + 1}"
    return {
        "id": f"{id_[:8]}-{id_[8:]}-7{chance[:3]}-8{chance[3:6]}-{chance[6:18]}",
        "occurred_at": moment,
        "recorded_at": moment,
        "source": source,
        "source_seq": number // 2 + 1,
        "actor": {
            "kind": "person",
            "id": f"019a0000-0000-7000-8000-{number % 50:012d}",
            "name": NAMES[number % 5],
            "roles": ["staff"],
            "assurance": 2,
        },
        "session": None,
        "action": "record.open",
        "subject": {"kind": "chart", "id": str(number % 900), "label": f"診療録 {NAMES[number % 3]}"},
        "patient": f"P{number % 900:06d}",
        "system": "ehr",
        "device": "端末-12",
        "network": "10.1.2.3",
        "outcome": "success",
        "reason": "",
        "details": {"path": "/chart"},
        "commitment": None,
    } | changed  # fmt: skip


def canonical(document: dict[str, Any]) -> bytes:
    """Return canonical JSON of what these tests write: no floats, names in the basic plane."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def entries(count: int) -> list[bytes]:
    """Return the bytes of so many events."""
    return [canonical(event(number)) for number in range(count)]


def leaf(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def tree_head(leaves: list[bytes]) -> bytes:
    """Return MTH of RFC 6962 section 2.1, over leaf hashes, as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + tree_head(leaves[:split]) + tree_head(leaves[split:])).digest()


def path_of(kind: str, number: int, width: int) -> str:
    """Return where a tile or bundle lies."""
    groups = [f"{number % 1000:03}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03}")
    return f"tile/{kind}/{'/'.join(groups)}" + (f".p/{width}" if width < 256 else "")


def bundle(some: Iterable[bytes]) -> bytes:
    return b"".join(len(one).to_bytes(2, "big") + one for one in some)


def resources(some: list[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield every tile and bundle of a log."""
    for number in range(-(-len(some) // 256)):
        part = some[number * 256 : number * 256 + 256]
        yield path_of("entries", number, len(part)), bundle(part)
    hashes, level = [leaf(one) for one in some], 0
    while hashes:
        for number in range(-(-len(hashes) // 256)):
            part = hashes[number * 256 : number * 256 + 256]
            yield path_of(str(level), number, len(part)), b"".join(part)
        hashes = [tree_head(hashes[at : at + 256]) for at in range(0, len(hashes) - 255, 256)]
        level += 1


@dataclass
class Log:
    """A log: its entries and who signs it. ``files`` is what a folder or zip file holds."""

    entries: list[bytes]
    signer: Signer = field(default_factory=Signer)
    witnesses: list[Signer] = field(default_factory=list)
    origin: str = ORIGIN

    @property
    def text(self) -> bytes:
        root = base64.b64encode(tree_head([leaf(one) for one in self.entries])).decode()
        return f"{self.origin}\n{len(self.entries)}\n{root}\n".encode()

    @property
    def checkpoint(self) -> bytes:
        return self.text + b"\n" + b"".join(one.line(self.text) for one in [self.signer, *self.witnesses])

    @property
    def files(self) -> dict[str, bytes]:
        return {"checkpoint": self.checkpoint, **dict(resources(self.entries))}

    def head(self, size: int) -> bytes:
        """Return the checkpoint that this log had at ``size`` entries."""
        return Log(self.entries[:size], self.signer, self.witnesses, self.origin).checkpoint


def write(folder: Path, files: dict[str, bytes]) -> Path:
    """Put files into a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
