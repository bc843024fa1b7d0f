"""Making remarks: a code, its text, and the facts beside it."""

from dataclasses import dataclass

from sekisho.kernel.canonical import Json
from sekisho.kernel.text import Text
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.observation import Observation, Why
from sekisho.network.rules.profile import Row
from sekisho.network.rules.tls_texts import CANNOT_TELL, TEXTS

_MOST_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Fact:
    """What was seen beside what is asked for; ``shown`` is how a person reads what is wrong."""

    observed: Json
    expected: Json
    shown: str = ""


def remark(code: str, level: Level, fact: Fact, row: Row, text: Text | None = None) -> Judged:
    """Return a remark with the text of its code, or ``text``."""
    texts = TEXTS[code]
    chosen = text or (texts.fine if level is Level.OK else texts.wrong)
    if level is not Level.OK:
        seen = fact.shown or str(fact.observed)
        seen = seen if len(seen) <= _MOST_SHOWN else f"{seen[:_MOST_SHOWN]} …"
        chosen = chosen.with_params(seen=seen, asked=fact.expected)
    return Judged(code, level, chosen, fact.observed, fact.expected, row.source, row.certainty)


def cannot_tell(code: str, why: Why, row: Row) -> Judged:
    """Return a remark about something that could not be told."""
    text = CANNOT_TELL.with_params(what=TEXTS[code].title, why=why.label)
    return Judged(code, Level.UNKNOWN, text, None, None, row.source, row.certainty)


def why_of(seen: Observation, field: str) -> Why:
    """Return why a field is unknown."""
    return seen.why.get(field, Why.NOT_TRIED)
