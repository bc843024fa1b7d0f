"""The process that builds rows and runs rules: one order as JSON on its input, one answer as JSON on its output.

Orders: ``build``, ``run`` and ``day`` (the places in the log of what somebody did on a day). Whatever it reads of the
log, the signed checkpoint covers; rows are compared with the log before a rule sees them.
"""

import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sekisho.kernel.errors import SekishoError
from sekisho.register.errors import LogMissing
from sekisho.register.log.files import Disk
from sekisho.register.log.layout import CHECKPOINT
from sekisho.register.log.review.days import Days, Reach
from sekisho.register.log.review.engine import Period, open_rows, run_rule, show_rows
from sekisho.register.log.review.partitions import Comparison, Piece, Store
from sekisho.register.log.review.rulebook import Rule, load
from sekisho.register.log.tree import Tree, read_head, verify_edge

Order = Mapping[str, Any]


def main() -> None:
    """Take one order, and answer it or say which error it met."""
    order = json.load(sys.stdin)
    try:
        answer = TASKS[order["task"]](order)
    except SekishoError as error:
        answer = {"error": type(error).__name__, "params": {name: str(value) for name, value in error.params.items()}}
    json.dump(answer, sys.stdout, ensure_ascii=False)


def _tree(order: Order) -> Tree:
    files = Disk(Path(order["register"]))
    note = files.read(CHECKPOINT)
    if note is None:
        raise LogMissing(path=order["register"], database=0)
    head = read_head(note, bytes.fromhex(order["public"]))
    tree = Tree(files, head.size)
    verify_edge(tree, head)
    return tree


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let nobody else build meanwhile."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _build(order: Order) -> dict[str, Any]:
    folder = Path(order["review"])
    with _alone(folder):
        if order.get("anew"):
            for path in folder.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != "lock":
                    path.unlink()
        store = _store(order)
        made, pieces = store.build(_tree(order)), store.pieces()
    return {
        "made": sum(piece.end - piece.start for piece in made),
        "days": sorted({int(day) for piece in pieces if piece.end > order.get("since", 0) for day in piece.days}),
        "size": pieces[-1].end if pieces else 0,
        "unread": sum(piece.unread for piece in pieces),
    }


def _days(order: Order) -> Days:
    return Days(Path(order["review"]), bytes.fromhex(order["seal"]), _store(order))


def _store(order: Order) -> Store:
    return Store(Path(order["review"]), bytes.fromhex(order["seal"]))


def _run(order: Order) -> dict[str, Any]:
    """Run the rules over a period; what they look back on is held against the log or its seals as well."""
    store, days = _store(order), _days(order)
    period = Period(order["first"], order["last"], order["is_over"])
    rules = [rule for rule in load() if order.get("rule") in {None, rule.id}]
    with _alone(Path(order["review"])):
        pieces = store.pieces()
        held = days.hold(_tree(order), pieces, _reach(rules, period), int(order["now"]))
    engine, results = open_rows([], order["tables"]), []
    for rule in rules:
        back = period.first - rule.lookback_days
        files = store.files(pieces, back, period.last) if "events" in rule.reads else []
        show_rows(engine, files, days.files(pieces, back, period.last))
        results.append(asdict(run_rule(engine, rule, period, list(order["tables"]), order.get("chosen"))))
    show_rows(engine, [], days.files(pieces, period.first, period.last))
    systems = engine.execute("SELECT DISTINCT system FROM source_days WHERE system <> '' ORDER BY system").fetchall()
    return {
        "results": results,
        "checked": held.compared,
        "sealed": held.sealed,
        "compared_since": held.since,
        "rows": _rows(pieces, period),
        "size": pieces[-1].end if pieces else 0,
        "systems": [system for (system,) in systems],
    }


def _reach(rules: Sequence[Rule], period: Period) -> Reach:
    """Return which days of rows and of summaries some rules read."""
    back = max((rule.lookback_days for rule in rules), default=0)
    rows = max((rule.lookback_days for rule in rules if "events" in rule.reads), default=0)
    return Reach(period.first - back, period.first - rows, period.last)


def _rows(pieces: list[Piece], period: Period) -> int:
    return sum(
        count for piece in pieces for day, count in piece.days.items() if period.first <= int(day) <= period.last
    )


def _day(order: Order) -> dict[str, Any]:
    """Return what was done on a day by somebody, or about a patient: the entries, as the log has them."""
    store, tree, day = _store(order), _tree(order), int(order["day"])
    pieces = store.pieces()
    Comparison(store, tree).rows_of(pieces, day)
    engine = open_rows(store.files(pieces, day, day), {})
    found = engine.execute(
        "SELECT log_index FROM events WHERE day = ? AND (actor = ? OR ? = '') AND (patient = ? OR ? = '') "
        "AND (system = ? OR ? = '') ORDER BY ts_us, log_index",
        [day, *(order[name] for name in ("actor", "patient", "system") for _twice in range(2))],
    ).fetchall()
    start = int(order["start"])
    shown = [index for (index,) in found][start : start + int(order["most"])]
    entries = [[index, next(tree.entries(index, index + 1)).decode()] for index in shown]
    return {"count": len(found), "entries": entries}


TASKS = {"build": _build, "run": _run, "day": _day}

if __name__ == "__main__":
    main()
