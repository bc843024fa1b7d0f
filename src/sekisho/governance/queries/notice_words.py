"""Notices in the reader's words: the tables keep ids, pages and mails say what they mean.

Only words of our own are used, and titles that come with Sekisho: what people typed (names of systems, of persons)
stays in the house when a digest leaves it.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from sekisho.governance.models import Notice
from sekisho.governance.queries.editions import CURRENT, edition
from sekisho.governance.rules.catalogue import chapter_of
from sekisho.governance.rules.claims import ClaimKind
from sekisho.governance.rules.notices import NoticeKind
from sekisho.governance.rules.platform_causes import TROUBLE_WORDS
from sekisho.governance.rules.verdicts import Verdict
from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.ports import Trouble

_Facts = Mapping[str, Any]


def title_of(notice: Notice, language: str) -> str:
    """Return what a notice says, in ``language``, which must be the active one."""
    return _TITLES[NoticeKind(notice.kind)](notice, json.loads(notice.facts), language)


def url_of(notice: Notice) -> str:
    """Return the path of the page on which something can be done about a notice."""
    return _URLS[NoticeKind(notice.kind)](notice, json.loads(notice.facts))


def number_of(notice: Notice) -> int:
    """Return how many subjects or items a notice is about, 0 where that says nothing."""
    return int(json.loads(notice.facts).get("number", 0))


def roles_of(notice: Notice) -> list[Role]:
    """Return the responsible roles, in the order of all."""
    return [role for role in Role if f",{role.value}," in notice.roles]


def responsible(notice: Notice) -> str:
    """Return who is responsible: a person by name, else the roles."""
    return notice.person_name or "、".join(str(role.label) for role in roles_of(notice))


def _item(requirement: str, language: str) -> str:
    row = edition(CURRENT).by_id.get(requirement)
    return f"{chapter_of(row.id)} {row.printed} {row.title.text(language)}" if row else requirement


def _fails(notice: Notice, facts: _Facts, language: str) -> str:
    control = registry.current().control(notice.ref)
    check = str(control.title) if control else notice.ref
    if facts["fails"]:
        return _("The check “%(check)s” is not passed.") % {"check": check}
    if facts["number"]:
        return _("The check “%(check)s” met an error.") % {"check": check}
    return _("The check “%(check)s” broke off.") % {"check": check}


def _worse(notice: Notice, facts: _Facts, language: str) -> str:
    values = {"item": _item(notice.ref, language), "verdict": Verdict(facts["verdict"]).label}
    return _("%(item)s turned worse: %(verdict)s") % values


def _ends(notice: Notice, facts: _Facts, language: str) -> str:
    item = {"item": _item(notice.ref, language)}
    if facts["workflow"] == ClaimKind.NOT_APPLICABLE:
        if notice.overdue:
            return _("That %(item)s does not apply has to be stated anew.") % item
        return _("That %(item)s does not apply has to be stated anew soon.") % item
    if notice.overdue:
        return _("The proof of %(item)s has run out.") % item
    return _("The proof of %(item)s runs out soon.") % item


def _exception(notice: Notice, facts: _Facts, language: str) -> str:
    if facts.get("tls12"):
        over, soon = _("The exception for TLS 1.2 has run out."), _("The exception for TLS 1.2 ends soon.")
        return over if notice.overdue else soon
    item = {"item": _item(notice.ref, language)}
    if notice.overdue:
        return _("The exception for %(item)s has run out.") % item
    return _("The exception for %(item)s ends soon.") % item


def _due(notice: Notice, facts: _Facts, language: str) -> str:
    item = {"item": _item(notice.ref, language)}
    return _("%(item)s is overdue.") % item if notice.overdue else _("%(item)s is due.") % item


def _decide(notice: Notice, facts: _Facts, language: str) -> str:
    workflow = registry.current().workflow(facts["workflow"])
    what = {"what": str(workflow.title) if workflow else facts["workflow"]}
    if facts["sent_back"]:
        return _("%(what)s: sent back, to be mended") % what
    if facts.get("done_already"):
        return _("%(what)s: done already in an emergency, waits for its approval") % what
    return _("%(what)s: waits for a decision") % what


def _target(notice: Notice, facts: _Facts, language: str) -> str:
    item = {"item": f"{notice.ref} {facts.get(language, facts['en'])}"}
    if notice.overdue:
        return _("Inspection checklist %(item)s: the target day has passed.") % item
    return _("Inspection checklist %(item)s: the target day is near.") % item


def _emergency(notice: Notice, facts: _Facts, language: str) -> str:
    number = {"number": notice.subject}
    if facts["in_use"]:
        return _("The emergency account %(number)s is in use.") % number
    return _("The use of the emergency account %(number)s has to be reviewed.") % number


def _take_out(notice: Notice, facts: _Facts, language: str) -> str:
    return _("What was taken out (TO-%(number)s) is not back.") % {"number": f"{facts['entry']:05}"}


def _stocktake(notice: Notice, facts: _Facts, language: str) -> str:
    return _("The stocktake %(name)s is past its last day.") % {"name": notice.subject}


def _standstill(notice: Notice, facts: _Facts, language: str) -> str:
    if facts["late"]:
        return _("A registered endpoint has not answered for more than 30 minutes.")
    return _("A registered endpoint does not answer.")


def _platform(notice: Notice, facts: _Facts, language: str) -> str:
    if notice.ref == Trouble.CERTIFICATE and notice.overdue:
        return _("A certificate of Sekisho's own HTTPS has run out.")
    return str(TROUBLE_WORDS[Trouble(notice.ref)])


def _weekly_report(notice: Notice, facts: _Facts, language: str) -> str:
    return _("The weekly report of the availability was made.")


def _program(notice: Notice, facts: _Facts, language: str) -> str:
    return {
        "left": _("Whoever answers for a program at the API has left."),
        "ends": _("The period of a program at the API ends soon; then it is not let in any more."),
        "old_secret": _("The secret of a program at the API is more than a year old."),
        "unused": _("A program at the API was not used for 90 days."),
    }[str(facts["need"])]


def _review(notice: Notice, facts: _Facts, language: str) -> str:
    return _("The review of the register raised something urgent that nobody has looked at.")


_TITLES: Mapping[NoticeKind, Callable[[Notice, _Facts, str], str]] = {
    NoticeKind.FAILS: _fails,
    NoticeKind.WORSE: _worse,
    NoticeKind.ENDS: _ends,
    NoticeKind.EXCEPTION_ENDS: _exception,
    NoticeKind.DUE: _due,
    NoticeKind.DECIDE: _decide,
    NoticeKind.TARGET: _target,
    NoticeKind.REVIEW: _review,
    NoticeKind.EMERGENCY: _emergency,
    NoticeKind.TAKE_OUT: _take_out,
    NoticeKind.STANDSTILL: _standstill,
    NoticeKind.STOCKTAKE: _stocktake,
    NoticeKind.PROGRAM: _program,
    NoticeKind.PLATFORM: _platform,
    NoticeKind.WEEKLY_REPORT: _weekly_report,
}


def _requirement_url(notice: Notice, facts: _Facts) -> str:
    return reverse("governance:requirement", args=[notice.ref])


def _exception_url(notice: Notice, facts: _Facts) -> str:
    return reverse("network:endpoint", args=[notice.ref]) if facts.get("tls12") else _requirement_url(notice, facts)


def _target_url(notice: Notice, facts: _Facts) -> str:
    path = reverse("governance:checklist-item", args=[facts["year"], notice.ref])
    return f"{path}?{urlencode({'vendor': facts['vendor']})}" if facts["vendor"] else path


_URLS: Mapping[NoticeKind, Callable[[Notice, _Facts], str]] = {
    NoticeKind.FAILS: lambda notice, _facts: reverse("governance:check", args=[notice.ref]),
    NoticeKind.WORSE: _requirement_url,
    NoticeKind.ENDS: _requirement_url,
    NoticeKind.EXCEPTION_ENDS: _exception_url,
    NoticeKind.DUE: _requirement_url,
    NoticeKind.DECIDE: lambda notice, _facts: reverse("ledgers:application", args=[notice.ref]),
    NoticeKind.TARGET: _target_url,
    NoticeKind.REVIEW: lambda _notice, _facts: f"{reverse('register:review')}?state=open",
    NoticeKind.EMERGENCY: lambda notice, _facts: reverse("people:emergency", args=[notice.ref]),
    NoticeKind.TAKE_OUT: lambda notice, _facts: reverse("assets:take_out-entry", args=[notice.ref]),
    NoticeKind.STANDSTILL: lambda notice, _facts: reverse("network:watched", args=[notice.ref]),
    NoticeKind.STOCKTAKE: lambda notice, _facts: reverse("assets:stocktake", args=[notice.ref]),
    NoticeKind.PROGRAM: lambda notice, _facts: reverse("people:program", args=[notice.ref]),
    NoticeKind.PLATFORM: lambda _notice, _facts: reverse("platform-state"),
    NoticeKind.WEEKLY_REPORT: lambda _notice, _facts: reverse("network:weekly-reports"),
}
