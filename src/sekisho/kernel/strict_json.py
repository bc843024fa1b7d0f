"""Reading JSON that strangers wrote: no name twice, no NaN, and not nested without end."""

import json
from collections.abc import Iterable
from typing import Any

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _

DEEPEST = 64


class NotJson(InvalidInput):
    """The bytes are no JSON as RFC 8259 wants it between machines. ``reason`` names the place."""

    code = "kernel.not_json"
    message = _("This is no JSON that can be read: %(reason)s")


def read_json(data: bytes, deepest: int = DEEPEST) -> Any:
    """Return what the UTF-8 bytes of one JSON value say. Raises NotJson.

    Refused are names that stand twice in one object, NaN and infinities, and more than ``deepest`` levels.
    """
    try:
        value = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise NotJson(reason=reason) from error
    _require_depth(value, deepest)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _require_depth(value: Any, deepest: int) -> None:
    """Level by level, so that looking itself cannot run out of stack."""
    level = [value]
    for _number in range(deepest):
        level = [inner for outer in level for inner in _children(outer)]
        if not level:
            return
    raise NotJson(reason="nested too deeply")


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
