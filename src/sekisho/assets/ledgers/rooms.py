"""Protected areas and who entered them (12②③): every area has a keeper, a door that knows, and a record looked at."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from sekisho.assets.actions import ROOM_ACCESS_TITLE, ROOMS_TITLE, RoomAccessAction, RoomAction
from sekisho.assets.ledgers.coverage import systems_here
from sekisho.assets.ledgers.events import event_members, not_struck, today
from sekisho.assets.models import AccessKind, Carried, EntryControl, Room, RoomAccess, Watch
from sekisho.assets.rules.days import happened, within
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.keeping import members

_SEEN_WITHIN = timedelta(days=90)
_COUNTED_FOR = timedelta(days=365)
_NO_ROOM = _("An area in which what stands here is protected")

ROOMS = Ledger(
    id="assets.rooms",
    title=ROOMS_TITLE,
    model=Room,
    columns=(
        Column("name", _("Name"), listed=True),
        Column("kind", _("Kind"), _("A locked rack in an open room is an area too."), listed=True, filtered=True),
        Column("site", _("Site"), listed=True, filtered=True),
        Column("place", _("Place"), _("Building, floor.")),
        Column("content", _("What is kept there"), _("Which systems, devices and media.")),
        Column("entry_control", _("How entry is controlled"), listed=True, filtered=True),
        Column("allowed", _("Who may enter")),
        Column("watch", _("How a break-in is noticed"), filtered=True),
        Column("carry_rule", _("What may not be brought in"), _("For example: USB memory, cameras.")),
        Column("theft_measures", _("Measures against theft"), _("Fastened, locked, alarm.")),
        Column("keeper", _("Person in charge"), listed=True),
        Column("looked_on", _("Last seen on site on"), _("Door, camera and locks work.")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-12-2", "SO-12-3"),
    actions=RoomAction,
    prefix="RM",
    group=Group.INFRASTRUCTURE,
)
ROOM_ACCESS = Ledger(
    id="assets.room_access",
    title=ROOM_ACCESS_TITLE,
    model=RoomAccess,
    columns=(
        Column("room", _("Protected area"), listed=True, filtered=True),
        Column(
            "kind",
            _("Kind"),
            _("Where the door keeps a record of its own, one look through it a month is enough."),
            listed=True,
            filtered=True,
        ),
        Column("entered_on", _("Day"), listed=True),
        Column("times", _("From and to"), _("For example 10:05–11:30.")),
        Column("person", _("Name of the person"), _("Name; of a look, who looked."), listed=True),
        Column("company", _("Company")),
        Column("purpose", _("Purpose"), listed=True),
        Column("escort", _("Escorted by"), _("Vendors and visitors are not left alone.")),
        Column("carried", _("Brought in"), listed=True, filtered=True),
        Column("things", _("What was brought in"), _("USB memory with its number, PC, camera, tools.")),
        Column("carried_out", _("What was taken out")),
        Column("checked_by", _("Entry checked by"), _("Who checked what was brought in and that everybody left.")),
        Column("looked_from", _("Records looked through from"), _("To the day above.")),
        Column("result", _("Result of the look"), _("Nobody entered; nothing strange; what was strange.")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=90),
    requirements=("SO-12-2", "SO-12-3"),
    actions=RoomAccessAction,
    prefix="RA",
    group=Group.INFRASTRUCTURE,
)


def _access_wanted(row: RoomAccess) -> Iterator[tuple[object, Text]]:
    yield happened(row.entered_on, today()), _("A day that has come")
    if row.kind == AccessKind.LOOK:
        yield row.looked_from, _("Records looked through from")
        yield row.result, _("Result of the look")
        return
    yield row.times, _("From and to")
    yield row.carried, _("Brought in")
    if row.carried in {Carried.ALLOWED, Carried.KEPT_OUT}:
        yield row.things, _("What was brought in")
    if row.kind != AccessKind.STAFF:
        yield row.escort, _("Escorted by")
        yield row.checked_by, _("Entry checked by")


def room_access() -> Iterator[Member]:
    """Yield every area with what it lacks, such as a record of 90 days; every entry of the year; a missing area."""
    day = today()
    seen = {row.room_id for row in not_struck(ROOM_ACCESS) if within(row.entered_on, day, _SEEN_WITHIN)}

    def wanted(row: Room) -> Iterator[tuple[object, Text]]:
        yield row.keeper, _("Person in charge")
        yield row.entry_control in {EntryControl.PERSONAL, EntryControl.KEY_LIST}, _("An entry that knows who goes in")
        yield row.watch not in {Watch.UNKNOWN, Watch.NONE}, _("How a break-in is noticed")
        yield row.allowed, _("Who may enter")
        yield row.carry_rule, _("What may not be brought in")
        yield row.pk in seen, _("An entry, or a look through the records, within 90 days")

    found = False
    for member in members(ROOMS, wanted):
        found = True
        yield replace(member, confirmed_at=None)  # an area is confirmed once a year; what grows old are its records
    if not found and systems_here():
        yield Member(frozenset(), str(ROOMS_TITLE), (_NO_ROOM,))

    def is_counted(row: RoomAccess) -> bool:
        return day - row.entered_on <= _COUNTED_FOR

    yield from event_members(ROOM_ACCESS, _access_wanted, belongs_to=(), only=is_counted)


ROOM_COVERAGE = Coverage(
    id="assets.room_access",
    title=_("Control of every protected area, and a record of who entered with what"),
    population=_("Registered protected areas, and entries of a year"),
    measure=room_access,
    route="assets:room_access",
)
