"""What an action is in the words of FHIR, IHE and DICOM; everything else is an execution and says no more than that."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DCM = "http://dicom.nema.org/resources/ontology/DCM"
ACTIONS = "urn:sekisho:action"


@dataclass(frozen=True, slots=True)
class Verb:
    """The code of FHIR and DICOM (C, R, U, D, E), and the interaction and BALP profile of FHIR where there is one."""

    code: str
    interaction: str = ""
    profile: str = ""


_CREATE = Verb("C", "create", "Create")
_READ = Verb("R", "read", "Read")
_UPDATE = Verb("U", "update", "Update")
_DELETE = Verb("D", "delete", "Delete")
_EXECUTE = Verb("E")
_VERBS = {
    **dict.fromkeys(("add", "create", "enrol", "invite"), _CREATE),
    **dict.fromkeys(("read", "view", "print"), _READ),
    **dict.fromkeys(("change", "update", "close"), _UPDATE),
    **dict.fromkeys(("delete", "remove"), _DELETE),
}
_OUTCOMES = {"success": "0", "failure": "4", "denied": "8"}
# Codes of DICOM PS3.16, context group 400 (audit event ID).
_EVENTS = {
    "sign_in": ("110114", "User Authentication"),
    "sign_out": ("110114", "User Authentication"),
    "export": ("110106", "Export"),
    "search": ("110112", "Query"),
}
_PATIENT_RECORD = ("110110", "Patient Record")
_ACTIVITY = ("110100", "Application Activity")


def verb_of(document: Mapping[str, Any]) -> Verb:
    """Return what kind of deed an event is."""
    return _VERBS.get(_last(document), _EXECUTE)


def event_of(document: Mapping[str, Any]) -> tuple[str, str]:
    """Return DICOM's code and meaning for the event."""
    return _EVENTS.get(_last(document)) or (_PATIENT_RECORD if document["patient"] else _ACTIVITY)


def outcome_of(document: Mapping[str, Any]) -> str:
    """Return the outcome as FHIR and DICOM count it: 0 success, 4 minor failure, 8 serious failure (refused)."""
    return _OUTCOMES[document["outcome"]]


def _last(document: Mapping[str, Any]) -> str:
    return str(document["action"]).rsplit(".", 1)[-1]
