"""Pages of the user interface itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sekisho.kernel.access import allow
from sekisho.ui.actions import UiAction
from sekisho.ui.gallery import gallery_context


@require_safe
@allow(UiAction.COMPONENTS_VIEW)
def components(request: HttpRequest) -> HttpResponse:
    """Show every building block in all its states, for whoever writes a page or checks the design."""
    return render(request, "ui/gallery.html", gallery_context())
