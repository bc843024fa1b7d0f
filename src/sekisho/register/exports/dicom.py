"""An event as a DICOM audit message (PS3.15 A.5), as IHE ATNA and the JAHIS standard have it."""

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring  # writes only, reads nothing

from sekisho.register.exports.vocabulary import event_of, outcome_of, verb_of


def audit_message(document: Mapping[str, Any], place: int, origin: str) -> bytes:
    """Return the message as UTF-8 XML; ``place`` and ``origin`` say where in which log the event stands."""
    message = Element("AuditMessage")
    _identification(message, document)
    _participants(message, document)
    source = SubElement(message, "AuditSourceIdentification", AuditSourceID=origin, AuditEnterpriseSiteID="Sekisho")
    SubElement(source, "AuditSourceTypeCode", {"csd-code": "4", "originalText": "Application Server"})
    if document["patient"]:
        _object(message, document["patient"], "1", "1", ("2", "RFC-3881", "Patient Number"), "")
    if subject := document["subject"]:
        _object(message, subject["id"], "2", "3", ("12", "RFC-3881", "URI"), subject["label"])
    _object(message, str(place), "2", "13", ("10", "RFC-3881", "Search Criteria"), "log place")
    return bytes(tostring(message, encoding="utf-8", xml_declaration=True))


def _identification(message: Element, document: Mapping[str, Any]) -> None:
    code, meaning = event_of(document)
    found = SubElement(
        message,
        "EventIdentification",
        EventActionCode=verb_of(document).code,
        EventDateTime=document["occurred_at"],
        EventOutcomeIndicator=outcome_of(document),
    )
    SubElement(found, "EventID", {"csd-code": code, "codeSystemName": "DCM", "originalText": meaning})
    kind = {"csd-code": document["action"], "codeSystemName": "Sekisho", "originalText": document["action"]}
    SubElement(found, "EventTypeCode", kind)
    if document["reason"]:
        SubElement(found, "EventOutcomeDescription").text = _clean(document["reason"])


def _participants(message: Element, document: Mapping[str, Any]) -> None:
    actor = document["actor"]
    attributes = {
        "UserID": _clean(actor["id"] or actor["kind"]),
        "UserName": _clean(actor["name"]),
        "UserIsRequestor": "true",
    }
    if document["network"]:
        attributes |= {"NetworkAccessPointID": _clean(document["network"]), "NetworkAccessPointTypeCode": "2"}
    user = SubElement(message, "ActiveParticipant", attributes)
    for role in actor["roles"]:
        SubElement(user, "RoleIDCode", {"csd-code": role, "codeSystemName": "Sekisho", "originalText": role})
    for name, code, meaning in (("device", "110153", "Source Role ID"), ("system", "110152", "Destination Role ID")):
        if document[name]:
            other = {"UserID": _clean(document[name]), "UserIsRequestor": "false"}
            found = SubElement(message, "ActiveParticipant", other)
            role_code = {"csd-code": code, "codeSystemName": "DCM", "originalText": meaning}
            SubElement(found, "RoleIDCode", role_code)


def _object(message: Element, code: str, kind: str, role: str, type_code: tuple[str, str, str], name: str) -> None:
    attributes = {
        "ParticipantObjectID": _clean(code),
        "ParticipantObjectTypeCode": kind,
        "ParticipantObjectTypeCodeRole": role,
    }
    found = SubElement(message, "ParticipantObjectIdentification", attributes)
    number, system, meaning = type_code
    type_attributes = {"csd-code": number, "codeSystemName": system, "originalText": meaning}
    SubElement(found, "ParticipantObjectIDTypeCode", type_attributes)
    if name:
        SubElement(found, "ParticipantObjectName").text = _clean(name)


def _clean(text: str) -> str:
    """Return ``text`` without what XML cannot hold."""
    return "".join(sign for sign in text if sign in "\t\n\r" or (sign >= " " and not "\ud800" <= sign <= "\udfff"
                                                              and sign not in "\ufffe\uffff"))  # fmt: skip
