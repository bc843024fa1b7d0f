"""The staff in the form of SCIM 2.0, to be read only: resources, filter, paging, partial answers. Pure.

RFC 7643 (schemas), RFC 7644 (protocol). Names, account, department and roles; nothing of patients, no address, no
telephone. Whoever left stays listed as not active, so that a target can tell them from an account it made itself.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sekisho.kernel.canonical import Json, canonical_json
from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_MESSAGES = "urn:ietf:params:scim:api:messages:2.0"
DEFAULT_COUNT, MOST_RESULTS = 100, 200
_ALWAYS = frozenset({"schemas", "id"})
_FILTER = re.compile(r'\s*([A-Za-z:0-9.]+)\s+eq\s+"((?:[^"\\]|\\["\\/])*)"\s*', re.IGNORECASE)
_FILTERED = {"username": "user_name", "externalid": "external_id", "id": "id"}
_LONGEST_FILTER = 500
_TWO_WORDS = 2
Resource = dict[str, Json]


class ScimFilterInvalid(InvalidInput):
    """A filter is malformed, or asks for something that is not offered."""

    code = "people.scim_filter_invalid"
    message = _("This filter is not offered.")
    hint = _("Only userName, externalId and id can be asked for, each with eq and one value in quotes.")
    status = 400


class ScimValueInvalid(InvalidInput):
    """A parameter of a SCIM request is not of its kind."""

    code = "people.scim_value_invalid"
    message = _("startIndex and count are whole numbers.")
    status = 400


@dataclass(frozen=True, slots=True)
class StaffAccount:
    """An account with its owner, as other systems need to know them. Of one that is not active the roles are empty."""

    id: str
    user_name: str
    external_id: str
    name: str
    title: str
    user_type: str
    active: bool
    roles: tuple[str, ...]
    department: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """Which accounts are asked for: ``field`` of StaffAccount with its value, or all; ``start`` counts from 1."""

    field: str
    value: str
    start: int
    count: int


def read_question(parameters: Mapping[str, str]) -> Asked:
    """Return what a request for a list asks. Raises ScimFilterInvalid, ScimValueInvalid."""
    field, value = read_filter(parameters.get("filter", ""))
    start = max(1, _number(parameters.get("startIndex"), 1))
    count = min(max(0, _number(parameters.get("count"), DEFAULT_COUNT)), MOST_RESULTS)
    return Asked(field, value, start, count)


def _number(text: str | None, default: int) -> int:
    if text is None or text == "":
        return default
    try:
        return max(-1, min(int(text), 2**31))
    except ValueError as error:
        raise ScimValueInvalid from error


def read_filter(text: str) -> tuple[str, str]:
    """Return field and value of a filter, two empty texts where there is none. Raises ScimFilterInvalid."""
    if not text.strip():
        return "", ""
    found = _FILTER.fullmatch(text) if len(text) <= _LONGEST_FILTER else None
    name = found.group(1).lower().removeprefix(f"{USER.lower()}:") if found else ""
    value = re.sub(r"\\(.)", r"\1", found.group(2)) if found else ""
    # A control character is in nobody's name, and a database may not even be asked for NUL.
    if found is None or name not in _FILTERED or not value.isprintable():
        raise ScimFilterInvalid
    return _FILTERED[name], value


def user_resource(account: StaffAccount, base: str) -> Resource:
    """Return an account as a SCIM User; ``base`` is the address of the service. What is not known is left out."""
    known: Resource = {
        "schemas": [USER, ENTERPRISE],
        "id": account.id,
        "externalId": account.external_id,
        "userName": account.user_name,
        "name": _name(account.name),
        "displayName": account.name,
        "title": account.title,
        "userType": account.user_type,
        "active": account.active,
        "roles": [{"value": role} for role in account.roles],
        ENTERPRISE: _filled({"employeeNumber": account.external_id, "department": account.department}),
    }
    body = _filled(known)
    version = hashlib.sha256(canonical_json(body)).hexdigest()[:16]
    moment = account.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    meta = {
        "resourceType": "User",
        "created": moment,
        "location": f"{base}/Users/{account.id}",
        "version": f'W/"{version}"',
    }
    return {**body, "meta": meta}


def _filled(values: Resource) -> Resource:
    return {name: value for name, value in values.items() if value not in ("", [], {}, None)}


def _name(name: str) -> Resource:
    """Return a name in its parts: the family name stands before the first space, where there are two words."""
    words = name.split()
    parts = {"familyName": words[0], "givenName": words[1]} if len(words) == _TWO_WORDS else {}
    return {"formatted": name, **parts}


def version_of(resource: Resource) -> str:
    """Return the version of a resource, which is its entity tag too."""
    meta: Any = resource["meta"]
    return str(meta["version"])


def is_known_version(header: str | None, version: str) -> bool:
    """Tell whether an If-None-Match header names this version; weak and strong are compared alike (RFC 9110 13.1.2)."""
    names = [name.strip().removeprefix("W/") for name in (header or "").split(",")]
    return "*" in names or version.removeprefix("W/") in names


def partial(resource: Resource, attributes: str, excluded: str) -> Resource:
    """Return the part of a resource that is asked for (RFC 7644 3.9); ``schemas`` and ``id`` are always there."""
    wanted, unwanted = _paths(attributes), _paths(excluded)
    if wanted:
        return {name: _part(name, value, wanted) for name, value in resource.items() if _is_named(name, wanted)}
    return {
        name: _without(name, value, unwanted)
        for name, value in resource.items()
        if name in _ALWAYS or name.lower() not in unwanted
    }


def _paths(text: str) -> frozenset[str]:
    """Return attribute names, folded, with those of the core schema without its name."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    return frozenset(name.removeprefix(f"{USER.lower()}:") for name in names)


def _inner(name: str) -> tuple[str, str]:
    """Return what stands before the names inside an attribute, in the two ways in which they are written."""
    return f"{name.lower()}.", f"{name.lower()}:"


def _is_named(name: str, wanted: frozenset[str]) -> bool:
    return name in _ALWAYS or name.lower() in wanted or any(path.startswith(_inner(name)) for path in wanted)


def _part(name: str, value: Json, wanted: frozenset[str]) -> Json:
    if name in _ALWAYS or name.lower() in wanted or not isinstance(value, dict):
        return value
    return {
        key: inner for key, inner in value.items() if any(f"{start}{key.lower()}" in wanted for start in _inner(name))
    }


def _without(name: str, value: Json, unwanted: frozenset[str]) -> Json:
    if name in _ALWAYS or not isinstance(value, dict):
        return value
    dropped = {key for key in value if any(f"{start}{key.lower()}" in unwanted for start in _inner(name))}
    return {key: inner for key, inner in value.items() if key not in dropped}


def list_answer(resources: Iterable[Resource], total: int, start: int) -> Resource:
    """Return one page of resources."""
    found = list(resources)
    return {
        "schemas": [f"{_MESSAGES}:ListResponse"],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(found),
        "Resources": [*found],
    }


def error_answer(status: int, detail: str, kind: str = "") -> Resource:
    """Return an error (RFC 7644 3.12)."""
    body: Resource = {"schemas": [f"{_MESSAGES}:Error"], "status": str(status), "detail": detail}
    return {**body, "scimType": kind} if kind else body
