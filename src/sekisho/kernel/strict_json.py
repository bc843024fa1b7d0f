"""Reading JSON that strangers wrote: no name twice, no NaN, no half letters, and not nested without end."""

import json
import math
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

    Refused are names that stand twice in one object, NaN and infinities (1e999 too), half letters (a surrogate alone,
    which no UTF-8 can hold), and more than ``deepest`` levels.
    """
    try:
        value = json.loads(
            data.decode("utf-8-sig"), object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_finite
        )
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise NotJson(reason=reason) from error
    _require_sound(value, deepest)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:40]} is too large a number")
    return number


def _require_sound(value: Any, deepest: int) -> None:
    """Level by level, so that looking itself cannot run out of stack."""
    level = [value]
    for _number in range(deepest):
        if any(_is_half(one) for one in level):
            raise NotJson(reason="half a letter (a surrogate alone)")
        level = [inner for outer in level for inner in _children(outer)]
        if not level:
            return
    raise NotJson(reason="nested too deeply")


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    return value if isinstance(value, list) else ()


def _is_half(value: Any) -> bool:
    """Tell whether a text holds half of a letter; joined halves are one letter already."""
    return isinstance(value, str) and not value.isascii() and any("\ud800" <= sign <= "\udfff" for sign in value)
