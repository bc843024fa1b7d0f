"""An event as FHIR R4 AuditEvent in the shape of IHE BALP (Basic Audit Log Patterns 1.1).

A profile is named only where the event is what that profile speaks of: a read, an entry, a change or a deletion that
succeeded, on a known system. For the others the shape is the same and no profile is claimed.
"""

from collections.abc import Mapping
from typing import Any

from sekisho.register.exports.vocabulary import ACTIONS, DCM, event_of, outcome_of, verb_of

_PROFILE = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_SOURCE = ("110153", "Source Role ID")
_DESTINATION = ("110152", "Destination Role ID")


def audit_event(document: Mapping[str, Any], place: int, origin: str) -> dict[str, Any]:
    """Return the resource; ``place`` and ``origin`` say where in which log the event stands."""
    verb = verb_of(document)
    is_balp = bool(verb.profile and document["system"] and document["outcome"] == "success")
    subtype = [{"system": ACTIONS, "code": document["action"]}]
    if is_balp:
        subtype.insert(0, {"system": "http://hl7.org/fhir/restful-interaction", "code": verb.interaction})
    code, meaning = event_of(document)
    resource = {
        "resourceType": "AuditEvent",
        "id": document["id"],
        "type": {"system": f"{_TERMS}audit-event-type", "code": "rest", "display": "Restful Operation"}
        if is_balp
        else {"system": DCM, "code": code, "display": meaning},
        "subtype": subtype,
        "action": verb.code,
        "period": {"start": document["occurred_at"], "end": document["occurred_at"]},
        "recorded": document["recorded_at"],
        "outcome": outcome_of(document),
        "agent": _agents(document, is_read=verb.code == "R"),
        "source": {
            "observer": {"display": document["source"], "identifier": {"system": "urn:sekisho:log", "value": origin}},
            "type": [{"system": f"{_TERMS}security-source-type", "code": "4", "display": "Application Server"}],
        },
        "entity": _entities(document, place),
    }
    if is_balp:
        kind = f"Patient{verb.profile}" if document["patient"] else verb.profile
        resource["meta"] = {"profile": [f"{_PROFILE}{kind}"]}
    if document["reason"]:
        resource["outcomeDesc"] = document["reason"]
    return resource


def _agents(document: Mapping[str, Any], *, is_read: bool) -> list[dict[str, Any]]:
    """Return client, server and user; where data is read, the client is its destination, else its source."""
    actor = document["actor"]
    client, server = (_DESTINATION, _SOURCE) if is_read else (_SOURCE, _DESTINATION)
    found = []
    if document["network"] or document["device"]:
        found.append(_agent(client, document["device"] or document["network"], requestor=False))
        if document["network"]:
            found[0]["network"] = {"address": document["network"], "type": "2"}
    if document["system"]:
        found.append(_agent(server, document["system"], requestor=False))
    user: dict[str, Any] = {
        "type": {"coding": [{"system": f"{_TERMS}v3-ParticipationType", "code": "IRCP"}]},
        "requestor": True,
    }
    identifier = {"system": f"urn:sekisho:{actor['kind']}", "value": actor["id"]} if actor["id"] else None
    who = {"identifier": identifier, "display": actor["name"] or actor["kind"]}
    user["who"] = {name: value for name, value in who.items() if value}
    if actor["roles"]:
        user["role"] = [{"coding": [{"system": "urn:sekisho:role", "code": role}]} for role in actor["roles"]]
    if document["session"]:
        user["policy"] = [f"urn:uuid:{document['session']}"]
    return [*found, user]


def _agent(role: tuple[str, str], who: str, *, requestor: bool) -> dict[str, Any]:
    code, meaning = role
    return {
        "type": {"coding": [{"system": DCM, "code": code, "display": meaning}]},
        "who": {"display": who},
        "requestor": requestor,
    }


def _entities(document: Mapping[str, Any], place: int) -> list[dict[str, Any]]:
    found = []
    subject, patient = document["subject"], document["patient"]
    if patient:
        found.append(_entity("1", "Person", ("1", "Patient"), {"system": "urn:sekisho:patient", "value": patient}))
    if subject:
        what = {"system": f"urn:sekisho:{subject['kind']}", "value": subject["id"]}
        entity = _entity("2", "System Object", ("4", "Domain Resource"), what)
        if subject["label"]:
            entity["name"] = subject["label"]
        found.append(entity)
    found.append(_entity("2", "System Object", ("13", "Security Resource"), {"system": "urn:sekisho:log-place",
                                                                           "value": str(place)}))  # fmt: skip
    return found


def _entity(kind: str, meaning: str, role: tuple[str, str], identifier: Mapping[str, str]) -> dict[str, Any]:
    return {
        "what": {"identifier": dict(identifier)},
        "type": {"system": f"{_TERMS}audit-entity-type", "code": kind, "display": meaning},
        "role": {"system": f"{_TERMS}object-role", "code": role[0], "display": role[1]},
    }
