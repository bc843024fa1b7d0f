"""The paths of the app, and its entry in the navigation."""

from django.urls import path

from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import _
from sekisho.ui import views
from sekisho.ui.actions import UiAction

app_name = "ui"

urlpatterns = [
    path("components/", views.components, name="components"),
]

pages = (
    Page(
        id="ui.components",
        title=_("Building blocks of the screens"),
        route="ui:components",
        group=Group.SETTINGS,
        action=UiAction.COMPONENTS_VIEW,
        order=900,
    ),
)
