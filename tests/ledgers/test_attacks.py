"""Ways around what the ledgers and their approvals promise: each was tried, and leads nowhere."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import sekisho
from sekisho.assets.ledgers import DEVICES
from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.registry import Fault
from sekisho.kernel.xlsx.table import MOST_COLUMNS, MOST_ROWS
from sekisho.ledgers.errors import EntryInvalid, FileUnreadable
from sekisho.ledgers.forms.book_rows import plan_rows
from sekisho.ledgers.queries.books import books
from sekisho.ledgers.rules.book_files import read_table, write_table
from sekisho.ledgers.services.books import add_entry
from sekisho.people.models import User
from tests.ledgers.working import acting

FOREIGN = re.compile(r"from sekisho\.ledgers\.models import (.+)")


def test_a_ledger_that_nobody_could_approve_does_not_start() -> None:
    known = registry.current()
    ledger = next(one for one in known.ledgers if one.workflow)
    lost = replace(ledger, workflow="assets.nobody")
    found = [("a.py", lost), *(("a.py", one) for one in known.workflows)]
    (fault,) = registry._unknown_workflows(found)
    assert fault == Fault("a.py", f"ledger '{ledger.id}' names the workflow 'assets.nobody', which no app declares")


def test_other_rooms_know_only_the_base_of_their_entries() -> None:
    """The contract of imports sees modules, not names: what the package offers is looked at here."""
    root = Path(sekisho.__file__).parent
    files = [file for file in root.rglob("*.py") if file.relative_to(root).parts[0] != "ledgers"]
    found = {name for file in files for names in FOREIGN.findall(file.read_text()) for name in names.split(", ")}
    assert found <= {"BookEntry", "BookNumber"}


@pytest.mark.parametrize("sign", [*"=+-@\t\r\n", *"＝＋－＠", "'＝", "''＝"])
def test_no_cell_of_a_csv_is_carried_out(sign: str) -> None:
    """A Japanese Excel takes the wide signs for the narrow ones. What was written is read back as it was."""
    cell = f"{sign}HYPERLINK(1)"
    written = write_table([[cell]])
    assert written.decode("utf-8-sig").startswith("\"'")
    assert read_table(written) == [[cell]]


@pytest.mark.parametrize("data", [b"\n" * 500_000, b"," * 500_000, "台帳,\n".encode("cp932") * 100_000])
def test_a_table_without_end_is_not_read_to_its_end(data: bytes) -> None:
    """Ten megabytes of line ends were eight hundred megabytes of memory before anybody counted them."""
    rows = read_table(data)
    assert len(rows) <= MOST_ROWS
    assert max(map(len, rows)) <= MOST_COLUMNS + 1
    with pytest.raises(FileUnreadable, match=r"20000|200"):
        plan_rows(DEVICES, data)


@pytest.mark.django_db
def test_no_book_falls_over_an_entry_that_says_nothing(make_person: Callable[..., User]) -> None:
    """A program may leave out what the form asks for, also the entry that this one must point to: each is named."""
    keepers = {Role.SYSTEM_OPERATOR, Role.PLANNING_MANAGER, Role.SAFETY_MANAGER, Role.DEVICE_SAFETY_MANAGER}
    keeper = acting(make_person("keeper", *keepers))
    for ledger in books():
        with pytest.raises(EntryInvalid) as caught:
            add_entry(actor=keeper, ledger=ledger, values={})
        assert caught.value.faults, ledger.id
