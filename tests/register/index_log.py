"""A log with events of a small hospital, for tests of the index: written by the real writer, without a database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sekisho.register.log.files import Disk
from sekisho.register.log.tree import Tree
from sekisho.register.log.writer import Log, create_log
from sekisho.register.rules import encode_entry, timestamp

SEED = bytes(range(32))
ORIGIN = "sekisho-register/test"
BEGIN = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
PEOPLE = ("鈴木 花子", "佐藤 一郎", "ｽｽﾞｷ ｼﾞﾛｳ", "山田 愛")


def document(number: int, **more: Any) -> dict[str, Any]:
    """Return event ``number`` as a document; ``more`` replaces fields, ``person`` and ``kind`` those of the actor."""
    person = more.pop("person", number % len(PEOPLE))
    kind = more.pop("kind", "person")
    at = more.pop("at", BEGIN + timedelta(seconds=number))
    return {
        "id": f"01978f6e-3a00-7000-8000-{number:012x}",
        "occurred_at": timestamp(at),
        "recorded_at": timestamp(at),
        "source": "gate-1",
        "source_seq": number + 1,
        "actor": {"kind": kind, "id": f"p{person}", "name": PEOPLE[person], "roles": ["staff"], "assurance": 2},
        "session": f"00000000-0000-7000-8000-{person:012d}",
        "action": "patient.read",
        "subject": {"kind": "patient", "id": f"{number % 7:07d}", "label": f"患者 {number % 7}"},
        "patient": f"{number % 7:07d}",
        "system": "emr",
        "device": None,
        "network": "192.0.2.17",
        "outcome": "success",
        "reason": "",
        "details": {"path": f"/karte/{number % 7:07d}"},
        "commitment": None,
        **more,
    }


class Hospital:
    """A log that grows."""

    def __init__(self, folder: Path, origin: str = ORIGIN) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.files = Disk(folder)
        self.log: Log = create_log(self.files, SEED, origin)
        self.documents: list[dict[str, Any]] = []

    def add(self, documents: Sequence[dict[str, Any]]) -> None:
        """Append events."""
        self.documents += documents
        for start in range(0, len(documents), 1000):
            self.log.append([encode_entry(one) for one in documents[start : start + 1000]])

    @property
    def tree(self) -> Tree:
        """The log as it may be read."""
        return self.log.tree
