"""The survey of authentication (14①②⑥): what each system asks of those who sign in, with the ground for saying so."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.keeping import members
from sekisho.people.actions import SURVEY_TITLE, AuthenticationAction
from sekisho.people.models import Answer, AuthenticationSurvey, Method
from sekisho.people.queries.id_review import systems

_NO_ENTRY = _("An entry of this system in the survey")

SURVEY = Ledger(
    id="people.authentication_survey",
    title=SURVEY_TITLE,
    model=AuthenticationSurvey,
    columns=(
        Column("system", _("System"), listed=True, filtered=True),
        Column("method", _("Way of signing in"), listed=True, filtered=True),
        Column("own_ids", _("Everybody has an ID of their own"), filtered=True),
        Column("second_factor", _("Second factor at the sign-in"), listed=True, filtered=True),
        Column(
            "password_minimum",
            _("Fewest characters"),
            _("What the system enforces, not what people were told."),
            listed=True,
        ),
        Column(
            "password_maximum",
            _("Most characters"),
            _("Where an old system takes no longer password."),
            listed=True,
        ),
        Column("letters_and_digits", _("Refuses letters or digits alone")),
        Column("symbols", _("Asks for symbols")),
        Column("pin_minimum", _("Fewest digits of a PIN")),
        Column("forced_change_days", _("Days after which a change is forced"), _("Empty where nobody is made to.")),
        Column("first_change", _("First password must be changed")),
        Column("refuses_former", _("Refuses passwords used before")),
        Column("irreversible", _("Stored so that nobody can turn it back"), _("A salted hash, not encryption.")),
        Column("hidden", _("Operators cannot learn a password")),
        Column("stops", _("Stops after repeated failures"), listed=True),
        Column("ground", _("How it is known"), listed=True, filtered=True),
        Column("evidence", _("Evidence"), _("Test record or the vendor's paper, and where it is kept.")),
        Column("surveyed_on", _("Tested or stated on")),
        Column("note", _("Remarks"), _("For a system that cannot do it: what is done instead, and until when.")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-14-1", "SO-14-2", "SO-14-6-1", "SO-14-6-2", "SO-14-6-3", "SO-14-6-5", "SO-14-6-6"),
    actions=AuthenticationAction,
    prefix="AU",
    group=Group.SECURITY,
)


def _wanted(row: AuthenticationSurvey) -> Iterable[tuple[object, Text]]:
    """What must be so, must be answered with yes; what must only be found out, with anything."""
    yield row.method != Method.NONE, _("Way of signing in")
    yield row.own_ids == Answer.YES, _("Everybody has an ID of their own")
    yield row.ground, _("How it is known")
    yield row.evidence, _("Evidence")
    yield row.surveyed_on, _("Tested or stated on")
    yield row.stops == Answer.YES, _("Stops after repeated failures")
    if row.method == Method.PASSWORD:
        yield row.password_minimum, _("Fewest characters")
        yield row.first_change == Answer.YES, _("First password must be changed")
        yield row.refuses_former, _("Refuses passwords used before")
        yield row.irreversible == Answer.YES, _("Stored so that nobody can turn it back")
        yield row.hidden == Answer.YES, _("Operators cannot learn a password")


def surveyed_systems() -> Iterator[Member]:
    """Yield what was found of every system, and every system of which nothing was."""
    yield from members(SURVEY, _wanted, belongs_to=["system"])
    rows = AuthenticationSurvey.objects.filter(closed_at=None, struck_at=None)
    known = {str(found) for found in rows.values_list("system_id", flat=True)}
    for system in systems():
        if system.id not in known:
            yield Member(frozenset({system.id}), system.label, (_NO_ENTRY,))


SURVEY_COVERAGE = Coverage(
    id="people.authentication_survey",
    title=_("Authentication of every system, with its ground"),
    population=_("Registered systems"),
    measure=surveyed_systems,
    route="people:authentication_survey",
)
