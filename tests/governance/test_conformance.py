"""The state of conformity on an estate of our own, by query and by command."""

import json

import pytest
from click.testing import CliRunner

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.governance.commands import conformance
from sekisho.governance.queries.conformance import conformity, verdicts_of
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.queries.world import subjects_of
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel.actor import Actor, platform
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ports import SubjectKind

pytestmark = pytest.mark.django_db


def status(*options: str) -> dict[str, object]:
    """Return what the command prints as JSON."""
    result = CliRunner().invoke(conformance, ["status", "--json", *options], standalone_mode=False)
    if result.exception:
        raise result.exception
    found: dict[str, object] = json.loads(result.output)
    return found


def test_an_empty_installation_conforms_to_nothing() -> None:
    """130 rows, all not assessed; no data never reads as clean."""
    assert conformity().judged_at is None
    update_verdicts(actor=platform("worker"))
    found = conformity()
    assert found.judged_at is not None
    assert len(found.summaries) == 130
    assert {summary.verdict for summary in found.summaries.values()} == {Verdict.NOT_ASSESSED}
    assert {summary.conforming for summary in found.summaries.values()} == {0}


def test_a_line_inside_is_not_judged_as_an_open_network(operator: Actor) -> None:
    """13⑥ speaks of open networks; a LAN is not applicable there with the reason, and judged under 13⑩."""
    add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": "院内LAN", "line": "lan"})
    add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": "予約", "line": "open_other"})
    assert len(subjects_of(SubjectKind.LINK)) == 2
    update_verdicts(actor=platform("worker"))
    verdicts = {found.subject_label: found.verdict for found in verdicts_of(CURRENT, "SO-13-6")}
    assert verdicts == {"院内LAN": Verdict.NOT_APPLICABLE, "予約": Verdict.NOT_ASSESSED}
    assert all(found.verdict is not Verdict.NOT_APPLICABLE for found in verdicts_of(CURRENT, "SO-13-10"))


def test_the_command_shows_verdicts_proofs_and_numbers(operator: Actor) -> None:
    """All rows, one requirement with its proofs, one subject."""
    add_entry(actor=operator, ledger=ledgers.LINKS, values={"name": "院内LAN", "line": "lan"})
    rows = status()["requirements"]
    assert isinstance(rows, list)
    assert len(rows) == 130
    (one,) = status("--requirement", "SO-13-6")["requirements"]  # type: ignore[misc]
    assert (one["verdict"], one["n"], one["N"]) == ("not_applicable", 0, 0)
    assert one["subjects"][0]["reason"]
    assert len(status("--requirement", "SO-13-10")["requirements"][0]["subjects"][0]["proofs"]) >= 1  # type: ignore[index]
    text = CliRunner().invoke(conformance, ["status", "--requirement", "SO-13-6"], standalone_mode=False).output
    assert "該当なし" in text
    with pytest.raises(NotFound):
        status("--requirement", "SO-99-1")
