"""Audit messages of DICOM PS3.15 A.5 and of JAHIS, which follow it: who did what, to whom, when, and how it ended.

Strict XML: no document type, so no entities and nothing from elsewhere; bounded in depth and number of elements.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from xml.parsers import expat

from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.register.rules import EventOutcome
from sekisho.register.rules.sources.entries import Observed
from sekisho.register.rules.sources.errors import AuditXmlRefused
from sekisho.register.rules.sources.verbs import Verb

DEEPEST = 16
MOST_ELEMENTS = 2000
_LONGEST = 200
_ROOT = "AuditMessage"
# DICOM PS3.16 CID 400: what kinds of events there are.
_SIGN_IN, _SIGN_OUT = "110122", "110123"
_EVENT_VERBS = {"110106": Verb.EXPORT, "110112": Verb.SEARCH, "110107": Verb.CREATE}
_ACTIONS = {"C": Verb.CREATE, "R": Verb.READ, "U": Verb.CHANGE, "D": Verb.DELETE, "E": Verb.OTHER}
_OUTCOMES = {
    "0": EventOutcome.SUCCESS,
    "4": EventOutcome.FAILURE,
    "8": EventOutcome.FAILURE,
    "12": EventOutcome.FAILURE,
}
_AUTHENTICATION = "110114"
_SIGNING = {_SIGN_IN: Verb.SIGN_IN, _SIGN_OUT: Verb.SIGN_OUT}
_PATIENT_ROLE = "1"


@dataclass(slots=True)
class _Element:
    name: str
    attributes: Mapping[str, str]
    children: list["_Element"] = field(default_factory=list)

    def all(self, name: str) -> list["_Element"]:
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> "_Element | None":
        return next(iter(self.all(name)), None)

    def code(self, name: str) -> str:
        """The code of a coded child: ``csd-code`` in DICOM, ``code`` in RFC 3881."""
        child = self.first(name)
        return (child.attributes.get("csd-code") or child.attributes.get("code") or "") if child else ""


class _Reader:
    def __init__(self) -> None:
        self.root: _Element | None = None
        self.open: list[_Element] = []
        self.number = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype

    def read(self, data: bytes) -> _Element:
        try:
            self.parser.Parse(data, True)  # noqa: FBT003  # expat takes it by place only
        except expat.ExpatError as error:
            raise AuditXmlRefused(reason=expat.ErrorString(error.code)) from error
        except (LookupError, ValueError) as error:  # an encoding that is none, or not for XML
            raise AuditXmlRefused(reason="unknown encoding") from error
        if self.root is None or self.root.name != _ROOT:
            raise AuditXmlRefused(reason="it is another kind of document")
        return self.root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.number += 1
        if len(self.open) >= DEEPEST or self.number > MOST_ELEMENTS:
            raise AuditXmlRefused(reason="too many elements, or nested too deeply")
        element = _Element(name.rpartition(":")[2], attributes)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def _end(self, _name: str) -> None:
        self.open.pop()

    def _doctype(self, *_arguments: object) -> None:
        raise AuditXmlRefused(reason="a document type is not allowed")


def is_audit_xml(body: bytes) -> bool:
    """Tell whether a message means to be an audit message."""
    return b"<AuditMessage" in body[:1000] or b":AuditMessage" in body[:1000]


def read_audit(body: bytes) -> Observed:
    """Return what an audit message says. Raises AuditXmlRefused."""
    root = _Reader().read(body)
    event = root.first("EventIdentification")
    if event is None:
        raise AuditXmlRefused(reason="it does not say what happened")
    outcome = _OUTCOMES.get(event.attributes.get("EventOutcomeIndicator", ""))
    if outcome is None:
        raise AuditXmlRefused(reason="it does not say how it ended")
    person = _person(root)
    kind, action = event.code("EventID"), event.attributes.get("EventActionCode", "")
    place = person.attributes.get("NetworkAccessPointID") if person else None
    is_address = person is not None and person.attributes.get("NetworkAccessPointTypeCode") == "2"
    return Observed(
        occurred_at=_moment(event.attributes.get("EventDateTime", "")),
        verb=_verb(event, kind, action),
        outcome=outcome,
        person=_cut(person.attributes.get("UserID", "")) if person else "",
        person_name=_cut(person.attributes.get("UserName", "")) if person else "",
        patient=_patient(root),
        device=None if is_address else _cut(place or "") or None,
        network=_cut(place or "") or None if is_address else None,
        words={"event": _cut(kind), "event_action": _cut(action), "event_type": _cut(event.code("EventTypeCode"))},
    )


def _verb(event: _Element, kind: str, action: str) -> Verb:
    if kind == _AUTHENTICATION:
        return _SIGNING.get(event.code("EventTypeCode"), Verb.OTHER)
    return _EVENT_VERBS.get(kind) or _ACTIONS.get(action, Verb.OTHER)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise AuditXmlRefused(reason="its time is none") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=FACILITY_ZONE)


def _person(root: _Element) -> _Element | None:
    """Return who asked for it; the first who took part where nobody is said to have asked."""
    found = root.all("ActiveParticipant")
    asked = [one for one in found if one.attributes.get("UserIsRequestor", "true").lower() == "true"]
    return next(iter(asked or found), None)


def _patient(root: _Element) -> str | None:
    """Return the number of the only patient; of several none, since an entry names one."""
    numbers = {
        one.attributes.get("ParticipantObjectID", "")
        for one in root.all("ParticipantObjectIdentification")
        if one.attributes.get("ParticipantObjectTypeCode") == "1"
        and one.attributes.get("ParticipantObjectTypeCodeRole", _PATIENT_ROLE) == _PATIENT_ROLE
    }
    return next(iter(numbers)) or None if len(numbers) == 1 else None


def _cut(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text[:_LONGEST]).strip()
