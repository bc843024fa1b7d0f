"""Addresses of applications and approvals."""

from django.urls import path

from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import _
from sekisho.ledgers.actions import LedgersAction
from sekisho.ledgers.views import deciding, reading

app_name = "ledgers"
_ONE = "applications/<uuid:application_id>/"
urlpatterns = [
    path("applications/", reading.list_applications, name="list"),
    path(_ONE, reading.show_application, name="application"),
    path(f"{_ONE}files/<int:number>/<int:place>/", reading.download_file, name="file"),
    path(f"{_ONE}approve/", deciding.approve, name="approve"),
    path(f"{_ONE}send-back/", deciding.send_back, name="send-back"),
    path(f"{_ONE}withdraw/", deciding.withdraw, name="withdraw"),
    path(f"{_ONE}revoke/", deciding.revoke, name="revoke"),
]
pages = (
    Page("ledgers.list", _("Applications and approvals"), "ledgers:list", Group.WORK, LedgersAction.VIEW, order=20),
)
