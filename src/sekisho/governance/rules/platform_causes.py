"""From what is wrong with the platform itself to the causes of notices. Pure."""

from collections.abc import Iterable, Iterator
from datetime import date

from sekisho.governance.rules.notices import Cause, NoticeKind, Urgency
from sekisho.kernel.access import Role
from sekisho.kernel.ports import Grade, Trouble, Troubled
from sekisho.kernel.text import Text, _

TROUBLE_WORDS: dict[Trouble, Text] = {
    Trouble.LOG: _("The log of the register is damaged or does not fit the database."),
    Trouble.REGISTER: _("The register does not go on: events wait for their place in the log."),
    Trouble.DISK: _("The disk with the data of Sekisho is nearly full."),
    Trouble.CERTIFICATE: _("A certificate of Sekisho's own HTTPS runs out soon."),
    Trouble.CERTIFICATE_REFUSED: _("The certificate in the settings of Sekisho is wrong and is not used."),
}
_URGENCIES = {Grade.KNOW: Urgency.KNOW, Grade.WEEK: Urgency.WEEK, Grade.DAY: Urgency.TODAY, Grade.NOW: Urgency.TODAY}


def troubled(found: Iterable[Troubled], today: date) -> Iterator[Cause]:
    """Yield one cause a trouble. Its grade is among its members, so that it is told again when it gets graver."""
    for one in found:
        yield Cause(
            kind=NoticeKind.PLATFORM,
            key=f"{one.trouble}/{one.about}" if one.about else one.trouble.value,
            urgency=_URGENCIES[one.grade],
            subject="",
            ref=one.trouble.value,
            since=one.since,
            members=one.parts | {grade.name.lower() for grade in Grade if grade <= one.grade},
            until=one.until,
            overdue=one.until is not None and one.until < today,
            roles=frozenset({Role.SYSTEM_OPERATOR}),
            facts={"about": one.about, "grade": one.grade.name.lower()},
        )
