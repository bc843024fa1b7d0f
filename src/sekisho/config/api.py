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


class ParametersInvalid(InvalidInput):
    """Parameters of the operation have a wrong type or are out of range; ``faults`` names each."""

    code = "config.parameters_invalid"
    message = _("These parameters are not valid: %(faults)s")


def build_api() -> NinjaAPI:
    """Return the API with the routers of every app that has an ``api.py``."""
    api = NinjaAPI(
        title="Sekisho", version=__version__, urls_namespace="api", docs_url=None, openapi_url="/openapi.json"
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


def _answer(request: HttpRequest, error: Exception) -> HttpResponse:
    known = known_error(error)
    record_if_refused(request, known)  # type: ignore[arg-type]  # our middleware made it a Request
    return problem(known)


def _refuse_parameters(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = "; ".join(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors)
    return problem(ParametersInvalid(faults=faults))


api = build_api()
