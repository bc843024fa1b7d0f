"""What a reader looks for in the register. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256

from sekisho.kernel.canonical import Json, canonical_json


@dataclass(frozen=True, slots=True)
class Search:
    """What the reader looks for; empty fields do not narrow.

    ``person`` is words of a name or a whole id, ``subject`` the id of what was acted on, ``kind`` the kind of actor;
    ``since`` belongs to the period, ``until`` does not. Width, case and kana of what was typed do not matter.
    """

    text: str = ""
    action: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    person: str = ""
    kind: str = ""
    patient: str = ""
    session: str = ""
    system: str = ""
    device: str = ""
    network: str = ""
    subject: str = ""

    def conditions(self) -> dict[str, Json]:
        """Return what narrows, as it is recorded that somebody looked for it."""
        values = asdict(self)
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items() if value
        }


def digest(conditions: Mapping[str, Json], session: str | None) -> str:
    """Return 32 hex digits that stand for this search in this session."""
    return sha256(canonical_json({"conditions": dict(conditions), "session": session})).hexdigest()[:32]
