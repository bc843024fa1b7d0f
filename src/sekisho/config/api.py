"""The API root: ``/api/v1`` with OpenAPI, and its translator to problem+json."""

import importlib
import importlib.util

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from sekisho import __version__
from sekisho.config.errors import known_error, problem, record_if_refused
from sekisho.kernel.errors import InvalidInput
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
    api.exception_handler(Exception)(_answer)
    api.exception_handler(ValidationError)(_refuse_parameters)
    return api


def _answer(request: HttpRequest, error: Exception) -> HttpResponse:
    known = known_error(error)
    record_if_refused(request, known)  # type: ignore[arg-type]  # our middleware made it a Request
    return problem(known)


def _refuse_parameters(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = "; ".join(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors)
    return problem(ParametersInvalid(faults=faults))


api = build_api()
