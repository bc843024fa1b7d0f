"""What a server picks when it may: suites, their order, groups."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from sekisho.network.queries.handshake.agreement import new_share
from sekisho.network.queries.handshake.answer import Answer
from sekisho.network.queries.handshake.hello import CURVES, GROUPS, GROUPS_13, Hello
from sekisho.network.queries.handshake.look import COMMON, Look, is_version
from sekisho.network.queries.handshake.versions import TURNED_AWAY, batches
from sekisho.network.rules.observation import Version, Why
from sekisho.network.rules.suites import suite

_MOST_PICKS = 150
_CURVE_EXCHANGES = {("ECDHE", "ECDSA"), ("ECDHE", "RSA"), ("ECDH", "anon")}


@dataclass(slots=True)
class Picked:
    """What was picked, in order; ``why`` is set when there may be more."""

    numbers: list[int] = field(default_factory=list)
    why: Why | None = None


class Choices:
    """The picks of one version."""

    def __init__(self, look: Look, version: Version, *, with_shares: bool = False) -> None:
        self.look = look
        self.version = version
        # A server that does not take a hello without a key share has to be asked with one.
        self._with_shares = with_shares

    def suites(self) -> Picked:
        """Return every suite that the server picks, in the order of its picks."""
        candidates = self.look.candidates(self.version)
        portions = [candidates] if self.version is Version.TLS13 else list(batches(candidates))
        picked = [self._picks(portion, self._suite_hello, _suite) for portion in portions]
        numbers = [number for part in picked for number in part.numbers]
        for portion, part in zip(portions, picked, strict=True):
            if part.why is Why.HUNG_UP and not part.numbers and numbers and self._hangs_up(portion, numbers):
                part.why = None
        why = next((part.why for part in picked if part.why), None)
        if sum(bool(part.numbers) for part in picked) > 1:  # each portion has an order of its own
            again = self._picks(numbers, self._suite_hello, _suite)
            numbers = again.numbers + [number for number in numbers if number not in again.numbers]
        return Picked(numbers, why or (None if numbers else Why.AMBIGUOUS))

    def server_order(self, suites: Sequence[int]) -> bool | None:
        """Tell whether the server's order wins: asked in the opposite order, it does not take the client's first."""
        answer = self.look.ask(self._suite_hello(list(reversed(suites))))
        if not is_version(answer, self.version) or answer.suite not in suites:
            return None
        return answer.suite != suites[-1]

    def groups(self, suites: Sequence[int]) -> Picked:
        """Return the groups that the server agrees to, given the ``suites`` that it picks."""
        if self.version is Version.TLS13:
            if self._with_shares:
                return Picked(why=Why.UNREADABLE)
            return self._picks(GROUPS_13, lambda left: self._group_hello(left, suites), _group)
        curves = [number for number in suites if self._agrees_on_curve(number)]
        if not curves:
            return Picked()
        picked = self._picks(CURVES, lambda left: self._group_hello(left, curves), _group)
        return self._behind_certificate(picked, curves)

    def _behind_certificate(self, picked: Picked, curves: Sequence[int]) -> Picked:
        """Look for more groups while still offering the last one picked.

        A server with an elliptic certificate turns clients away that do not know its curve (RFC 8422, 5.1).
        """
        left = [number for number in CURVES if number not in picked.numbers]
        if picked.why is None and any("_ECDSA_" in self.look.suites[number] for number in curves):
            for held in tuple(picked.numbers):
                more = self._picks(left, partial(self._held_hello, held, curves), _group)
                picked.numbers += more.numbers
                left = [number for number in left if number not in more.numbers]
        return picked

    def _picks(
        self, candidates: Sequence[int], hello: Callable[[list[int]], Hello], choice: Callable[[Answer], int | None]
    ) -> Picked:
        """Offer ``candidates``, take away what is picked, and go on until the server turns the rest away."""
        left, picked = list(candidates), Picked()
        while left and len(picked.numbers) < _MOST_PICKS:
            answer = self.look.ask(hello(left))
            number = choice(answer)
            if is_version(answer, self.version) and number in left:
                picked.numbers.append(number)
                left.remove(number)
            else:
                picked.why = self._end(answer, picked, hello)
                break
        return picked

    def _end(self, answer: Answer, picked: Picked, hello: Callable[[list[int]], Hello]) -> Why | None:
        """Return None when the answer turns the rest away, else why there may be more.

        A server that hangs up does so again, and still takes what it took before; a busy one does not.
        """
        if answer.alert in TURNED_AWAY or answer.suite is not None:
            return None if answer.suite is None or not is_version(answer, self.version) else Why.AMBIGUOUS
        if answer.why is not Why.HUNG_UP or not picked.numbers:
            return answer.why or Why.AMBIGUOUS
        self.look.pause()
        return None if is_version(self.look.ask(hello(picked.numbers[:1])), self.version) else Why.HUNG_UP

    def _hangs_up(self, portion: Sequence[int], taken: Sequence[int]) -> bool:
        """Tell whether the server hangs up at the portion again, and still takes what it took."""
        self.look.pause()
        again = self.look.ask(self._suite_hello(portion))
        return again.why is Why.HUNG_UP and is_version(self.look.ask(self._suite_hello(taken[:1])), self.version)

    def _suite_hello(self, suites: Sequence[int]) -> Hello:
        if self._with_shares:
            shares = tuple(new_share(group) for group in COMMON)
            return self.look.hello(self.version, suites, shares=shares, groups=COMMON)
        return self.look.hello(self.version, suites)

    def _held_hello(self, held: int, suites: Sequence[int], groups: Sequence[int]) -> Hello:
        return self._group_hello([*groups, held], suites)

    def _group_hello(self, groups: Sequence[int], suites: Sequence[int]) -> Hello:
        return self.look.hello(self.version, suites, groups=groups)

    def _agrees_on_curve(self, number: int) -> bool:
        made_of = suite(self.look.suites.get(number, ""))
        return made_of is not None and (made_of.exchange, made_of.authentication) in _CURVE_EXCHANGES


def _suite(answer: Answer) -> int | None:
    return answer.suite


def _group(answer: Answer) -> int | None:
    return answer.group


def group_name(number: int) -> str:
    """Return the registered name of a group."""
    return GROUPS.get(number, f"0x{number:04x}")
