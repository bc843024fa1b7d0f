"""What a former host name still answers: which names its passkeys are good for, and where we are now."""

import json
from collections.abc import Sequence
from typing import Any

from sekisho.config.environment import Environment

RELATED_ORIGINS = "/.well-known/webauthn"
_HTTPS = 443


def former_routes(environment: Environment, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return Caddy's routes for ``names`` (the present one first); none where there is no former name.

    Browsers ask the first one before they show a key of the former name at the present one (WebAuthn Level 3, 5.11).
    A former name leads to the present one for now, not for good: going back must stay possible.
    """
    if len(names) == 1:
        return []
    port = "" if environment.port == _HTTPS else f":{environment.port}"
    related = json.dumps({"origins": [f"https://{name}{port}" for name in names]})
    return [
        _answer(names, {"path": [RELATED_ORIGINS]}, 200, {"Content-Type": ["application/json"]}, related),
        _answer(names[1:], {}, 307, {"Location": [f"{environment.origin}{{http.request.uri}}"]}, ""),
    ]


def _answer(
    hosts: Sequence[str], match: dict[str, Any], status: int, headers: dict[str, list[str]], body: str
) -> dict[str, Any]:
    """Return a route that Caddy answers itself."""
    kept = {"Cache-Control": ["no-store"], "X-Content-Type-Options": ["nosniff"]}
    return {
        "match": [{"host": list(hosts), **match}],
        "handle": [
            {"handler": "headers", "response": {"deferred": True, "delete": ["Server", "Via"]}},
            {"handler": "static_response", "status_code": status, "headers": {**kept, **headers}, "body": body},
        ],
        "terminal": True,
    }
