"""An address whose view forgot to say who may use it."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from sekisho.config import urls


def forgotten(request: HttpRequest) -> HttpResponse:
    """Would show a secret if it were ever called."""
    return HttpResponse("secret")


urlpatterns = [path("forgotten/", forgotten), path("", include(urls.urlpatterns))]
