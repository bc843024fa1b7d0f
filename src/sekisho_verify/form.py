"""The form of an entry: which fields it has and what may stand in them. Pure.

Two ways that agree. ``take_all`` takes the common entries of a bundle at once, by one expression
that accepts only what is canonical JSON with exactly the known fields, so that nothing needs to be
parsed. What it does not take is read by ``check``, slowly and completely. A third, ``common``, is
faster still; it knows the same expression by its parts.
"""

import re
from dataclasses import dataclass

from sekisho_verify.canonical import Json, read_canonical
from sekisho_verify.errors import Malformed

# Texts with an escape in them, and objects inside ``details``, are left to the slow way: most entries have neither.
_WORD = r'"[^"\\\x00-\x1f]*+"'
TIME_TO_TENS = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]"
_TIME = rf"{TIME_TO_TENS}\d\.\d{{6}}Z"
_UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_SCALAR = rf"(?:{_WORD}|0|-?[1-9]\d{{0,14}}+|null|true|false)"
_VALUE = rf"(?:{_SCALAR}|\[(?:{_SCALAR}(?:,{_SCALAR})*+)?\])"
_PAIR = rf"{_WORD}:{_VALUE}"
_OR_NULL = rf"(?:null|{_WORD})"
# An entry, cut where something stands that is new in each: details, id, two times, number.
HEAD = (
    rf'\{{"action":{_WORD}'
    rf',"actor":\{{"assurance":\d,"id":{_WORD},"kind":{_WORD},"name":{_WORD},"roles":\[(?:{_WORD}(?:,{_WORD})*+)?\]\}}'
    r',"commitment":(?:null|"[0-9a-f]{64}"),"details":'
)
DETAILS = rf"\{{(?:{_PAIR}(?:,{_PAIR})*+)?\}}"
BEFORE_ID = rf',"device":{_OR_NULL},"id":"'
BEFORE_OCCURRED = rf'","network":{_OR_NULL},"occurred_at":"'
BEFORE_RECORDED = rf'","outcome":"(?:success|failure|denied)","patient":{_OR_NULL},"reason":{_WORD},"recorded_at":"'
BEFORE_NUMBER = rf'","session":{_OR_NULL},"source":"([^"\\\x00-\x1f]++)","source_seq":'
NUMBER = r"(?:0|[1-9]\d{0,14}+)"
END = rf',"subject":(?:null|\{{"id":{_WORD},"kind":{_WORD},"label":{_WORD}\}}),"system":{_OR_NULL}\}}'
_ENTRY = (
    f"{HEAD}({DETAILS}){BEFORE_ID}({_UUID7}){BEFORE_OCCURRED}{_TIME}{BEFORE_RECORDED}({_TIME})"
    f"{BEFORE_NUMBER}({NUMBER}){END}"
)
SEPARATOR = b"\x00\x00"
_BUNDLE = re.compile(rf"\x00\x00{_ENTRY}(?=\x00\x00|\Z)", re.ASCII)
_ONE = re.compile(_ENTRY, re.ASCII)
_NAMES = re.compile(rf'([{{,])"([^"]*+)":{_VALUE}(?=[,}}])', re.ASCII)
_ONE_TIME = re.compile(_TIME, re.ASCII)
_ONE_UUID7 = re.compile(_UUID7, re.ASCII)
_COMMITMENT = re.compile(r"[0-9a-f]{64}", re.ASCII)
OUTCOMES = ("success", "failure", "denied")
ACTOR_FIELDS = {"assurance", "id", "kind", "name", "roles"}
SUBJECT_FIELDS = {"id", "kind", "label"}
TEXT_FIELDS = ("action", "reason", "source")
OPTIONAL_FIELDS = ("session", "patient", "system", "device", "network")
FIELDS = {
    "id", "occurred_at", "recorded_at", "source_seq", "actor", "subject", "outcome", "details", "commitment",
    *TEXT_FIELDS, *OPTIONAL_FIELDS,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What the check keeps of an entry; ``strange`` names fields that this program does not know."""

    id: str
    recorded_at: str
    source: str
    sequence: int
    strange: str = ""


Row = tuple[str, str, str, str, str]
"""What the expressions take out: details, id, recorded_at, source, source_seq."""


def take_all(entries: list[bytes]) -> list[Row] | None:
    """Return what is kept of each entry, or None where one of them is not of the common form."""
    try:
        text = (SEPARATOR + SEPARATOR.join(entries)).decode()
    except UnicodeDecodeError:
        return None
    rows: list[Row] = _BUNDLE.findall(text)
    # Without a zero inside an entry, as many matches as entries means that each matched as a whole.
    if len(rows) != len(entries) or text.count("\x00") != len(SEPARATOR) * len(entries):
        return None
    return rows if are_sorted("\n".join([row[0] for row in rows])) else None


def take_one(entry: bytes) -> Row | None:
    """Return what is kept of an entry, or None where it is not of the common form."""
    try:
        found = _ONE.fullmatch(entry.decode())
    except UnicodeDecodeError:
        return None
    if not found or not are_sorted(found[1]):
        return None
    return found[1], found[2], found[3], found[4], found[5]


def are_sorted(details: str) -> bool:
    """Tell whether in each of the objects, one a line, the names stand in order and none twice."""
    before = ""
    for mark, name in _NAMES.findall(details):
        if mark == "," and name <= before:
            return False
        if not name.isascii() and not _is_basic(name):
            return False  # UTF-16 sorts some of them otherwise: the slow way knows
        before = name
    return True


def names_of(details: str) -> list[str]:
    """Return the names in an object that is of the common form."""
    return [name for _mark, name in _NAMES.findall(details)]


def _is_basic(name: str) -> bool:
    return max(name) < "\ud800"


def check(entry: bytes) -> Known:
    """Read one entry, strictly. Raises Malformed."""
    document = read_canonical(entry)
    if not isinstance(document, dict) or not document.keys() >= FIELDS:
        raise Malformed("entry.fields")
    if not all(isinstance(document[name], str) for name in TEXT_FIELDS) or not document["source"]:
        raise Malformed("entry.value")
    if not all(document[name] is None or isinstance(document[name], str) for name in OPTIONAL_FIELDS):
        raise Malformed("entry.value")
    actor, subject = document["actor"], document["subject"]
    sane = (
        _matches(_ONE_UUID7, document["id"])
        and _matches(_ONE_TIME, document["occurred_at"])
        and _matches(_ONE_TIME, document["recorded_at"])
        and document["outcome"] in OUTCOMES
        and isinstance(document["details"], dict)
        and (document["commitment"] is None or _matches(_COMMITMENT, document["commitment"]))
        and _counts(document["source_seq"])
    )
    if not sane or not _is_actor(actor) or not (subject is None or _is_subject(subject)):
        raise Malformed("entry.value")
    return _known(document)


def _known(document: dict[str, Json]) -> Known:
    strange = sorted(document.keys() - FIELDS)
    for part, fields in (("actor", ACTOR_FIELDS), ("subject", SUBJECT_FIELDS)):
        inner = document[part]
        if isinstance(inner, dict):
            strange += [f"{part}.{name}" for name in sorted(inner.keys() - fields)]
    sequence = document["source_seq"]
    assert isinstance(sequence, int)  # noqa: S101  (_counts saw it)
    return Known(
        str(document["id"]), str(document["recorded_at"]), str(document["source"]), sequence, ", ".join(strange)
    )


def _matches(pattern: re.Pattern[str], value: Json) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def _counts(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_actor(value: Json) -> bool:
    if not isinstance(value, dict) or not value.keys() >= ACTOR_FIELDS:
        return False
    roles, words = value["roles"], [value["id"], value["kind"], value["name"]]
    if not isinstance(roles, list) or not _counts(value["assurance"]):
        return False
    return all(isinstance(word, str) for word in [*roles, *words])


def _is_subject(value: Json) -> bool:
    return isinstance(value, dict) and value.keys() >= SUBJECT_FIELDS and all(
        isinstance(value[name], str) for name in SUBJECT_FIELDS
    )  # fmt: skip
