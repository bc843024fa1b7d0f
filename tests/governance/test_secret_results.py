"""Reports of tools that look for secrets: their secrets are dropped at reading, and the control judges what is left."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.estate import ledgers
from sekisho.estate.models import Entry
from sekisho.estate.services import add_entry
from sekisho.governance.commands.evidence import evidence
from sekisho.governance.models import EvidenceFinding, EvidenceRun, Observation
from sekisho.governance.rules.results.detection import read_results
from sekisho.governance.rules.results.errors import (
    ResultsNotWhole,
    ResultsReplayed,
    ResultsScopeWanted,
    ResultsUndated,
    ResultsUnreadable,
)
from sekisho.governance.rules.results.secret_scans import FORMATS
from sekisho.governance.rules.results.shape import Results, ResultsFile
from sekisho.governance.services.results import Imported, import_results
from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Outcome
from sekisho.kernel.errors import InvalidInput
from sekisho.people.controls import plaintext_secrets as control
from sekisho.people.queries.plaintext_secrets import findings_of
from sekisho.people.services.secret_settlements import settle_finding
from tests.conftest import MORNING

SAMPLES = Path(__file__).with_name("results")
NAMES = {"gitleaks": "gitleaks.json", "trufflehog": "trufflehog.jsonl", "sarif": "gitleaks.sarif"}
SECRET = "Zettai-Himitsu7"
SCOPE = "ehr01:/srv"


@pytest.fixture
def system(operator: Actor, at_nine: clock.FixedClock) -> Entry:
    """A system that Sekisho cannot see."""
    values = {"name": "電子カルテ", "kind": "emr", "form": "on_premises"}
    return add_entry(actor=operator, ledger=ledgers.SYSTEMS, values=values)


def read(data: bytes, wanted: str | None = None) -> Results:
    return read_results(ResultsFile("given", data), wanted)


def sample(name: str) -> bytes:
    return (SAMPLES / NAMES[name]).read_bytes()


def take(actor: Actor, data: bytes, **more: Any) -> Imported:
    wanted = {"system": "電子カルテ", "scanned": SCOPE, "ran_at": MORNING - timedelta(hours=1), **more}
    return import_results(actor=actor, file=ResultsFile("report", data), **wanted)


def outcome(system: Entry) -> Outcome:
    return next(found.outcome for found in control.check() if found.subject.id == str(system.pk))


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_file_line_and_rule_are_read_and_nothing_else(name: str) -> None:
    """Recognised by what stands in it; the value is in no text that could be shown."""
    found = read(sample(name))
    assert (found.format, found.outcome, found.rows[0].title.endswith("srv/karte/web.config:12")) == (
        name,
        Outcome.FAIL,
        True,
    )
    assert SECRET not in repr(found)
    assert SECRET not in json.dumps(found.facts())


def test_what_is_not_whole_or_not_of_such_a_tool_is_refused() -> None:
    """Nothing at all is no clean report, nor is a run that broke off, nor a row of a spelling checker."""
    with pytest.raises(ResultsNotWhole):
        read(b"", "trufflehog")
    broken = sample("sarif").replace(b'"executionSuccessful": true', b'"executionSuccessful": false')
    with pytest.raises(ResultsNotWhole):
        read(broken)
    with pytest.raises(ResultsUnreadable):
        read(sample("sarif").replace(b'"name": "gitleaks"', b'"name": "spelling"'))
    with pytest.raises(ResultsUnreadable) as refused:
        read(sample("gitleaks").replace(b'"StartLine"', SECRET.encode() + b'"StartLine"'))
    assert SECRET not in str(refused.value)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=200), st.integers(0, 900))
def test_no_bytes_break_a_reader(name: str, data: bytes, place: int) -> None:
    whole = sample(name)
    assert code_of(whole[:place] + data + whole[place:], name).startswith("governance.results_")


def code_of(data: bytes, wanted: str) -> str:
    """Return the code of the error that refuses bytes, or one of that form for bytes that are read."""
    try:
        read(data, wanted)
    except InvalidInput as error:
        return error.code
    return "governance.results_read"


@pytest.mark.django_db
@pytest.mark.failing_fixture("people.plaintext_secrets")
def test_another_tool_proves_a_system_that_is_out_of_sight(
    operator: Actor, system: Entry, at_nine: clock.FixedClock
) -> None:
    """Found, then found no more, then too long ago; of the report no secret is kept, neither packed nor hashed."""
    assert outcome(system) is Outcome.UNKNOWN
    with pytest.raises(ResultsScopeWanted):
        take(operator, sample("gitleaks"), scanned=" ")
    with pytest.raises(ResultsUndated):
        take(operator, sample("gitleaks"), ran_at=None)
    found = take(operator, sample("gitleaks"))
    assert outcome(system) is Outcome.FAIL
    assert json.loads(EvidenceFinding.objects.get().facts)["counts"]["fail"] == 1
    assert SECRET.encode() not in bytes(Observation.objects.get(pk=found.sha256).data)
    with pytest.raises(ResultsReplayed):
        take(operator, sample("gitleaks"))
    at_nine.moment += timedelta(days=1)
    clean = {"wanted": "gitleaks", "ran_at": at_nine.moment}
    take(operator, b"[]", **clean)
    assert outcome(system) is Outcome.PASS
    at_nine.moment += timedelta(days=1)
    take(operator, b"[]", **{**clean, "ran_at": at_nine.moment})  # the same bytes of another day are another look
    take(operator, sample("trufflehog"), scanned="ehr01:/home", ran_at=at_nine.moment)
    assert outcome(system) is Outcome.FAIL, "what is clean in one place hides nothing of another"
    assert EvidenceRun.objects.count() == 4
    at_nine.moment += timedelta(days=32)
    take(operator, sample("sarif").replace(b'"results": [', b'"results": [], "x": ['), scanned="ehr01:/home")
    assert outcome(system) is Outcome.FAIL, "another tool is another look"


@pytest.mark.django_db
@pytest.mark.parametrize("hidden", ["REDACTED", "***", "ab***", "Zett...", "", None])
def test_hidden_values_are_one_finding_each(
    operator: Actor, system: Entry, at_nine: clock.FixedClock, hidden: str | None
) -> None:
    """A report without the values: settling one settles no other, nor what is added to it later."""

    def taken(*lines: int) -> list[Any]:
        at_nine.moment += timedelta(hours=1)
        rows = [{"RuleID": "k", "File": "a.ini", "StartLine": line, "Secret": hidden} for line in lines]
        take(operator, json.dumps(rows).encode(), ran_at=at_nine.moment)
        return findings_of(system.pk)

    (only,) = taken(3)
    assert not only.sighting.by_value
    settle_finding(
        actor=operator, system_id=system.pk, fingerprint=only.sighting.fingerprint, reason="手順書の例で、値ではない"
    )
    assert outcome(system) is Outcome.PASS
    assert [one.is_open for one in taken(3, 3, 900)] == [True, True, False]
    assert outcome(system) is Outcome.FAIL


@pytest.mark.django_db
def test_it_goes_by_page_and_by_command(
    signed_in: Callable[..., Client], system: Entry, tmp_path: Path, at_nine: clock.FixedClock
) -> None:
    """With the place that was looked through; and neither shows the secret."""
    words = ("import-results", str(SAMPLES / NAMES["sarif"]), "--system", "電子カルテ", "--scanned", SCOPE)
    said = CliRunner().invoke(evidence, words, standalone_mode=False).output
    assert "fail 1" in said
    assert SECRET not in said
    client = signed_in(Role.SYSTEM_OPERATOR)
    form = {
        "file": SimpleUploadedFile("report.json", b"[]"),
        "system": str(system.pk),
        "wanted": "gitleaks",
        "ran_on": "2026/11/21",
        "scanned": "ehr02:/srv",
    }
    answer = client.post(reverse("governance:elsewhere-results"), form)
    assert answer.status_code == 302, answer.content.decode()
    assert "ehr02:/srv" in client.get(f"/people/secrets/{system.pk}/").content.decode()
