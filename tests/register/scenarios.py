"""A hospital's days, made up: ordinary work, and misdeeds planted into it. It knows nothing of the review's rules.

Each misdeed is told as people tell it ("someone looked through the ward at night"), with who did it and when. What the
rules make of it is measured elsewhere.
"""

import random  # noqa: TID251  # a story told again from its seed, no secret
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
FAMILIES = (
    "サトウ",
    "スズキ",
    "タカハシ",
    "タナカ",
    "イトウ",
    "ワタナベ",
    "ヤマモト",
    "ナカムラ",
    "コバヤシ",
    "カトウ",
)
RARE = ("コトブキ", "イチゲンザカ", "ツクモ", "オニマル")


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody did at a moment."""

    at: datetime
    actor: str
    action: str
    patient: str = ""
    device: str = ""
    outcome: str = "success"
    kind: str = "person"
    source: str = "chart"
    reason: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class Misdeed:
    """What was planted: what people would call it, the day, and by whom or to whom."""

    name: str
    day: date
    actor: str = ""
    patient: str = ""


@dataclass
class Story:
    """Days with their deeds, what was planted, and the lists that a hospital keeps."""

    first: date
    last: date
    deeds: list[Deed] = field(default_factory=list)
    misdeeds: list[Misdeed] = field(default_factory=list)
    lists: dict[str, list[list[Any]]] = field(default_factory=dict)
    on_duty: list[list[Any]] = field(default_factory=list)  # on closed days: a hospital may or may not hand this in

    def documents(self) -> Iterator[dict[str, Any]]:
        """Yield the deeds in the order of time as documents of the register."""
        for number, deed in enumerate(sorted(self.deeds, key=lambda one: one.at), start=1):
            yield document(deed, number)


def document(deed: Deed, number: int) -> dict[str, Any]:
    """Return a deed as the register writes it down."""
    moment = deed.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    return {
        "id": str(UUID(int=number)),
        "occurred_at": moment,
        "recorded_at": moment,
        "source": deed.source,
        "source_seq": number,
        "actor": {"kind": deed.kind, "id": deed.actor, "name": deed.actor, "roles": [], "assurance": 2},
        "session": None,
        "action": deed.action,
        "subject": None,
        "patient": deed.patient or None,
        "system": "chart",
        "device": deed.device or None,
        "network": deed.network or None,
        "outcome": deed.outcome,
        "reason": deed.reason,
        "details": {},
        "commitment": None,
    }


def at(day: date, hour: int, minute: int = 0, second: float = 0.0) -> datetime:
    """Return a moment of the hospital's clock."""
    whole = datetime.combine(day, time(hour, minute), tzinfo=TOKYO)
    return whole + timedelta(seconds=second)


def tell(seed: int, *, first: date, days: int, busy: int = 1000, staff: int = 60) -> Story:
    """Return a story of so many days: everybody works their hours with patients of theirs, and misdeeds happen.

    Only the last ``busy`` days have ordinary work in them.
    """
    patients = 800
    dice = random.Random(seed)  # a story, no secret
    story = Story(first, first + timedelta(days=days - 1))
    people = [f"staff{number:03d}" for number in range(staff)]
    wards = {person: dice.sample(range(patients), 25) for person in people}
    _lists(story, dice, people, patients, wards)
    for number in range(max(0, days - busy), days):
        _ordinary_day(story, dice, first + timedelta(days=number), people[:-3], wards)
    _misdeeds(story, dice, people, patients, wards)
    return story


def _lists(story: Story, dice: random.Random, people: list[str], patients: int, wards: dict[str, list[int]]) -> None:
    families = [dice.choice(FAMILIES) for _number in range(patients)]
    for place, name in enumerate(RARE):
        families[place] = name
    story.lists["patient_kana"] = [[f"p{number:05d}", family] for number, family in enumerate(families)]
    names = [RARE[place] if place < len(RARE) else dice.choice(FAMILIES) for place in range(len(people))]
    story.lists["staff_kana"] = [list(pair) for pair in zip(people, names, strict=True)]
    # Nobody treats the bearers of rare names, colleagues, watched or deceased patients (p00000 to p00029).
    story.lists["care"] = [[one, f"p{number:05d}"] for one, mine in wards.items() for number in mine if number >= 30]
    for mine in wards.values():
        mine[:] = [number for number in mine if number >= 30]
    story.lists["staff_patients"] = [[people[number], f"p{number + 10:05d}"] for number in range(5)]
    story.lists["watched_patients"] = [["p00020"], ["p00021"]]
    long_ago = int(at(story.first - timedelta(days=200), 12).timestamp()) * 1_000_000
    story.lists["patient_ends"] = [["p00025", long_ago], ["p00026", long_ago]]
    ended = int(at(story.first, 0).timestamp()) * 1_000_000
    kinds = {people[-2]: "maintenance", people[-3]: "staff"}
    story.lists["accounts"] = [[one, kinds.get(one, "staff"), ended if one == people[-3] else 0] for one in people]
    begin = int(at(story.last, 10).timestamp()) * 1_000_000
    story.lists["vendor_windows"] = [[people[-2], begin, begin + 3_600_000_000]]


def _ordinary_day(story: Story, dice: random.Random, day: date, people: list[str], wards: dict[str, list[int]]) -> None:
    if day.weekday() == 6:  # Sunday: two on duty, and the machines go on
        people = dice.sample(people, 2)
        begin = int(at(day, 0).timestamp()) * 1_000_000
        story.on_duty += [[one, begin, begin + 86_400_000_000] for one in people]
    for place, person in enumerate(people):
        if dice.random() < 0.15:  # a day off
            continue
        device = f"pc{place % 20:02d}"
        story.deeds.append(Deed(at(day, 8, dice.randrange(30)), person, "session.sign_in", device=device))
        if dice.random() < 0.2:  # mistyped
            story.deeds.append(Deed(at(day, 8, 1), person, "session.sign_in", device=device, outcome="failure"))
        for _visit in range(dice.randrange(5, 18)):
            when = at(day, dice.randrange(9, 18), dice.randrange(60), dice.random() * 59)
            story.deeds.append(Deed(when, person, "chart.read", f"p{dice.choice(wards[person]):05d}", device))
        if dice.random() < 0.1:  # a print now and then
            story.deeds.append(Deed(at(day, 17), person, "chart.print", f"p{dice.choice(wards[person]):05d}", device))
        if dice.random() < 0.02:  # moved to another desk, once
            story.deeds.append(Deed(at(day, 18, 30), person, "chart.read", f"p{wards[person][0]:05d}", "pc99"))
        if dice.random() < 0.02:  # stayed late for one patient
            story.deeds.append(Deed(at(day, 21, 20), person, "chart.read", f"p{wards[person][0]:05d}", device))
    for source in ("chart", "images"):
        story.deeds.append(Deed(at(day, 0, 30), "machine", "chart.backup", kind="platform", source=source))


def _misdeeds(story: Story, dice: random.Random, people: list[str], patients: int, wards: dict[str, list[int]]) -> None:
    day = story.last

    def plant(name: str, deeds: list[Deed], actor: str = "", patient: str = "") -> None:
        story.deeds += deeds
        story.misdeeds.append(Misdeed(name, day, actor, patient))

    def reads(who: str, whom: list[str], hour: int, gap: float, device: str = "pc50") -> list[Deed]:
        return [Deed(at(day, hour, 1, place * gap), who, "chart.read", one, device) for place, one in enumerate(whom)]

    some = [f"p{number:05d}" for number in dice.sample(range(100, patients), 60)]
    plant("looked through the ward at night", reads(people[10], some[:8], 23, 60), people[10])
    plant("looked through half the clinic in an hour", reads(people[11], some[:45], 13, 50), people[11])
    plant(
        "everybody looked at one patient",
        [one for place, who in enumerate(people[12:42]) for one in reads(who, ["p00500"], 14, place * 40.0 + 1)],
        patient="p00500",
    )
    plant("looked up a relative", reads(people[0], ["p00000"], 15, 5), people[0], "p00000")
    plant("looked up a colleague", reads(people[13], ["p00010"], 15, 5), people[13], "p00010")
    plant("looked up a celebrity", reads(people[14], ["p00020"], 15, 5), people[14], "p00020")
    plant("opened the record of someone who died", reads(people[15], ["p00025"], 15, 5), people[15], "p00025")
    plant("used a leaver's account", reads(people[-3], [some[50]], 11, 5), people[-3])
    story.deeds.append(Deed(at(story.first, 9), people[-1], "session.sign_in", device="pc90"))
    plant("woke an account that slept", reads(people[-1], [some[51]], 11, 5, "pc90"), people[-1])
    plant(
        "shared an account",
        [*reads(people[16], some[:4], 20, 300, "pc60"), *reads(people[16], some[4:8], 20, 310, "pc61")],
        people[16],
    )
    exports = [Deed(at(day, 12, 0, place * 20), people[17], "chart.export", some[place]) for place in range(30)]
    plant("took out records in bulk", exports, people[17])
    failures = [
        Deed(
            at(day, 3, 0, place * 10), "", "session.sign_in", outcome="failure", network="203.0.113.9", kind="anonymous"
        )
        for place in range(25)
    ]
    plant("guessed passwords", failures)
    emergency = Deed(at(day, 2), people[18], "chart.emergency_access", some[30])
    plant("broke the glass without a reason", [emergency], people[18], some[30])
    plant("a vendor came unannounced", reads(people[-2], [some[31]], 16, 5), people[-2])
    reading = [Deed(at(day, 19), people[19], "register.read_entries", source="outbox")]
    plant("read the log itself", reading, people[19])
    story.deeds = [one for one in story.deeds if one.source != "images" or one.at.astimezone(TOKYO).date() < day]
    story.misdeeds.append(Misdeed("a machine stopped telling", day))
