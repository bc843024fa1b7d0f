"""Addresses of the network room."""

from django.urls import path

from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import _
from sekisho.ledgers.views.books import book_addresses, declared_books
from sekisho.network import ledgers
from sekisho.network.actions import DeviceAction, NetworkAction
from sekisho.network.views import (
    availability,
    availability_report,
    clock_history,
    clocks,
    device_writing,
    devices,
    endpoints,
    exposure,
    ranges,
    registration,
    sweeps,
    watching,
    weekly_reports,
)

app_name = "network"
_DEVICE = "network-devices/<uuid:device_id>/"
urlpatterns = [
    path("network-devices/", devices.list_devices, name="devices"),
    path("network-devices/new/", device_writing.add_device, name="device-new"),
    path(_DEVICE, devices.show_device, name="device"),
    path(f"{_DEVICE}change/", device_writing.change_device, name="device-change"),
    path(f"{_DEVICE}close/", device_writing.close_device, name="device-close"),
    path(f"{_DEVICE}hand-in/", device_writing.hand_in, name="device-hand-in"),
    path(f"{_DEVICE}baseline/", device_writing.apply_for_baseline, name="device-baseline"),
    path(f"{_DEVICE}configurations/<int:number>/", devices.show_configuration, name="device-configuration"),
    path("device-baselines/<uuid:application_id>/amend/", device_writing.amend_baseline, name="amend-baseline"),
    path("endpoints/", endpoints.list_endpoints, name="endpoints"),
    path("endpoints/<uuid:endpoint_id>/", endpoints.show_endpoint, name="endpoint"),
    path("endpoints/<uuid:endpoint_id>/register/", registration.register, name="register-endpoint"),
    path("endpoints/<uuid:endpoint_id>/exception/", registration.allow_exception, name="allow-exception"),
    path("endpoints/<uuid:endpoint_id>/client-certificate/", registration.register_client, name="register-client"),
    path("endpoints/<uuid:endpoint_id>/client-certificate/remove/", registration.remove_client, name="remove-client"),
    path("network/availability/", availability.list_watched, name="availability"),
    path("network/availability/week.xlsx", availability_report.weekly_report, name="weekly-report"),
    path("network/availability/reports/", weekly_reports.list_reports, name="weekly-reports"),
    path("network/availability/reports/<slug:first_day>.pdf", weekly_reports.show_report, name="week"),
    path("network/availability/<uuid:endpoint_id>/", availability.show_watched, name="watched"),
    path("network/availability/<uuid:endpoint_id>/settle/", watching.settle, name="settle-watching"),
    path("network/availability/<uuid:endpoint_id>/quiet/", watching.plan_quiet, name="plan-quiet"),
    path("network/availability/quiet/<uuid:quiet_id>/call-off/", watching.call_off, name="call-off"),
    path("clocks/", clocks.list_clocks, name="clocks"),
    path("clocks/add/", clocks.add_source, name="add-time-source"),
    path("clocks/<uuid:source_id>/remove/", clocks.remove_source, name="remove-time-source"),
    path("clocks/<slug:subject_id>/", clock_history.show_clock, name="clock"),
    path("exposure/", exposure.show_exposure, name="exposure"),
    path("exposure/look-again/", exposure.look_again, name="look-again"),
    path("ranges/new/", ranges.new_range, name="new-range"),
    path("ranges/<uuid:range_id>/", ranges.show_range, name="range"),
    path("ranges/<uuid:range_id>/close/", ranges.end_range, name="close-range"),
    path("ranges/<uuid:range_id>/permit/", ranges.new_permit, name="new-permit"),
    path("ranges/<uuid:range_id>/sweep/", sweeps.start_sweep, name="start-sweep"),
    path("sweep-permits/<uuid:permit_id>/revoke/", ranges.end_permit, name="revoke-permit"),
    path("sweeps/<uuid:sweep_id>/", sweeps.show_sweep, name="sweep"),
    path("sweeps/<uuid:sweep_id>/stop/", sweeps.end_sweep, name="stop-sweep"),
    *book_addresses(declared_books(ledgers)),
]
_VIEW = NetworkAction.VIEW
pages = (
    Page("network.endpoints", _("Inspection of endpoints"), "network:endpoints", Group.INFRASTRUCTURE, _VIEW, order=30),
    Page("network.availability", _("Availability"), "network:availability", Group.INFRASTRUCTURE, _VIEW, order=28),
    Page(
        "network.exposure",
        _("Exposure of the network"),
        "network:exposure",
        Group.INFRASTRUCTURE,
        NetworkAction.VIEW_EXPOSURE,
        order=35,
    ),
    Page("network.devices", _("Network devices"), "network:devices", Group.INFRASTRUCTURE, DeviceAction.VIEW, order=38),
    Page("network.clocks", _("Clocks"), "network:clocks", Group.INFRASTRUCTURE, _VIEW, order=40),
)
