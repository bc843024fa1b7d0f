"""What the SCIM service says of itself: what it can do, its one type of resource, its schemas. Pure."""

from typing import Any

from sekisho.people.rules.scim import ENTERPRISE, MOST_RESULTS, USER, Resource

_SCHEMAS = "urn:ietf:params:scim:schemas:core:2.0"


def service_configuration(base: str) -> Resource:
    """Return what the service offers: reading with a filter and entity tags, nothing else."""
    unsupported = {"supported": False}
    return {
        "schemas": [f"{_SCHEMAS}:ServiceProviderConfig"],
        "patch": unsupported,
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": MOST_RESULTS},
        "changePassword": unsupported,
        "sort": unsupported,
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "OAuth Bearer Token",
                "description": "A token of POST /api/v1/token (OAuth 2.0 client credentials).",
                "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }


def resource_type(base: str) -> Resource:
    """Return the one type of resource there is."""
    return {
        "schemas": [f"{_SCHEMAS}:ResourceType"],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "description": "Accounts of people who work here, or did",
        "schema": USER,
        "schemaExtensions": [{"schema": ENTERPRISE, "required": False}],
        "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/User"},
    }


def schemas(base: str) -> list[Resource]:
    """Return the schemas, with the attributes that are offered and no others."""
    core = [
        _attribute("userName", "Login name", required=True, uniqueness="server"),
        _attribute("name", "Name in its parts", kind="complex", inner=("formatted", "familyName", "givenName")),
        _attribute("displayName", "Name as it is shown"),
        _attribute("title", "Profession, as a code of Sekisho"),
        _attribute("userType", "Kind of account, as a code of Sekisho"),
        _attribute("active", "Whether the account works and its owner works here today", kind="boolean"),
        _attribute("roles", "Roles held in Sekisho today, as codes", kind="complex", many=True, inner=("value",)),
    ]
    enterprise = [
        _attribute("employeeNumber", "Staff number"),
        _attribute("department", "Department"),
    ]
    return [_schema(base, USER, "User", core), _schema(base, ENTERPRISE, "EnterpriseUser", enterprise)]


def _schema(base: str, name: str, title: str, attributes: list[Resource]) -> Resource:
    return {
        "schemas": [f"{_SCHEMAS}:Schema"],
        "id": name,
        "name": title,
        "description": title,
        "attributes": [*attributes],
        "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{name}"},
    }


def _attribute(
    name: str,
    description: str,
    *,
    kind: str = "string",
    many: bool = False,
    required: bool = False,
    uniqueness: str = "none",
    inner: tuple[str, ...] = (),
) -> Resource:
    found: dict[str, Any] = {
        "name": name,
        "type": kind,
        "multiValued": many,
        "description": description,
        "required": required,
        "mutability": "readOnly",
        "returned": "default",
    }
    if kind == "string":
        found |= {"caseExact": False, "uniqueness": uniqueness}
    if inner:
        found["subAttributes"] = [_attribute(one, one) for one in inner]
    return found
