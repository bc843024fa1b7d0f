"""Every address: the apps' own, the API, and the first page."""

import importlib
import importlib.util
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from sekisho.config import views
from sekisho.config.actions import PersonalDataAction, PlatformAction
from sekisho.config.api import api
from sekisho.config.privacy import views as privacy
from sekisho.config.trusting import views as trusting
from sekisho.config.watching import views as watching
from sekisho.config.wizard import pages as wizard_pages
from sekisho.config.wizard import views as wizard
from sekisho.kernel.access import public
from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import _
from sekisho.people.actions import PeopleAction


def _app_addresses() -> Iterator[URLResolver]:
    for app in settings.SEKISHO_APPS:
        if app != "sekisho.config" and importlib.util.find_spec(f"{app}.urls") is not None:
            yield path("", include(f"{app}.urls"))


def _mark_operations(patterns: list[Any]) -> list[Any]:
    """An API view serves several operations, each with its own mark, which a test holds; the view itself passes."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = public(pattern.callback)
    return patterns


_api_patterns, _api_app, _api_namespace = api.urls
urlpatterns = [
    path("", views.home, name="home"),
    path("start/", wizard.start, name="wizard"),
    path("start/facility/", wizard.ask_facility, name="wizard-facility"),
    path("start/people/", wizard_pages.show_people, name="wizard-people"),
    path("start/people/plan-myself/", wizard_pages.plan_myself, name="wizard-plan-myself"),
    path("start/systems/", wizard.ask_systems, name="wizard-systems"),
    path("start/lines/", wizard.ask_lines, name="wizard-lines"),
    path("start/contract/", wizard.ask_contract, name="wizard-contract"),
    path("start/ready/", wizard_pages.show_ready, name="wizard-ready"),
    path("start/ready/state/", wizard_pages.show_state, name="wizard-state"),
    path("start/<str:place>/later/", wizard.later, name="wizard-later"),
    path("healthz", views.health, name="health"),
    path("metrics", watching.metrics, name="metrics"),
    path("personal-data/", privacy.show_holdings, name="personal-data"),
    path("personal-data/<str:holding_id>/period/", privacy.change_period, name="personal-data-period"),
    path("personal-data/<str:holding_id>/destroy/", privacy.destroy, name="personal-data-destroy"),
    path("personal-data/person/", privacy.hand_over, name="personal-data-of"),
    path("trust/", trusting.show, name="trust"),
    path("trust/sekisho-root.mobileconfig", trusting.profile, name="trust-profile"),
    path("trust/sekisho-root.<str:form>", trusting.certificate, name="trust-certificate"),
    path("trust/sheet.pdf", trusting.sheet, name="trust-sheet"),
    path("platform/", watching.show_state, name="platform-state"),
    path("api/v1/", (_mark_operations(_api_patterns), _api_app, _api_namespace)),
    *_app_addresses(),
]
handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.not_found
handler500 = views.server_error
pages = (
    Page("config.home", _("First page"), "home", Group.WORK, PeopleAction.HOME, order=0),
    Page("config.state", _("State of Sekisho"), "platform-state", Group.SETTINGS, PlatformAction.VIEW, order=90),
    Page(
        "config.personal_data",
        _("Personal data in Sekisho"),
        "personal-data",
        Group.SETTINGS,
        PersonalDataAction.VIEW,
        order=95,
    ),
)
