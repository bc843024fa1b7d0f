"""The API root: ``/api/v1`` with OpenAPI, and its translator to problem+json."""

import importlib
import importlib.util

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from sekisho import __version__
from sekisho.config.errors import known_error, problem, record_if_refused
from sekisho.kernel.access import ACCESS_ATTRIBUTE, Action
from sekisho.kernel.errors import InvalidInput, SekishoError
from sekisho.kernel.text import _

HOW_PROGRAMS_SIGN_IN = (
    "A program gets a token at POST /api/v1/token (OAuth 2.0 client credentials, HTTP Basic), sends it as"
    " Authorization: Bearer, and gives it back at POST /api/v1/revoke. Scopes are the ids of actions."
)


class ParametersInvalid(InvalidInput):
    """Parameters of the operation have a wrong type or are out of range; ``faults`` names each."""

    code = "config.parameters_invalid"
    message = _("These parameters are not valid: %(faults)s")


def build_api() -> NinjaAPI:
    """Return the API with the routers of every app that has an ``api.py``."""
    api = NinjaAPI(
        title="Sekisho",
        version=__version__,
        description=HOW_PROGRAMS_SIGN_IN,
        urls_namespace="api",
        docs_url=None,
        openapi_url="/openapi.json",
    )
    for app in settings.SEKISHO_APPS:
        name = f"{app}.api"
        if app != "sekisho.config" and importlib.util.find_spec(name) is not None:
            api.add_router(f"/{app.rsplit('.', 1)[-1]}", importlib.import_module(name).router)
    _require_marks(api)
    api.exception_handler(Exception)(_answer)
    api.exception_handler(ValidationError)(_refuse_parameters)
    return api


class OperationUnmarked(SekishoError):
    """An API operation does not say who may use it; the platform does not start with it."""

    code = "config.operation_unmarked"
    message = _("The API operation %(operation)s does not say who may use it.")
    status = 500
    exit_code = 70


def _require_marks(api: NinjaAPI) -> None:
    """Deny first: the view that serves the operations is open, so each of them must carry a mark of its own."""
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                if not isinstance(getattr(operation.view_func, ACCESS_ATTRIBUTE, None), Action):
                    raise OperationUnmarked(operation=f"{prefix}{path}")


def operation_actions() -> dict[str, list[Action]]:
    """Return the actions of the operations, each once and in their order, by the room they belong to."""
    found: dict[str, dict[Action, None]] = {}
    for prefix, router in api._routers:
        room = found.setdefault(prefix.strip("/").partition("/")[0], {})
        views = [view for path in router.path_operations.values() for view in path.operations]
        room |= {getattr(view.view_func, ACCESS_ATTRIBUTE): None for view in views}
    return {room: list(actions) for room, actions in found.items() if actions}


def _answer(request: HttpRequest, error: Exception) -> HttpResponse:
    known = known_error(error)
    record_if_refused(request, known)  # type: ignore[arg-type]  # our middleware made it a Request
    return problem(known)


def _refuse_parameters(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = "; ".join(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors)
    return problem(ParametersInvalid(faults=faults))


api = build_api()
