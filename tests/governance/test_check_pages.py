"""The pages of checks: the list, one check, one run, what was read, and what was ever found about one subject."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sekisho.estate.models import LineKind
from sekisho.governance.actions import GovernanceAction
from sekisho.governance.models import Observation, RequestedRun
from sekisho.governance.queries.conformance import CHANGES_A_PAGE
from sekisho.governance.services.checks import check_control
from sekisho.governance.views.fact_wording import LINE_KINDS, VANTAGES
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.kernel.ids import new_id
from sekisho.network.models.tickets import Vantage
from sekisho.register.models import Event
from tests.governance.checking import ERROR, FAIL, PASS, REMARK, UNKNOWN, control, found, many, only, ran
from tests.governance.pages import judge, page, post, words
from tests.governance.working import system

__all__ = ["only"]
pytestmark = pytest.mark.django_db
Only = Callable[..., None]
TLS, LOCK = "network.tls", "people.lockout"
# SQLite takes text where bytes belong, and gives it back as text.
OTHER_BYTES = {"sqlite": "'text'", "postgresql": "'\\x00'::bytea"}


@pytest.fixture
def operator(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.SYSTEM_OPERATOR)


@pytest.fixture
def auditor(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.AUDITOR)


def rows(html: str) -> dict[str, str]:
    """Return the rows of the list by the id of the check."""
    return dict(re.findall(r'<tr id="([^"]+)"(.*?)</tr>', html, re.DOTALL))


def findings(html: str) -> list[str]:
    """Return the names of the subjects shown, in their order."""
    return re.findall(r'<dt><span class="badge .*?<a href="/checks/about/[^"]+">([^<]+)</a></dt>', html)


def test_every_check_is_listed_with_its_result(at_nine: clock.FixedClock, only: Only, auditor: Client) -> None:
    only(control(TLS, title="TLS-SETTING"), control(LOCK), control("people.rules"), control("people.broken"))
    ran(TLS, found("A", PASS), found("B", FAIL), found("C", UNKNOWN), found("D", FAIL))
    ran(LOCK, found("A", PASS))
    ran("people.broken", state="crashed", trace="Traceback: secret inside")
    listed = rows(page(auditor, "checks"))
    assert list(listed) == [TLS, "people.broken", LOCK, "people.rules"], "by room, then by name"
    assert "TLS-SETTING" in listed[TLS]
    assert "badge ng" in listed[TLS]
    assert re.findall(r"</span> (\d+)</span>", listed[TLS]) == ["2", "1", "1"]
    assert 'href="/requirements/SO-13-6/"' in listed[TLS]
    assert "badge ok" in listed[LOCK]
    assert words("Not run yet") in listed["people.rules"]
    assert words("Crashed") in listed["people.broken"]
    assert "secret" not in "".join(listed.values())
    assert words("Run now") not in "".join(listed.values()), "an auditor asks for nothing"


def test_when_it_ran_is_told_by_its_period(at_nine: clock.FixedClock, only: Only, auditor: Client) -> None:
    only(control(TLS, every=timedelta(hours=6)))
    for hours, shown in ((13, "Overdue"), (7, "Due now"), (1, None)):
        ran(TLS, found("A", PASS), at=at_nine.moment - timedelta(hours=hours))
        row = rows(page(auditor, "checks"))[TLS]
        for text in ("Due now", "Overdue"):
            assert (words(text) in row) is (text == shown), (hours, text)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?result=fail", [TLS]),
        ("?result=pass", [TLS, LOCK]),
        ("?result=broken", ["people.broken"]),
        ("?result=never", ["people.rules"]),
        ("?room=people", ["people.broken", LOCK, "people.rules"]),
        ("?room=people&result=pass", [LOCK]),
        ("?q=ｔｌｓ", [TLS]),
        ("?q=so-13-6", [TLS]),
        ("?result=rubbish&room=%00", [TLS, "people.broken", LOCK, "people.rules"]),
    ],
)
def test_the_list_is_narrowed(only: Only, auditor: Client, query: str, names: list[str]) -> None:
    only(control(TLS), control(LOCK), control("people.rules"), control("people.broken"))
    ran(TLS, found("A", PASS), found("B", FAIL))
    ran(LOCK, found("A", PASS))
    ran("people.broken", state="timed_out", trace="too long")
    assert list(rows(page(auditor, "checks", query=query))) == names


def test_nothing_found_and_nothing_declared_say_what_to_do(only: Only, auditor: Client) -> None:
    only(control(TLS))
    assert words("No check matches.") in page(auditor, "checks", query="?q=zzz")
    only()
    assert words("There are no checks yet.") in page(auditor, "checks")


def test_the_list_costs_the_same_whatever_its_length(only: Only, auditor: Client) -> None:
    def cost(number: int) -> int:
        controls = [control(f"network.c{place}") for place in range(number)]
        only(*controls)
        for one in controls:
            ran(one.id, *many(3))
        page(auditor, "checks")
        with CaptureQueriesContext(
            connection,
        ) as seen:
            page(auditor, "checks")
        return len(seen)

    assert cost(2) == cost(30) <= 9


def test_a_run_is_asked_for_once_and_shown_until_it_is_stored(
    at_nine: clock.FixedClock, only: Only, operator: Client
) -> None:
    only(control(TLS))
    for _ in range(2):
        answer = post(operator, "run-now", TLS, back="result=never&next=//evil")
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/checks/?result=never&next=%2F%2Fevil#{TLS}"
    assert RequestedRun.objects.count() == 1
    assert Event.objects.filter(action="evidence.request").count() == 1
    row = rows(page(operator, "checks"))[TLS]
    assert words("Requested") in row
    assert f'hx-get="/checks/{TLS}/state/"' in row
    assert words("Run now") not in row
    at_nine.moment += timedelta(seconds=30)
    check_control(actor=platform("check"), control_id=TLS)
    row = rows(page(operator, "checks"))[TLS]
    assert "hx-get" not in row
    assert words("Run now") in row
    assert post(operator, "run-now", TLS).headers["Location"] == f"/checks/{TLS}/"
    assert post(operator, "run-now", "network.nothing").status_code == 404


def test_a_waiting_page_is_answered_when_the_run_is_there(
    at_nine: clock.FixedClock, only: Only, operator: Client
) -> None:
    """204 leaves the page alone, 286 ends the asking; a page that waited too long stops too."""
    only(control(TLS))
    address = reverse("governance:check-state", args=[TLS])
    hx: dict[str, Any] = {"headers": {"hx-request": "true"}}
    assert operator.get(address).headers["Location"] == f"/checks/{TLS}/", "whoever opens it is taken to the page"
    post(operator, "run-now", TLS)
    assert f'hx-get="{address}?whole=1"' in page(operator, "check", TLS)
    assert operator.get(address, **hx).status_code == 204
    at_nine.moment += timedelta(minutes=11)
    late = operator.get(address, {"whole": "1"}, **hx)
    assert (late.status_code, late.headers.get("HX-Refresh")) == (286, None)
    assert "hx-get" not in page(operator, "check", TLS)
    check_control(actor=platform("check"), control_id=TLS)
    done = operator.get(address, {"whole": "1"}, **hx)
    assert (done.status_code, done.headers["HX-Refresh"]) == (286, "true")
    row = operator.get(address, **hx)
    assert row.status_code == 286
    assert list(rows(row.content.decode())) == [TLS]


def test_one_check_shows_what_it_looks_at_and_its_worst_findings_first(only: Only, auditor: Client) -> None:
    only(control(TLS, title="TLS-SETTING", tls_minimum_version=1.3))
    ran(TLS, found("乙", PASS), found("丙", UNKNOWN), found("甲", FAIL), found("丁", ERROR))
    html = page(auditor, "check", TLS)
    assert findings(html) == ["甲", "丁", "丙", "乙"]
    for said in ("TLS-SETTING", "Ask the vendor.", words("Version of TLS"), "1.3", 'href="/requirements/SO-13-6/"'):
        assert said in html, said


def test_findings_are_paged_searched_and_filtered(only: Only, auditor: Client) -> None:
    only(control(TLS))
    ran(TLS, *many(60), found("ｻｰﾊﾞ室", FAIL, "The port is open"))
    first, second = page(auditor, "check", TLS), page(auditor, "check", TLS, query="?page=2")
    assert (len(findings(first)), len(findings(second))) == (50, 11)
    assert findings(first)[0] == "ｻｰﾊﾞ室"
    assert findings(page(auditor, "check", TLS, query="?q=サーバ")) == ["ｻｰﾊﾞ室"]
    assert findings(page(auditor, "check", TLS, query="?q=port+open")) == ["ｻｰﾊﾞ室"]
    assert findings(page(auditor, "check", TLS, query="?outcome=fail")) == ["ｻｰﾊﾞ室"]
    nothing = page(auditor, "check", TLS, query="?q=zzz")
    assert findings(nothing) == []
    assert words("No finding matches.") in nothing


def test_remarks_and_facts_are_read_as_people_read_them(only: Only, auditor: Client) -> None:
    only(control(TLS))
    facts = {
        "remarks": [{**REMARK, "level": "ok", "code": "FINE"}, REMARK],
        "endpoints": {"10.0.0.1:443": "fail"},
        "open": True,
        "ports": [22, 443],
        "nothing": None,
        "<b>": "<script>",
    }
    ran(TLS, found("A", FAIL, facts=facts))
    html = page(auditor, "check", TLS)
    assert re.findall(r'<code class="quiet">(\w+)</code>', html) == ["TLS12", "FINE"], "the worst first"
    for said in (
        words("Breaks the rule"),
        "At least 1.3 is needed.",
        "TLSv1.2",
        "IPA TLS 3.1 §3",
        f"{words('Endpoints')} / 10.0.0.1:443",
        "22",
        "&lt;script&gt;",
    ):
        assert said in html, said
    assert "<script>" not in html.split("<main")[1]


def test_remarks_inside_facts_are_remarks_too(only: Only, auditor: Client) -> None:
    """What a check keeps by device or by range is read as people read it: no names of fields, no JSON."""
    only(control(TLS))
    observed = {"name": "wan1", "allowed": {"value": False, "basis": "read", "lines": [63, 64]}, "service": "telnet"}
    own = {**REMARK, "observed": observed, "expected": {"at_least": "tls1.3"}, "certainty": "own"}
    facts = {
        "devices": {"境界ルータ": {"configuration": 3, "sha256": "ab12", "remarks": [own]}},
        "ranges": [{"range": "192.0.2.0/24", "outcome": "fail", "remarks": [REMARK]}],
        "line": "ipsec_ikev2",
        "row": "Internet VPN by IPsec",
        "certainty": "secondary",
    }
    ran(TLS, found("A", FAIL, facts=facts))
    shown = page(auditor, "check", TLS).split("<main")[1]
    assert shown.count("At least 1.3 is needed.") == 2
    for said in ("境界ルータ", "192.0.2.0/24", "telnet", "63, 64", words("as quoted by others")):
        assert said in shown, said
    assert words("our own judgement; no text says so") in shown
    assert words("Internet VPN: IPsec with IKEv2, certificates") in shown
    for field in ("msgid", "remarks", "certainty", "basis", "at_least", "&quot;", "Internet VPN by IPsec", "sha256"):
        assert field not in shown, field


def test_lines_and_places_are_named_as_their_own_pages_name_them() -> None:
    assert [(name, str(words)) for name, words in LINE_KINDS.items()] == LineKind.choices
    assert [(name, str(words)) for name, words in VANTAGES.items()] == Vantage.choices


def test_the_rule_is_named_in_short_and_its_source_in_the_details(only: Only, auditor: Client) -> None:
    only(control(TLS))
    source = "MHLW guideline 7.0 (draft), System Operation, 13 item 5"
    ran(TLS, found("A", FAIL, facts={"remarks": [{**REMARK, "source": source}]}))
    shown = page(auditor, "check", TLS)
    assert f"<summary>{words('Guideline for medical information systems 7.0 (draft)')}</summary>" in shown
    assert words(source) in shown


@pytest.mark.parametrize(
    "facts",
    [
        {"remarks": "not a list"},
        {"remarks": [1, None]},
        {"remarks": [{"level": "unheard of"}]},
        {"remarks": [{"level": "ng", "message": {"msgid": "%(gone)s", "params": {}}}]},
        {"remarks": [{"level": "ng", "message": None, "observed": {"a": [{"b": 1}]}}]},
        {"deep": [[[{"x": [{"y": 1}]}]]], "": ""},
        {"many": {f"k{number}": number for number in range(300)}},
    ],
)
def test_strange_facts_are_shown_and_break_nothing(only: Only, auditor: Client, facts: Any) -> None:
    only(control(TLS))
    ran(TLS, found("A", FAIL, "%(missing)s and %d", facts=facts))
    assert findings(page(auditor, "check", TLS)) == ["A"]


def test_the_history_of_runs_says_how_and_by_whom(at_nine: clock.FixedClock, only: Only, auditor: Client) -> None:
    only(control(TLS))
    for number in range(55):
        ran(TLS, *many(1, FAIL if number == 54 else PASS), at=at_nine.moment - timedelta(hours=55 - number))
    html = page(auditor, "check", TLS)
    history = html.split('id="runs"')[1]
    assert history.count('href="/checks/runs/') == 50
    assert history.count("worker") == 50
    assert history.count("badge ng") == 1
    older = page(auditor, "check", TLS, query="?runs=2").split('id="runs"')[1]
    assert older.count('href="/checks/runs/') == 5
    assert older.count("worker") == 5


def test_a_check_that_is_gone_keeps_its_runs(only: Only, auditor: Client) -> None:
    only(control(LOCK))
    ran(TLS, found("A", PASS))
    html = page(auditor, "check", TLS)
    assert words("This check is no longer part of Sekisho. What it found is kept.") in html
    assert html.count('href="/checks/runs/') == 1
    for name in ("network.nothing", "%00", "x" * 300):
        assert auditor.get(f"/checks/{name}/").status_code == 404


def test_a_run_says_whether_it_is_still_what_was_stored(auditor: Client) -> None:
    """A finding that somebody turned behind our back is told by the digest."""
    run = ran(TLS, found("A", FAIL))
    assert words("Computed anew, the digest matches.") in page(auditor, "run", run.pk)
    tamper("UPDATE governance_evidencefinding SET outcome = 'pass'")
    html = page(auditor, "run", run.pk)
    assert words("Computed anew, the digest does not match.") in html
    assert run.digest in html
    assert auditor.get(f"/checks/runs/{new_id()}/").status_code == 404


def tamper(statement: str) -> None:
    """Change evidence as somebody would who owns the database: the triggers are taken away first."""
    tables = ("governance_evidencefinding", "governance_evidencerun", "governance_observation")
    with connection.cursor() as cursor:
        for table in tables:
            for verb in ("update", "delete"):
                on = f" ON {table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}{on}")
        cursor.execute(statement)


def test_the_trace_of_a_crash_is_for_operators(operator: Client, auditor: Client) -> None:
    run = ran(TLS, state="crashed", trace="Traceback <in> /srv")
    assert "Traceback &lt;in&gt; /srv" in page(operator, "run", run.pk)
    html = page(auditor, "run", run.pk)
    assert "Traceback" not in html
    assert words("The system operator can read the reason.") in html


def test_a_run_that_spoke_of_nobody_says_that_it_proves_nothing(auditor: Client) -> None:
    run = ran(TLS, state="empty")
    said = words("It spoke of nobody: nothing was registered that it could look at. That proves nothing.")
    assert said in page(auditor, "run", run.pk)


def test_what_was_read_is_handed_out_as_it_was_and_recorded(auditor: Client) -> None:
    raw = b"<script>alert(1)</script>\x00\xff"
    run = ran(TLS, found("A", FAIL, raw=raw), found("B", FAIL, raw=None))
    html = page(auditor, "run", run.pk)
    assert html.count("/raw/") == 1
    answer = auditor.get(reverse("governance:raw", args=[run.pk, 0]))
    assert answer.content == raw
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    event = Event.objects.get(action="evidence.read_raw")
    assert hashlib.sha256(raw).hexdigest() in event.entry
    for place in (1, 2):
        assert auditor.get(reverse("governance:raw", args=[run.pk, place])).status_code == 404


def test_what_was_changed_since_is_not_handed_out(auditor: Client) -> None:
    run = ran(TLS, found("A", FAIL, raw=b"as read"))
    tamper(f"UPDATE governance_observation SET data = {OTHER_BYTES[connection.vendor]}")
    assert Observation.objects.count() == 1
    answer = auditor.get(reverse("governance:raw", args=[run.pk, 0]))
    assert answer.status_code == 500
    assert b"governance.observation_damaged" in answer.content
    assert not Event.objects.filter(action="evidence.read_raw").exists()


def test_raw_bytes_are_not_for_everybody(signed_in: Callable[..., Client]) -> None:
    """A configuration may hold secrets: who may see the verdicts need not see those."""
    run = ran(TLS, found("A", FAIL))
    manager = signed_in(Role.DEPARTMENT_MANAGER)
    assert "/raw/" not in page(manager, "run", run.pk)
    assert manager.get(reverse("governance:raw", args=[run.pk, 0])).status_code == 403


CLOSED = "The details of what was seen are closed to your role: they would help an attacker."


def test_facts_of_a_check_are_shown_to_whom_it_names(only: Only, signed_in: Callable[..., Client]) -> None:
    """Open ports and configurations show the way in: others see how it stands, and what to do."""
    only(replace(control(TLS), facts_for=GovernanceAction.READ_RAW), control(LOCK))
    facts = {"remarks": [{**REMARK, "observed": "telnet-here"}], "host": "10.9.8.7"}
    runs = [ran(name, found("A", FAIL, "The rule is broken.", facts=facts)) for name in (TLS, LOCK)]
    auditor, manager = signed_in(Role.AUDITOR), signed_in(Role.DEPARTMENT_MANAGER)
    for run, closed in zip(runs, (True, False), strict=True):
        for at in (("check", run.control), ("run", run.pk)):
            html = page(manager, *at)
            assert words("The rule is broken.") in html
            assert ("telnet-here" in html, "10.9.8.7" in html) == (not closed, not closed)
            assert (words(CLOSED) in html) == closed
            html = page(auditor, *at)
            assert "telnet-here" in html
            assert words(CLOSED) not in html


def test_facts_of_a_check_that_is_gone_are_for_reviewers(only: Only, signed_in: Callable[..., Client]) -> None:
    """Nobody says any more who may see them."""
    only()
    run = ran(TLS, found("A", FAIL, facts={"host": "10.9.8.7"}))
    assert "10.9.8.7" not in page(signed_in(Role.DEPARTMENT_MANAGER), "run", run.pk)
    assert "10.9.8.7" in page(signed_in(Role.INSPECTOR), "run", run.pk)


def test_a_subject_that_is_gone_keeps_what_was_found(
    at_nine: clock.FixedClock, signed_in: Callable[..., Client]
) -> None:
    ran(TLS, found("旧PACS", PASS))
    at_nine.moment += timedelta(days=1)
    ran(TLS, found("旧PACS", FAIL))
    ran(LOCK, found("別", PASS))
    auditor = signed_in(Role.AUDITOR)
    html = page(auditor, "about", "system", "id-旧PACS")
    assert words("No longer registered") in html
    assert re.findall(r'badge (ng|ok)"', html) == ["ng", "ok"]
    assert "別" not in html.split("<main")[1]
    for kind, name in (("system", "%00"), ("system", "nobody"), ("unheard", "id-旧PACS"), ("vendor", "id-旧PACS")):
        assert auditor.get(f"/checks/about/{kind}/{name}/").status_code == 404


def test_what_is_registered_is_not_called_gone(auditor: Client) -> None:
    name = str(system("電子カルテ").pk)
    one = found("x", PASS)
    ran(TLS, replace(one, subject=replace(one.subject, id=name, label="電子カルテ")))
    assert words("No longer registered") not in page(auditor, "about", "system", name)


def test_the_history_of_a_requirement_is_paged(auditor: Client) -> None:
    for number in range(CHANGES_A_PAGE + 5):
        system(f"系統{number:03}")
    judge()
    first, second = (page(auditor, "requirement", "SO-2-1", query=f"?history={number}") for number in (1, 2))
    change = re.compile(r'<tr><td class="code">')
    assert (len(change.findall(first)), len(change.findall(second))) == (CHANGES_A_PAGE, 5)
