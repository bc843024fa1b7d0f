"""Judging one subject apart from the others: one that cannot be judged says nothing about any other."""

import traceback
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from sekisho.kernel import clock
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import Subject
from sekisho.network.rules.unusable import BROKE_OFF, Unusable, reason_of, unreadable


def judged_alone(subject: Subject, judge: Callable[[], Finding]) -> Finding:
    """Return what ``judge`` finds about a subject; where it raises, an error about this subject with its reason."""
    try:
        return judge()
    except Unusable as error:
        return Finding(subject, Outcome.ERROR, error.text, clock.now())
    except Exception as error:  # noqa: BLE001  # whatever a judge does, it costs its own subject and no other
        fault = fault_of(error)
        return Finding(subject, Outcome.ERROR, fault.text, clock.now(), {"broke_off_at": _place_of(error)})


def fault_of(error: Exception) -> Unusable:
    """Return why something could not be judged: it cannot be read, or the judge broke off."""
    if isinstance(error, Unusable):
        return error
    if isinstance(error, ValidationError):
        return unreadable(error)
    return Unusable(BROKE_OFF.with_params(reason=reason_of(error)))


def _place_of(error: Exception) -> Json:
    """Return the file and line at which it broke off: what whoever mends it asks for first."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
