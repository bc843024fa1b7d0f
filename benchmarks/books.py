"""Working books at their bounds: ``python -m benchmarks.books``. The ledger of devices, the widest there is.

Processor time of this process, with a database of its own in a folder that is thrown away. Floors in the same run:
for a search, SQLite's own count without any words; for a preview, Python's csv module reading the same file; for a
workbook, xlsxwriter alone writing the same cells without any form.
"""

import csv
import io
import os
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import date
from itertools import islice
from typing import Any

ENTRIES, ROWS = 50_000, 10_000
SEARCH, PREVIEW, WORKBOOK, BULK = 0.2, 5.0, 3.0, 5.0  # seconds
KINDS = ("server", "terminal", "network")


def measured(work: Callable[[], Any], rounds: int = 1) -> tuple[float, Any]:
    """Return the least seconds of processor time that ``work`` takes in some rounds, and what it gives."""
    times = []
    for _ in range(rounds):
        begin = time.process_time()
        found = work()
        times.append(time.process_time() - begin)
    return min(times), found


def show(title: str, taken: float, floor: float, bound: float) -> None:
    """Print one figure."""
    verdict = "ok" if taken <= bound else "TOO SLOW"
    print(
        f"{title:<44} {taken * 1000:8.0f} ms  {taken / floor:6.1f}x its floor  (at most {bound * 1000:.0f}) {verdict}"
    )


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"SEKISHO_HOME": home, "DJANGO_SETTINGS_MODULE": "sekisho.config.settings"}
        import django

        django.setup()
        _run()


def _run() -> None:
    from django.core.management import call_command
    from django.utils import translation

    from sekisho.assets.ledgers import DEVICES

    call_command("migrate", verbosity=0)
    translation.activate("ja")
    _fill(DEVICES)
    print(f"load {os.getloadavg()[0]:.1f}; {ENTRIES} devices of {len(DEVICES.columns)} columns")
    _search(DEVICES)
    _sort(DEVICES)
    _bulk(DEVICES)
    _export(DEVICES)
    _preview(DEVICES)


def _fill(ledger: Any) -> None:
    from sekisho.kernel import clock
    from sekisho.kernel.search import fold

    now, made = clock.now(), []
    for number in range(1, ENTRIES + 1):
        words = {"name": f"ナースステーション{number}号機", "asset_number": f"A-{number:06}", "maker": "青空電機"}
        words |= {"serial": f"SN{number * 7919}", "place": f"西病棟{number % 9}階", "os": "Windows 11 24H2"}
        words |= {"purpose": "電子カルテの閲覧", "keeper": "看護師長", "note": "リースのため返却期限に注意する" * 5}
        words |= {"product": "青空ノート15型", "firmware": "1.22.3", "address": f"10.1.{number % 250}.7"}
        words |= {"loss_measures": "起動時の合言葉、遠隔からの消去", "trust_ground": "メーカーの証明書2026年版"}
        key = fold(" ".join([f"EQ-{number:05}", *words.values(), *["ネットワーク機器", "使用中", "2026-11-21"] * 4]))
        when = {"created_at": now, "updated_at": now, "confirmed_at": now}
        days = dict.fromkeys(("end_of_support_on", "patched_on", "introduced_on", "lease_until"), date(2027, 3, 31))
        made.append(ledger.model(number=number, kind=KINDS[number % 3], search_key=key, **when, **words, **days))
    ledger.model.objects.bulk_create(made, batch_size=500)


def _search(ledger: Any) -> None:
    from sekisho.ledgers.queries.books import Look, page_of

    floor, _rows = measured(lambda: ledger.model.objects.filter(closed_at=None, struck_at=None).count(), 3)
    for title, text in (
        ("one in 50,000", "なーすすてーしょん４９９９９号"),
        ("nothing", "みつからない"),
        ("all", "ナースステーション"),
        ("two words", "西病棟7階 ﾅｰｽ"),
    ):
        look = Look(text=text)

        def work(look: Look = look) -> int:
            page = page_of(ledger, look, 1)
            return len(list(page.object_list)) + page.paginator.num_pages

        taken, _found = measured(work, 3)
        show(f"search of {ENTRIES} entries: {title}", taken, floor, SEARCH)


def _sort(ledger: Any) -> None:
    """Sorted by a column without an index, first and last page, and as a view that somebody kept."""
    from django.http import QueryDict

    from sekisho.ledgers.queries.book_conditions import Attention
    from sekisho.ledgers.queries.book_index import standing_of
    from sekisho.ledgers.queries.books import Look, page_of
    from sekisho.ledgers.views.book_looks import look_of, query_of

    floor, _rows = measured(lambda: ledger.model.objects.filter(closed_at=None, struck_at=None).count(), 3)
    last = ENTRIES // 50
    kept = query_of(Look(text="病棟7階", narrowed={"kind": "server"}, order="-end_of_support_on"))
    for title, look, number in (
        ("by place, first page", Look(order="place"), 1),
        ("by place, last page", Look(order="place"), last),
        ("by system backwards, last page", Look(order="-system"), last),
        ("a kept view: words, filter and order", look_of(ledger, QueryDict(kept)), 1),
        ("in use in this fiscal year, last page", Look(year=2026), last),
        ("not confirmed since April", Look(attention=Attention.CARRY), 1),
    ):

        def work(look: Look = look, number: int = number) -> int:
            page = page_of(ledger, look, number)
            return len(list(page.object_list)) + page.paginator.num_pages

        taken, _found = measured(work, 3)
        show(f"list of {ENTRIES}: {title}", taken, floor, SEARCH)
    taken, _found = measured(lambda: standing_of(ledger), 3)
    show(f"the counts of {ENTRIES} for the page of all ledgers", taken, floor, SEARCH)


def _bulk(ledger: Any) -> None:
    """The most that are changed at once, against as many changes one by one without anything around them."""
    from sekisho.kernel.access import GRANTABLE
    from sekisho.kernel.actor import Actor, ActorKind
    from sekisho.ledgers.services.book_bulk import MOST_AT_ONCE, Chosen, change_entries

    actor = Actor(ActorKind.PERSON, "0", "測定", frozenset(GRANTABLE))
    rows = list(ledger.model.objects.order_by("number")[:MOST_AT_ONCE])

    def one_by_one() -> None:
        for row in rows:
            ledger.model.objects.filter(pk=row.pk).update(keeper="看護師長")

    chosen = [Chosen(row.pk, row.version) for row in rows]
    floor, _nothing = measured(one_by_one)
    taken, _done = measured(
        lambda: change_entries(actor=actor, ledger=ledger, chosen=chosen, field="keeper", value="副院長")
    )
    show(f"{MOST_AT_ONCE} entries changed at once", taken, floor, BULK)


def _export(ledger: Any) -> None:
    import xlsxwriter

    from sekisho.ledgers.queries.book_values import headings, rows
    from sekisho.ledgers.queries.books import Look
    from sekisho.ui.sheet import Sheet, SheetColumn, make_workbook

    def alone() -> None:
        book = xlsxwriter.Workbook(io.BytesIO(), {"constant_memory": True})
        page = book.add_worksheet()
        for line, row in enumerate(cells):
            for place, value in enumerate(row):
                if value is not None:
                    page.write(line, place, value)
        book.close()

    def ours() -> bytes:
        columns = [SheetColumn(title, 14) for title in headings(ledger)]
        found = islice(rows(ledger, Look()), ROWS)
        return make_workbook([Sheet("機器台帳", columns, found)], title="機器台帳", author="青空病院")

    cells = list(islice(rows(ledger, Look()), ROWS))
    floor, _nothing = measured(alone)
    taken, _data = measured(ours)
    show(f"xlsx out of {ROWS} rows", taken, floor, WORKBOOK)
    peaks = []
    for most in (ROWS // 10, ROWS // 2):
        columns = [SheetColumn(title, 14) for title in headings(ledger)]
        tracemalloc.start()
        make_workbook([Sheet("x", columns, islice(rows(ledger, Look()), most))], title="x", author="x")
        peaks.append(tracemalloc.get_traced_memory()[1] / 2**20)
        tracemalloc.stop()
    print(f"{'its memory':<44} {peaks[0]:8.1f} MiB for {ROWS // 10} rows, {peaks[1]:.1f} MiB for {ROWS // 2}")


def _preview(ledger: Any) -> None:
    from sekisho.ledgers.forms.book_rows import plan_rows
    from sekisho.ledgers.queries.book_values import headings, rows, text_of
    from sekisho.ledgers.queries.books import Look
    from sekisho.ledgers.rules.book_files import write_table
    from sekisho.ui.sheet import Sheet, SheetColumn, make_workbook

    cells = list(islice(rows(ledger, Look()), ROWS))
    titles = headings(ledger)
    same = write_table([titles, *([text_of(value) for value in row] for row in cells)])
    new = write_table([titles, *(["", f"新{row[1]}", *map(text_of, row[2:])] for row in cells)])
    book = [Sheet("機器台帳", [SheetColumn(title) for title in titles], cells)]
    workbook = make_workbook(book, title="機器台帳", author="青空病院")
    floor, _read = measured(lambda: list(csv.reader(io.StringIO(same.decode("utf-8-sig"), newline=""))))
    for title, data in (("unchanged, CSV", same), ("new, CSV", new), ("unchanged, xlsx", workbook)):
        taken, _plans = measured(lambda data=data: plan_rows(ledger, data))  # type: ignore[misc]  # a closure of one turn
        show(f"preview of {ROWS} rows: {title}", taken, floor, PREVIEW)


if __name__ == "__main__":
    main()
