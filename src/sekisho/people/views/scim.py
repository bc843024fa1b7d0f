"""SCIM 2.0 for programs of other systems, to be read only (RFC 7644): who has an account here, and whether it works.

Tokens and scopes are those of the API; whoever may not is answered as everywhere at the API, in problem+json.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from sekisho.kernel.access import allow
from sekisho.kernel.errors import NotFound
from sekisho.kernel.text import Text, _
from sekisho.people.actions import ProvisioningAction
from sekisho.people.queries.provisioning import find_staff_account, staff_accounts
from sekisho.people.rules.scim import (
    Resource,
    ScimFilterInvalid,
    ScimValueInvalid,
    error_answer,
    is_known_version,
    list_answer,
    partial,
    read_question,
    user_resource,
    version_of,
)
from sekisho.people.rules.scim_service import resource_type, schemas, service_configuration
from sekisho.ui.request import Request

_SCIM = "application/scim+json"
_READS = ("GET", "HEAD")
_READ_ONLY = _("This service is read only.")
_NO_FILTER = _("There is nothing to filter here.")
View = Callable[..., HttpResponse]


def _scim(view: View) -> View:
    """Let a view answer reads only, and its errors in the form of SCIM."""

    @wraps(view)
    def answering(request: Request, *args: str, **kwargs: str) -> HttpResponse:
        if request.method not in _READS:
            answer = _error(HTTPStatus.METHOD_NOT_ALLOWED, _READ_ONLY)
            answer.headers["Allow"] = ", ".join(_READS)
            return answer
        try:
            return view(request, *args, **kwargs)
        except ScimFilterInvalid as error:
            return _error(error.status, str(error), "invalidFilter")
        except ScimValueInvalid as error:
            return _error(error.status, str(error), "invalidValue")
        except NotFound as error:
            return _error(error.status, error.text)

    return csrf_exempt(answering)  # it reads only; what would write is refused here and not for want of a secret


def _error(status: int, detail: str | Text, kind: str = "") -> HttpResponse:
    return _answer(error_answer(status, str(detail), kind), status)


def _answer(body: Resource, status: int = HTTPStatus.OK) -> HttpResponse:
    return JsonResponse(body, status=status, content_type=_SCIM)


def _base() -> str:
    return f"{settings.ORIGIN}{reverse('people:scim-users').removesuffix('/Users')}"


def _described(request: Request, found: list[Resource], name: str | None, key: str = "id") -> HttpResponse:
    """Answer with what the service says of itself: one of it, or all. Filters are forbidden there (RFC 7644 4)."""
    if "filter" in request.GET:
        return _error(HTTPStatus.FORBIDDEN, _NO_FILTER)
    if name is None:
        return _answer(list_answer(found, len(found), 1))
    for one in found:
        if one[key] == name:
            return _answer(one)
    raise NotFound


@_scim
@allow(ProvisioningAction.FETCH)
def configuration(request: Request) -> HttpResponse:
    """Answer with what the service can do."""
    if "filter" in request.GET:
        return _error(HTTPStatus.FORBIDDEN, _NO_FILTER)
    return _answer(service_configuration(_base()))


@_scim
@allow(ProvisioningAction.FETCH)
def resource_types(request: Request, name: str | None = None) -> HttpResponse:
    """Answer with the types of resource."""
    return _described(request, [resource_type(_base())], name)


@_scim
@allow(ProvisioningAction.FETCH)
def list_schemas(request: Request, name: str | None = None) -> HttpResponse:
    """Answer with the schemas."""
    return _described(request, schemas(_base()), name)


@_scim
@allow(ProvisioningAction.FETCH)
def list_users(request: Request) -> HttpResponse:
    """Answer with one page of accounts, of those that the filter names."""
    asked = read_question({name: str(value) for name, value in request.GET.items()})
    found, total = staff_accounts(asked)
    resources = [_part(request, user_resource(one, _base())) for one in found]
    return _answer(list_answer(resources, total, asked.start))


@_scim
@allow(ProvisioningAction.FETCH)
def show_user(request: Request, name: str) -> HttpResponse:
    """Answer with one account; 304 where its version is known already. Raises NotFound."""
    found = find_staff_account(name)
    if found is None:
        raise NotFound
    resource = user_resource(found, _base())
    version = version_of(resource)
    if is_known_version(request.headers.get("If-None-Match"), version):
        return HttpResponse(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": version})
    answer = _answer(_part(request, resource))
    answer.headers["ETag"] = version
    return answer


@_scim
@allow(ProvisioningAction.FETCH)
def nothing_there(request: Request, name: str) -> HttpResponse:
    """Answer for every other address of the service. Raises NotFound."""
    raise NotFound


def _part(request: Request, resource: Resource) -> Resource:
    return partial(resource, request.GET.get("attributes", ""), request.GET.get("excludedAttributes", ""))
