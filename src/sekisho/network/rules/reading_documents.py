"""Readings of clocks as JSON: what is stored, shown to programs, and judged again later."""

import json
from collections.abc import Mapping
from typing import Any

from sekisho.kernel.canonical import Json
from sekisho.network.rules.readings import Answer, HostReading, Method, SourceReading


def document(reading: SourceReading | HostReading) -> dict[str, Json]:
    """Return a reading as JSON. Offset and uncertainty are in seconds."""
    who: dict[str, Json] = {"source": reading.name} if isinstance(reading, SourceReading) else {
        "host": reading.host, "method": reading.method.value,
    }  # fmt: skip
    return who | {
        "answer": reading.answer.value,
        "offset": reading.offset,
        "uncertainty": reading.uncertainty,
        "detail": reading.detail,
        "facts": dict(reading.facts),
    }


def source_reading(stored: bytes | str) -> SourceReading:
    """Return the reading of a source from its document. Raises KeyError, ValueError for anything else."""
    found = json.loads(stored)
    return SourceReading(found["source"], **_told(found))


def host_reading(stored: bytes | str) -> HostReading:
    """Return the reading of a host from its document. Raises KeyError, ValueError for anything else."""
    found = json.loads(stored)
    return HostReading(found["host"], Method(found["method"]), **_told(found))


def offset_in(stored: bytes | str) -> float | None:
    """Return the offset in seconds that a reading holds, None when no time was told."""
    offset: float | None = json.loads(stored)["offset"]
    return offset


def _told(found: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: found[name] for name in ("offset", "uncertainty", "detail", "facts")}
    return {"answer": Answer(found["answer"]), **fields}
