"""What is done with observations of the network."""

from sekisho.estate.actions import KEEPERS, LOOKERS
from sekisho.kernel.access import REVIEWERS, Action, Role
from sekisho.kernel.text import _
from sekisho.ledgers.actions import book_actions

# Whoever starts a sweep does not allow it to themselves.
PERMIT_GIVERS = {Role.MANAGEMENT, Role.SAFETY_MANAGER, Role.PLANNING_MANAGER}


class NetworkAction(Action):
    """Actions of the network room."""

    OBSERVE = (
        "network.observe",
        _("Look at the registered endpoints and keep what was seen"),
        {Role.PLATFORM, Role.CONSOLE, Role.SYSTEM_OPERATOR},
    )
    ISSUE_TICKET = (
        "collection.ticket",
        _("Issue a ticket for looking from elsewhere"),
        {Role.CONSOLE, Role.SYSTEM_OPERATOR},
    )
    WITHDRAW_TICKET = (
        "collection.withdraw",
        _("Withdraw a ticket for looking from elsewhere"),
        {Role.CONSOLE, Role.SYSTEM_OPERATOR},
    )
    IMPORT_BUNDLES = (
        "collection.import",
        _("Take over what was seen from elsewhere"),
        {Role.CONSOLE, Role.SYSTEM_OPERATOR},
    )
    VIEW = ("network.view", _("Look at what was seen of the endpoints and clocks"), LOOKERS)
    ADD_TIME_SOURCE = ("time_source.add", _("Add a time source"), KEEPERS)
    REMOVE_TIME_SOURCE = ("time_source.remove", _("Remove a time source"), KEEPERS)
    REGISTER_ENDPOINT = ("endpoint.register", _("Register how an endpoint is looked at"), KEEPERS)
    REGISTER_CLIENT_CERTIFICATE = (
        "client_certificate.register",
        _("Register the client certificate that an endpoint is tried with"),
        KEEPERS,
    )
    REMOVE_CLIENT_CERTIFICATE = (
        "client_certificate.remove",
        _("Remove the client certificate that an endpoint is tried with"),
        KEEPERS,
    )
    ALLOW_EXCEPTION = (
        "endpoint_exception.allow",
        _("Allow an endpoint TLS 1.2, or another way to tell devices apart"),
        PERMIT_GIVERS,
    )
    VIEW_EXPOSURE = ("exposure.view", _("Look at open ports, ranges of addresses and sweeps"), REVIEWERS)
    REQUEST_LOOK = ("exposure.request_look", _("Have the ports of a host looked at again"), {Role.SYSTEM_OPERATOR})
    REGISTER_RANGE = ("address_range.register", _("Register a range of addresses"), KEEPERS)
    CLOSE_RANGE = ("address_range.close", _("Close a range of addresses"), KEEPERS)
    GIVE_PERMIT = ("sweep_permit.give", _("Allow a sweep of addresses"), PERMIT_GIVERS)
    REVOKE_PERMIT = ("sweep_permit.revoke", _("Revoke the permit of a sweep"), PERMIT_GIVERS)
    REQUEST_SWEEP = ("sweep.request", _("Start a sweep of addresses"), {Role.SYSTEM_OPERATOR})
    STOP_SWEEP = ("sweep.stop", _("Stop a sweep of addresses"), PERMIT_GIVERS | {Role.SYSTEM_OPERATOR})
    SWEEP = ("sweep.run", _("Sweep the addresses that somebody asked for"), {Role.PLATFORM})
    WATCH = ("availability.watch", _("Ask the endpoints whether they answer"), {Role.PLATFORM})
    UNREACHABLE = ("system.unreachable", _("Record that an endpoint does not answer"), {Role.PLATFORM})
    REACHABLE = ("system.reachable", _("Record that an endpoint answers again"), {Role.PLATFORM})
    MAKE_REPORT = ("availability.report", _("Make the weekly report of the availability"), {Role.PLATFORM})
    DESTROY_REPORT = (
        "availability.destroy_report",
        _("Destroy a weekly report of the availability that is older than a year"),
        {Role.PLATFORM},
    )
    SETTLE_WATCH = ("availability.settle", _("Settle how an endpoint is watched"), KEEPERS)
    PLAN_QUIET = ("quiet_time.plan", _("Plan a time in which an endpoint may stand still"), KEEPERS)
    CALL_OFF_QUIET = ("quiet_time.call_off", _("Call off a planned quiet time"), KEEPERS)


class DeviceAction(Action):
    """Actions about network devices. Their configurations show an attacker the way in: only reviewers look at them."""

    VIEW = ("network_device.view", _("Look at network devices and their configurations"), REVIEWERS)
    ADD = ("network_device.add", _("Add a network device"), KEEPERS)
    CHANGE = ("network_device.change", _("Change a network device"), KEEPERS)
    CLOSE = ("network_device.close", _("Close a network device"), KEEPERS)
    HAND_IN = (
        "network_device.hand_in",
        _("Hand in the configuration of a network device"),
        {Role.SYSTEM_OPERATOR},
    )
    APPLY = (
        "network_device.apply",
        _("Apply for the approval of a device's configuration"),
        {Role.SYSTEM_OPERATOR},
    )


CONFIRMATIONS_TITLE = _("Ledger of carriers' confirmations")
TRANSMISSIONS_TITLE = _("Ledger of transmissions to the outside")
SERVICES_TITLE = _("Ledger of permitted outside services")

CarrierConfirmationAction = book_actions(
    "carrierconfirmation", CONFIRMATIONS_TITLE, readers=LOOKERS, keepers=KEEPERS, module=__name__
)
TransmissionAction = book_actions(
    "transmission", TRANSMISSIONS_TITLE, readers=LOOKERS, keepers=KEEPERS, module=__name__
)
ExternalServiceAction = book_actions(
    "externalservice", SERVICES_TITLE, readers=LOOKERS, keepers=KEEPERS, module=__name__
)
