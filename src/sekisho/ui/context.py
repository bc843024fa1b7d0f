"""What every page of the shell needs in its template context."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from sekisho import __version__
from sekisho.kernel import clock, registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, anonymous
from sekisho.ui.display import display_of
from sekisho.ui.navigation import NavigationGroup, build_navigation


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give templates the actor and roles, the navigation, the display, and the product's name and version."""
    actor: Actor = getattr(request, "actor", None) or anonymous()

    def navigation() -> list[NavigationGroup]:
        return build_navigation(actor, registry.current().pages, request.path, reverse)

    return {
        "actor": actor,
        "actor_roles": [role.label for role in Role if role in actor.roles],
        "display": display_of(request),
        # Lazy: an error page without navigation must work even when the registry is what failed.
        "navigation": SimpleLazyObject(navigation),
        "product_name": gettext("Sekisho"),
        "shown_at": clock.now(),
        "version": __version__,
    }
