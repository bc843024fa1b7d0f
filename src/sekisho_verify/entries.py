"""What the entries say of themselves: their form, each source's sequence, ids, and the order of time."""

from dataclasses import dataclass, field
from itertools import compress
from operator import gt

from sekisho_verify.common import Common, Taken
from sekisho_verify.doubles import Doubles, tails
from sekisho_verify.errors import Malformed
from sekisho_verify.form import Row, check, take_all, take_one
from sekisho_verify.report import Part, Report
from sekisho_verify.tiles import split_bundle
from sekisho_verify.times import seconds_between

_FEW_SOURCES = 4


@dataclass(slots=True)
class Entries:
    """Takes the entries of a log in their order."""

    report: Report
    doubles: Doubles = field(default_factory=Doubles)
    common: Common = field(default_factory=Common)
    taken: Taken | None = None
    next: dict[str, int] = field(default_factory=dict)
    resumed: dict[str, int] = field(default_factory=dict)
    latest: str = ""
    earliest: str = ""
    backwards: int = 0
    quiet_seconds: float = 0.0
    quiet_index: int = 0
    holes: bool = False

    def split(self, bundle: bytes) -> list[bytes]:
        """Return a bundle's entries. What the fast way saw of them is kept for ``look``. Raises Malformed."""
        self.taken = self.common.take(bundle)
        return self.taken.entries if self.taken else split_bundle(bundle)

    def look(self, first: int, entries: list[bytes]) -> None:
        """Check the form of a bundle's entries and keep what later ones are compared with."""
        taken, self.taken = self.taken, None
        if taken is None or taken.entries is not entries:
            taken = self._read(first, entries)
        self.doubles.add(taken.ids)
        whole = len(taken.times) == len(entries)
        if not whole:
            self.skip()
        if self.resumed or not self._follow(taken.sources, taken.numbers):
            self._sequences(first, taken, whole=whole)
        self._times(first, taken.times)

    def _read(self, first: int, entries: list[bytes]) -> Taken:
        rows = take_all(entries)
        if rows is None:
            read = (take_one(entry) or self._slowly(first + at, entry) for at, entry in enumerate(entries))
            rows = [row for row in read if row]
        _details, ids, times, sources, numbers = map(list, zip(*rows, strict=True)) if rows else ([],) * 5
        return Taken(entries, ids, times, sources, list(map(int, numbers)))

    def skip(self) -> None:
        """Some entries could not be read: what follows them is not compared with what came before."""
        self.holes = True
        self.resumed |= self.next
        self.next.clear()

    def _slowly(self, index: int, entry: bytes) -> Row | None:
        try:
            known = check(entry)
        except Malformed as malformed:
            self.report.bad(Part.ENTRIES, malformed.code, index=index)
            return None
        if known.strange:
            self.report.unknown(Part.ENTRIES, "entry.strange", index=index, fields=known.strange)
        return ("", known.id, known.recorded_at, known.source, str(known.sequence))

    def _follow(self, sources: list[str], numbers: list[int]) -> bool:
        """Tell whether each of a few sources goes on where it was, and if so remember where it is now."""
        there = set(sources)
        if len(there) > _FEW_SOURCES:
            return False
        ends = {}
        for source in there:
            mine = numbers if len(there) == 1 else list(compress(numbers, map(source.__eq__, sources)))
            begin = self.next.get(source, mine[0])
            ends[source] = begin + len(mine)
            if mine != list(range(begin, ends[source])):
                return False
        self.next |= ends
        return True

    def _sequences(self, first: int, taken: Taken, *, whole: bool) -> None:
        wanted = self.next
        for at, (source, number) in enumerate(zip(taken.sources, taken.numbers, strict=True)):
            expected = wanted.get(source, number)
            if number != expected:
                self._broken(first + at if whole else None, source, number, expected)
            wanted[source] = number + 1
            if self.resumed and number < self.resumed.pop(source, 0):
                self._broken(first + at if whole else None, source, number, number + 1)

    def _broken(self, index: int | None, source: str, found: int, expected: int) -> None:
        code = "source.gap" if found > expected else "source.again"
        self.report.bad(Part.ENTRIES, code, index=index, source=source, found=found, expected=expected)

    def _times(self, first: int, times: list[str]) -> None:
        if not times:
            return
        self.earliest = min(self.earliest or times[0], times[0])
        before = self.latest or times[0]
        if times[0] < before or any(map(gt, times, times[1:])):
            self._count_backwards(first, before, times)
        quiet = 0.0 if times[-1][:16] == before[:16] else self._quiet(first, [before, *times])
        self.quiet_seconds = max(self.quiet_seconds, quiet)
        self.latest = max(before, *times)

    def _count_backwards(self, first: int, before: str, times: list[str]) -> None:
        for at, moment in enumerate(times):
            if moment < before:
                self.backwards += 1
                self.report.remark(Part.ENTRIES, "time.backwards", index=first + at, before=before, recorded=moment)
            before = max(before, moment)

    def _quiet(self, first: int, times: list[str]) -> float:
        longest, before = 0.0, times[0]
        for at, moment in enumerate(times[1:]):
            if moment[:16] > before[:16]:
                gap = seconds_between(before, moment)
                if gap > max(longest, self.quiet_seconds):
                    longest, self.quiet_index = gap, first + at
            before = max(before, moment)
        return longest

    def finish(self) -> set[int]:
        """Return the halves of ids that seem to occur twice, and let go of the memory."""
        suspects = self.doubles.suspects()
        self.doubles.close()
        return suspects


@dataclass(slots=True)
class Naming:
    """A second walk that names the entries whose ids occur twice."""

    report: Report
    suspects: set[int]
    seen: dict[str, int] = field(default_factory=dict)

    def look(self, first: int, entries: list[bytes]) -> None:
        """Compare the whole ids of those that looked double."""
        for at, entry in enumerate(entries):
            try:
                known = check(entry)
            except Malformed:
                continue
            if tails([known.id])[0] not in self.suspects:
                continue
            earlier = self.seen.setdefault(known.id, first + at)
            if earlier != first + at:
                self.report.bad(Part.ENTRIES, "entry.double", index=first + at, earlier=earlier, id=known.id)
