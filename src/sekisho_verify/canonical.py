"""Canonical JSON (RFC 8785): strict reading, and the one byte form of a value. Pure.

The slow and complete way; ``form`` knows a fast one for entries that look as most do.
"""

import json
import math
from typing import NoReturn

from sekisho_verify.errors import Malformed

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
DEEPEST = 200
LARGEST_INTEGER = 2**53 - 1
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPES |= {chr(code): f"\\u{code:04x}" for code in range(32) if chr(code) not in _ESCAPES}
_TABLE = str.maketrans(_ESCAPES)


def read_canonical(data: bytes) -> Json:
    """Return the value of canonical JSON. Raises Malformed for anything that is not exactly that."""
    try:
        value: Json = json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
        same = write(value, DEEPEST).encode() == data
    except (ValueError, RecursionError, OverflowError) as error:
        raise Malformed("entry.json") from error
    if not same:
        raise Malformed("entry.canonical")
    return value


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def write(value: Json, deep: int) -> str:
    """Return the canonical text. Raises ValueError where there is none."""
    if value is None or value is True or value is False:
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f'"{value.translate(_TABLE)}"'
    if isinstance(value, int):
        return str(value) if abs(value) <= LARGEST_INTEGER else _number(float(value))
    if isinstance(value, float):
        return _number(value)
    if not deep:
        raise ValueError("nested too deep")
    if isinstance(value, list):
        return f"[{','.join([write(one, deep - 1) for one in value])}]"
    members = sorted(value.items(), key=_utf16)
    return "{" + ",".join([f"{write(name, 1)}:{write(one, deep - 1)}" for name, one in members]) + "}"


def _utf16(member: tuple[str, Json]) -> bytes:
    return member[0].encode("utf-16-be")


def _number(value: float) -> str:
    """Write a double as ECMAScript does (RFC 8785 section 3.2.2.3)."""
    if not math.isfinite(value):
        raise ValueError("no number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, part = mantissa.partition(".")
    part = "" if part == "0" else part
    digits = (whole + part).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + part) - len(digits))
    digits = digits.rstrip("0")
    return sign + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    power = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return (f"{digits[0]}.{digits[1:]}" if count > 1 else digits) + power
