"""Accounts of one system held against staff and ledger: ``python -m benchmarks.accounts``. Bound: 50,000 in 10 s.

Processor time of this process, with a database of its own in a folder that is thrown away. The floor is what Python's
own csv module needs for the same file.
"""

import csv
import io
import os
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

ACCOUNTS, STAFF = 50_000, 20_000
BOUND = 10.0
HEADINGS = {
    "login": "ID",
    "name": "氏名",
    "kana": "カナ",
    "staff_number": "番号",
    "last_used": "最終",
    "administrator": "管理",
}


def measured(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of processor time that ``work`` takes, and what it gives."""
    begin = time.process_time()
    found = work()
    return time.process_time() - begin, found


def file_of(today: date) -> bytes:
    """Return the list of a system in CP932: one in fifty unused, one in five hundred of nobody."""
    lines = [",".join(HEADINGS.values())]
    for place in range(ACCOUNTS):
        person = place % STAFF
        number = "" if place % 500 == 0 else f"{person:06}"
        used = today - timedelta(days=200 if place % 50 == 0 else 3)
        lines.append(f"u{place:06},髙橋 {person}号,タカハシ {person},{number},{used:%Y/%m/%d},×")
    return "\r\n".join(lines).encode("cp932")


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"SEKISHO_HOME": home, "DJANGO_SETTINGS_MODULE": "sekisho.config.settings"}
        import django

        django.setup()
        _run()


def _run() -> None:
    from django.core.management import call_command

    from sekisho.estate.ledgers import SYSTEMS
    from sekisho.estate.services import add_entry
    from sekisho.kernel import clock
    from sekisho.kernel.access import Role
    from sekisho.kernel.actor import Actor, ActorKind
    from sekisho.people.models import Owner, Staff, SystemAccount
    from sekisho.people.queries import today
    from sekisho.people.queries.id_review import reconciled, snapshot
    from sekisho.people.rules.account_files import AccountColumns, read_accounts
    from sekisho.people.services.id_review import SnapshotData, begin_review, store_snapshot

    call_command("migrate", verbosity=0)
    actor = Actor(ActorKind.PERSON, "bench", "bench", frozenset({Role.SYSTEM_OPERATOR}), assurance=2)
    values = {"name": "電子カルテ", "kind": "emr", "form": "on_premises"}
    system, now = add_entry(actor=actor, ledger=SYSTEMS, values=values), clock.now()
    same = {"created_at": now, "updated_at": now, "search_key": ""}
    Staff.objects.bulk_create(
        Staff(staff_number=f"{place:06}", name=f"高橋 {place}号", kana=f"タカハシ {place}", **same)
        for place in range(STAFF)
    )
    owners = dict(Owner.objects.values_list("staff_number", "pk"))
    SystemAccount.objects.bulk_create(
        SystemAccount(
            number=place + 1, system=system, login=f"U{place:06}", login_key=f"u{place:06}", confirmed_at=now,
            owner_id=owners[f"{place % STAFF:06}"], **same,
        )
        for place in range(ACCOUNTS)
        if place % 10
    )  # fmt: skip
    data, columns = file_of(today()), AccountColumns(**HEADINGS)
    floor, _rows = measured(lambda: list(csv.reader(io.StringIO(data.decode("cp932"), newline=""))))
    reading, file = measured(lambda: read_accounts(data, columns))
    given = SnapshotData(today(), file.accounts, columns.told, "bench.csv")
    storing, row = measured(lambda: store_snapshot(actor=actor, system_id=system.pk, data=given))
    judging, found = measured(lambda: reconciled(snapshot(row.pk)))
    writing, _review = measured(lambda: begin_review(actor=actor, snapshot_id=row.pk))
    whole = reading + storing + judging
    print(f"{ACCOUNTS:,} accounts, {STAFF:,} staff; load {os.getloadavg()[0]:.1f}")
    for name, seconds in (
        ("csv module alone", floor),
        ("reading", reading),
        ("storing", storing),
        ("judging", judging),
    ):
        print(f"  {name:20} {seconds:6.2f} s   {seconds / floor:6.1f} x floor")
    print(f"  {'together':20} {whole:6.2f} s   bound {BOUND} s: {'kept' if whole < BOUND else 'MISSED'}")
    print(f"  {'beginning a review':20} {writing:6.2f} s   {len(found.faulty):,} findings, judged anew and written")


if __name__ == "__main__":
    main()
