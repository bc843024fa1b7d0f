"""The ledgers about lines: what carriers confirmed, what is sent outside, which outside services are permitted."""

from datetime import timedelta

from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Group, Ledger
from sekisho.kernel.text import _
from sekisho.ledgers.services.entry_approval import entry_workflow
from sekisho.network import models
from sekisho.network.actions import (
    CONFIRMATIONS_TITLE,
    SERVICES_TITLE,
    TRANSMISSIONS_TITLE,
    CarrierConfirmationAction,
    ExternalServiceAction,
    TransmissionAction,
)

_LINK = Column("link", _("Network link"), listed=True, filtered=True)
_NOTE = Column("note", _("Remarks"))

CONFIRMATIONS = Ledger(
    id="network.carrier_confirmations",
    title=CONFIRMATIONS_TITLE,
    model=models.CarrierConfirmation,
    columns=(
        _LINK,
        Column("service", _("Service of the carrier"), _("Its name in the contract."), listed=True),
        Column(
            "line",
            _("Kind of line, as the carrier says"),
            _("The kinds are those of table 13-1 of the guideline."),
            listed=True,
            filtered=True,
        ),
        Column(
            "assessment",
            _("Assessment"),
            _("Of a kind of line that table 13-1 leaves open: why it is safe enough, and where that is written."),
        ),
        Column("asked_on", _("Asked on")),
        Column("answered_on", _("Answered on"), listed=True),
        Column("answered_by", _("Answered by"), _("Carrier and person.")),
        Column("protected_from", _("Protected from"), _("Such as: our router.")),
        Column("protected_to", _("Protected to"), _("Such as: the entrance of the data centre.")),
        Column(
            "open_stretch",
            _("Unprotected stretch of Internet"),
            _("Ask whether any part of the way runs over the Internet, and how it is protected there."),
            listed=True,
            filtered=True,
        ),
        Column("own_encryption", _("Encryption by our own devices"), _("From where to where, and how.")),
        Column("answer_kept_at", _("Copy of the answer"), _("Where it is kept.")),
        Column("router", _("Router"), _("Maker and model of the device at our end.")),
        Column(
            "router_paper",
            _("Security document of the router"),
            _("Security target (ISO/IEC 15408), JC-STAR label or another paper of the maker, with its date."),
        ),
        _NOTE,
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-13-3",),
    actions=CarrierConfirmationAction,
    prefix="CC",
    group=Group.INFRASTRUCTURE,
)
TRANSMISSIONS = Ledger(
    id="network.transmissions",
    title=TRANSMISSIONS_TITLE,
    model=models.Transmission,
    columns=(
        _LINK,
        Column(
            "sending",
            _("Sending"),
            _("One entry for every line, also for one over which nothing goes outside."),
            listed=True,
            filtered=True,
        ),
        Column("information", _("Information"), _("Which information, of whom."), listed=True),
        Column("recipient", _("Recipient"), listed=True),
        Column("way", _("Way"), _("Mail, file exchange, linked systems.")),
        Column("encryption", _("Encryption of the information itself"), listed=True, filtered=True),
        Column("method", _("Method"), _("Product or cipher, and how the other side gets the key.")),
        Column(
            "reason",
            _("Reason"),
            _("Why nothing goes outside, or why the protection of the line is enough."),
        ),
        Column("decided_on", _("Decided on")),
        Column("decided_by", _("Decided by")),
        Column("agreed_on", _("Agreed with the recipient on"), _("Both sides use the same method.")),
        Column(
            "seen_on",
            _("Really sent information looked at on"),
            _("When somebody made sure that what goes out is encrypted."),
        ),
        Column("seen_by", _("Looked at by")),
        _NOTE,
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-13-8",),
    actions=TransmissionAction,
    prefix="TM",
    group=Group.INFRASTRUCTURE,
)
SERVICES = Ledger(
    id="network.external_services",
    title=SERVICES_TITLE,
    model=models.ExternalService,
    columns=(
        Column("name", _("Service"), listed=True),
        Column("kind", _("Kind"), listed=True, filtered=True),
        _LINK,
        Column("vendor", _("Vendor"), filtered=True),
        Column("destination", _("Destination"), _("Addresses or names that may be reached."), listed=True),
        Column("origin", _("Origin"), _("Devices, departments or people that may reach it.")),
        Column("holds_medical_information", _("Medical information is put there"), filtered=True),
        Column("reason", _("Reason for choosing it"), listed=True),
        Column(
            "rules_checked_on",
            _("Compared with our rules on"),
            _("Safety rules, privacy policy, guideline: needed where medical information is put there."),
        ),
        Column("keeper", _("Person in charge"), listed=True),
        Column("department", _("Department in charge"), filtered=True),
        Column(
            "watched_by",
            _("Watched by"),
            _("Who gets the alarms of this connection, and acts on them."),
            after_approval=True,
        ),
        Column(
            "allowed_until",
            _("Permitted until"),
            _("Once it has passed, the entry counts as run out."),
            expires=True,
        ),
        _NOTE,
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=180),
    requirements=("SO-7-1", "SO-13-11"),
    workflow="network.external_services",
    actions=ExternalServiceAction,
    prefix="XS",
    group=Group.INFRASTRUCTURE,
)
SERVICE_APPROVAL = entry_workflow(
    SERVICES, title=_("Permitting an outside service"), approvers={Role.PLANNING_MANAGER, Role.SAFETY_MANAGER}
)
