"""For the tests and figures of the review: a story as a signed log, and the process asked about it."""

import hashlib
from pathlib import Path
from typing import Any

from sekisho.register.log.files import Disk
from sekisho.register.log.review import press
from sekisho.register.log.writer import create_log, open_log
from sekisho.register.rules import encode_entry
from sekisho.trust.dsse import public_key

SEED = bytes(range(32))
NOW = 1_763_000_000  # seconds since 1970, some morning
SEAL = hashlib.sha256(b"test").hexdigest()


def write_log(folder: Path, documents: list[dict[str, Any]]) -> None:
    """Write documents into the log in ``folder``, made if need be."""
    folder.mkdir(exist_ok=True)
    log = open_log(Disk(folder), SEED) or create_log(Disk(folder), SEED, "sekisho-register/test")
    entries = [encode_entry(one) for one in documents]
    for start in range(0, len(entries), 1000):
        log.append(entries[start : start + 1000])


def ask(folder: Path, task: str, **more: Any) -> dict[str, Any]:
    """Give the order in this process: the log lies in ``folder``/register, the rows beside it."""
    order = {
        "register": str(folder / "register"),
        "review": str(folder / "review"),
        "public": public_key(SEED).hex(),
        "seal": SEAL,
        "now": NOW,
        **more,
    }
    return press.TASKS[task](order)
