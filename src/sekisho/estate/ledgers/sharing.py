"""The ledgers of what is given to third parties, and of the maintenance that cloud vendors announce; their coverage."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from sekisho.estate import models
from sekisho.estate.actions import CLOUD_NOTICES_TITLE, PROVISIONS_TITLE, CloudNoticeAction, ProvisionAction
from sekisho.estate.models import CloudNotice, Provision, ProvisionGround, System, SystemForm
from sekisho.estate.queries import happened
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.dates import in_facility
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.keeping import members
from sekisho.ledgers.queries.no_cases import statement
from sekisho.ledgers.services.entry_approval import entry_workflow

PROVISIONS = Ledger(
    id="estate.third_party_provisions",
    title=PROVISIONS_TITLE,
    model=models.Provision,
    columns=(
        Column(
            "recipient",
            _("Recipient"),
            _("Hospitals you refer to, the regional network, firms that order check-ups; one entry for each way."),
            listed=True,
        ),
        Column("content", _("Information"), _("Which information, of whom.")),
        Column("purpose", _("Purpose"), listed=True),
        Column("ground", _("Ground"), filtered=True),
        Column("way", _("Way"), listed=True, filtered=True),
        Column("system", _("System"), _("The system it comes from."), filtered=True),
        Column("protection", _("Protection on the way"), _("Encryption, password sent by another way, closed line.")),
        Column("own_limit", _("Our responsibility ends at"), _("Such as: our mail server."), listed=True),
        Column("other_limit", _("Theirs begins at")),
        Column("risks_weighed_on", _("Risks weighed on")),
        Column("discussed_on", _("Discussed with the planning manager on"), listed=True),
        Column("agreed_on", _("Agreed with the recipient on")),
        Column("records_kept_at", _("Records of what was given"), _("Where they are kept."), after_approval=True),
        Column("until", _("Given until"), _("Once it has passed, the entry counts as run out."), expires=True),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-3-5",),
    workflow="estate.third_party_provisions",
    actions=ProvisionAction,
    prefix="TP",
    group=Group.SERVER,
    may_be_empty=True,
)
# 3⑤: what the system operator settled is reported to the planning manager, with whom it was discussed.
PROVISION_APPROVAL = entry_workflow(
    PROVISIONS, title=_("Giving information to a third party"), approvers={Role.PLANNING_MANAGER}
)
CLOUD_NOTICES = Ledger(
    id="estate.cloud_notices",
    title=CLOUD_NOTICES_TITLE,
    model=models.CloudNotice,
    columns=(
        Column("system", _("System"), _("The cloud service that is maintained."), listed=True, filtered=True),
        Column("received_on", _("Received on"), listed=True),
        Column("content", _("Maintenance work"), _("As the vendor wrote it."), listed=True),
        Column("begins_on", _("Begins on"), listed=True),
        Column("ends_on", _("Ends on"), listed=True),
        Column("hours", _("Hours"), _("From when to when it cannot be used.")),
        Column("effect", _("Effect on the systems here"), _("What cannot be done meanwhile, in which department.")),
        Column("substitute", _("Substitute"), _("What is done instead; or “not needed”.")),
        Column("reported_on", _("Reported to the planning manager on")),
        Column("announced_on", _("Made known on")),
        Column("announced_to", _("Made known to")),
        Column("checked_on", _("Checked afterwards on"), listed=True),
        Column("checked_by", _("Checked afterwards by")),
        Column("result", _("Result"), _("Whether everything works as before.")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-10-3",),
    actions=CloudNoticeAction,
    prefix="CN",
    group=Group.SERVER,
    happens_on="received_on",
)
_COUNTED_FOR = timedelta(days=365)
_NO_NOTICE = _("A notice of maintenance, or the statement that there was none")
Wishes = Iterable[tuple[object, Text]]


def _provision_wanted(row: Provision) -> Wishes:
    told = row.ground and (row.ground != ProvisionGround.OTHER or row.note)
    yield row.content, _("Information")
    yield told, _("Ground")
    yield row.own_limit, _("Our responsibility ends at")
    yield row.other_limit, _("Theirs begins at")
    yield happened(row.risks_weighed_on), _("Risks weighed on")
    yield happened(row.discussed_on), _("Discussed with the planning manager on")
    yield row.is_approved, _("Approval")


def third_party_provisions() -> Iterator[Member]:
    """Yield every recipient in use; or, without one, the statement that nothing is given to anybody."""
    return members(PROVISIONS, _provision_wanted, belongs_to=["system"])


def _notice_wanted(row: CloudNotice) -> Wishes:
    last = row.ends_on or row.begins_on
    yield last, _("Begins on")
    yield row.hours, _("Hours")
    yield row.effect, _("Effect on the systems here")
    yield row.substitute, _("Substitute")
    yield happened(row.reported_on), _("Reported to the planning manager on")
    yield happened(row.announced_on), _("Made known on")
    if happened(last):
        yield happened(row.checked_on) and last <= row.checked_on, _("Checked afterwards on")


def cloud_notices() -> Iterator[Member]:
    """Yield every notice in use or of the last year, and every system without one; what stands here needs none.

    A cloud service without a notice lacks one, unless somebody stated that there was none.
    """
    told: set[str] = set()
    # What a vendor announced was announced: closing its entry undoes nothing.
    since = in_facility(clock.now()).date() - _COUNTED_FOR
    ended = CloudNotice.objects.filter(struck_at=None, closed_at__isnull=False, received_on__gte=since)
    closed = ended.select_related("system").order_by("number")
    for member in members(CLOUD_NOTICES, _notice_wanted, belongs_to=["system"], closed=closed):
        told |= member.belongs_to
        yield member
    stated = statement(CLOUD_NOTICES)
    for row in System.objects.filter(closed_at=None).order_by("id"):
        if row.form == SystemForm.ON_PREMISES:
            yield Member(frozenset({str(row.pk)}), row.name)
        elif str(row.pk) not in told:
            missing = () if stated else (_NO_NOTICE,)
            yield Member(frozenset({str(row.pk)}), row.name, missing, stated.stated_at if stated else None)


THIRD_PARTY_PROVISIONS = Coverage(
    id="estate.third_party_provisions",
    title=_("Limits of responsibility for each provision to third parties"),
    population=_("Registered recipients and ways"),
    measure=third_party_provisions,
    route="estate:third_party_provisions",
)
CLOUD_MAINTENANCE = Coverage(
    id="estate.cloud_notices",
    title=_("Maintenance of each cloud service looked into and made known"),
    population=_("Registered notices, and registered systems without one"),
    measure=cloud_notices,
    route="estate:cloud_notices",
)
