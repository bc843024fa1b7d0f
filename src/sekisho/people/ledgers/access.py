"""Roles of the systems (14.2), and who asked for which of them (14④, 7⑬): approved, granted, confirmed, withdrawn.

The manager of the person's department approves, a system operator grants, and the department confirms the result.
Nobody decides about their own access where anybody else could, and nobody both operates and audits.
"""

from datetime import timedelta
from uuid import UUID

from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Column, Content, Group, Ledger, RoutePart, RouteStep
from sekisho.kernel.text import _
from sekisho.ledgers.errors import EntryInvalid
from sekisho.ledgers.queries.applications import get_application
from sekisho.ledgers.queries.routes import approvals_of, newest_submission
from sekisho.ledgers.services.books import close_entry
from sekisho.ledgers.services.entry_approval import entry_workflow
from sekisho.people.actions import ACCESS_REQUESTS_TITLE, SYSTEM_ROLES_TITLE, AccessRequestAction, SystemRoleAction
from sekisho.people.errors.accounts import NotTheirManager, OwnAccess
from sekisho.people.models import AccessRequest, SystemRole
from sekisho.people.queries import access_requests as queries

_HALF_A_YEAR = timedelta(days=180)
_BOTH_DUTIES = _("This person would both operate systems and audit them. Withdraw the one first, or choose another.")
_NOT_YOURS = _("Only the manager of the person's department or the management confirms, and nobody for themselves.")
_WITHDRAWN = _("The access was withdrawn.")

SYSTEM_ROLES = Ledger(
    id="people.system_roles",
    title=SYSTEM_ROLES_TITLE,
    model=SystemRole,
    columns=(
        Column("system", _("System"), listed=True, filtered=True),
        Column(
            "name", _("Name of the role"), _("Exactly as the system's own list of accounts writes it."), listed=True
        ),
        Column("duty", _("What it is for"), _("Nobody both operates and audits."), listed=True, filtered=True),
        Column("data_classes", _("Classes of information"), _("Records, results, accounts: what it reaches.")),
        Column("may_view", _("View"), listed=True),
        Column("may_add", _("Add"), listed=True),
        Column("may_update", _("Update data"), listed=True),
        Column("may_execute", _("Execute"), _("Also to confirm a record."), listed=True),
        Column(
            "usual_for",
            _("Usual for"),
            _("Professions that need it as a matter of course, with “、” between. For others a request says why."),
        ),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-14-4",),
    actions=SystemRoleAction,
    prefix="SR",
    group=Group.SECURITY,
)


def check_request(actor: Actor, entry: AccessRequest) -> None:
    """Hold a request that was just written against the others, note who confirmed it, and close what was withdrawn.

    Raises EntryInvalid.
    """
    if entry.withdrawn_on is None and str(entry.person_id) in queries.people_with_both_duties():
        raise EntryInvalid({"role": [str(_BOTH_DUTIES)]})
    name, of = _confirmation(actor, entry)
    AccessRequest.objects.filter(pk=entry.pk).update(result_by=name, result_name=name, result_of=of)
    if entry.withdrawn_on is not None:
        reason = str(_WITHDRAWN)
        close_entry(actor=actor, ledger=ACCESS_REQUESTS, entry_id=entry.pk, version=entry.version, reason=reason)


def _confirmation(actor: Actor, entry: AccessRequest) -> tuple[str, str]:
    """Return who confirmed the result, and what of it: what is changed afterwards is confirmed anew."""
    if entry.result_on is None:
        return "", ""
    if entry.is_result_confirmed:
        return entry.result_name, entry.result_of
    who, able = queries.people_of(actor.id), queries.speakers(entry.person.department_id)
    if who.isdisjoint(able) or (entry.person_id in who and len(able) > 1):
        raise EntryInvalid({"result_on": [str(_NOT_YOURS)]})
    return actor.name, entry.present_result


ACCESS_REQUESTS = Ledger(
    id="people.access_requests",
    title=ACCESS_REQUESTS_TITLE,
    model=AccessRequest,
    columns=(
        Column("person", _("Person"), _("For an account of a device: who answers for it."), listed=True, filtered=True),
        Column(
            "role",
            _("Role in the system"),
            _("One entry a role. What is needed, and no more."),
            listed=True,
            filtered=True,
        ),
        Column("reason", _("Reason"), _("The work that needs it.")),
        Column("beyond", _("Why it is more than is usual"), _("Where the role is not usual for the profession.")),
        Column("from_outside", _("Also from outside the facility"), filtered=True),
        Column("from_on", _("From")),
        Column("until_on", _("Until"), _("Empty: as long as the person works here."), listed=True, expires=True),
        Column(
            "granted_on",
            _("Granted on"),
            _("Fill in this and what follows once it is approved and happens."),
            listed=True,
            after_approval=True,
        ),
        Column("login", _("Login name"), _("As the ID ledger has it."), listed=True, after_approval=True),
        Column(
            "result_on",
            _("Result confirmed on"),
            _("By the manager of the person's department, or the management."),
            listed=True,
            after_approval=True,
        ),
        Column("result_by", _("Result confirmed by"), _("Written by itself."), after_approval=True),
        Column("withdrawn_on", _("Withdrawn on"), _("Ends the entry."), after_approval=True),
        Column("note", _("Remarks"), after_approval=True),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=_HALF_A_YEAR,
    requirements=("SO-7-13", "SO-14-4"),
    workflow="people.access_requests",
    actions=AccessRequestAction,
    prefix="AR",
    group=Group.SECURITY,
    follows=check_request,
)


def require_right_people(actor: Actor, application_id: UUID, content: Content) -> None:
    """Let the approvals that were given so far stand, if the right people gave them.

    Raises NotTheirManager, OwnAccess.
    """
    person = AccessRequest.objects.select_related("person").get(pk=UUID(str(content["entry"]))).person
    able = {"1": queries.speakers(person.department_id), "2": queries.operators()}
    for decision in approvals_of(newest_submission(get_application(actor, application_id))):
        step = decision.part.split(".", 1)[0]
        behind = queries.people_of(decision.decided_by, decision.for_id)
        if step == "1" and behind.isdisjoint(able[step]):
            raise NotTheirManager(name=decision.decided_by_name, person=person.name)
        if person.pk in behind and len(able[step]) > 1:
            raise OwnAccess(name=person.name)


def accept_approvals(actor: Actor, application_id: UUID, content: Content) -> None:
    """Let an approval stand that the right people gave, and note the department it was given for.

    They are looked at again: somebody may have moved, or lost a role, since they approved.
    Raises NotTheirManager, OwnAccess, EntryInvalid.
    """
    require_right_people(actor, application_id, content)
    entry = AccessRequest.objects.select_related("person").get(pk=UUID(str(content["entry"])))
    person = entry.person
    if str(person.pk) in queries.people_with_both_duties():
        raise EntryInvalid({"role": [str(_BOTH_DUTIES)]})
    AccessRequest.objects.filter(pk=entry.pk).update(department=person.department_id)


# The department's manager first, then who operates the system; the management speaks for every department.
ACCESS_APPROVAL = entry_workflow(
    ACCESS_REQUESTS,
    title=_("Access to a system"),
    route=(
        RouteStep(
            _("Manager of the department"),
            (RoutePart(frozenset({Role.DEPARTMENT_MANAGER, Role.SAFETY_MANAGER, Role.MANAGEMENT})),),
        ),
        RouteStep(_("System operator"), (RoutePart(frozenset({Role.SYSTEM_OPERATOR})),)),
    ),
    approvers=(),
    carry_out=accept_approvals,
    on_part=require_right_people,
)
