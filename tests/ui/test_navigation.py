"""The navigation shows what the actor may open, in order, and marks where the reader is."""

from sekisho.kernel.access import Action, Role
from sekisho.kernel.actor import Actor, ActorKind
from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import Text
from sekisho.ui.navigation import NavigationEntry, build_navigation


class SampleAction(Action):
    SEE = ("sample.see", Text("See"), {Role.STAFF, Role.SYSTEM_OPERATOR})
    RUN = ("sample.run", Text("Run"), {Role.SYSTEM_OPERATOR})


PAGES = (
    Page("a.settings", Text("Settings"), "/settings", Group.SETTINGS, SampleAction.RUN),
    Page("a.home", Text("Home"), "/", Group.WORK, SampleAction.SEE, order=1),
    Page("a.devices", Text("Devices"), "/devices", Group.CLIENT, SampleAction.SEE, order=20),
    Page("a.out", Text("Taking out"), "/devices/out", Group.CLIENT, SampleAction.SEE, order=10),
)


def _actor(*roles: Role) -> Actor:
    return Actor(ActorKind.PERSON, "1", "Sato", frozenset(roles))


def _navigate(*roles: Role, path: str = "/") -> dict[str, list[NavigationEntry]]:
    return {str(g.title): g.entries for g in build_navigation(_actor(*roles), PAGES, path, str)}


def _current(path: str) -> list[str]:
    groups = _navigate(Role.SYSTEM_OPERATOR, path=path)
    return [entry.url for entries in groups.values() for entry in entries if entry.is_current]


def test_a_page_is_shown_only_to_who_may_open_it_and_empty_groups_are_hidden() -> None:
    assert list(_navigate(Role.STAFF)) == [str(Group.WORK.label), str(Group.CLIENT.label)]
    assert str(Group.SETTINGS.label) in _navigate(Role.SYSTEM_OPERATOR)
    assert _navigate(Role.INSPECTOR) == {}


def test_groups_keep_their_order_and_pages_theirs() -> None:
    groups = _navigate(Role.SYSTEM_OPERATOR)
    assert list(groups) == [str(g.label) for g in (Group.WORK, Group.CLIENT, Group.SETTINGS)]
    assert [entry.url for entry in groups[str(Group.CLIENT.label)]] == ["/devices/out", "/devices"]


def test_a_detail_page_marks_the_longest_path_above_it() -> None:
    assert _current("/devices/out/17") == ["/devices/out"]
    assert _current("/devices/17") == ["/devices"]
    assert _current("/devices") == ["/devices"]


def test_neither_a_similar_name_nor_the_first_page_claims_another_path() -> None:
    assert _current("/devices-old") == []
    assert _current("/elsewhere") == []
    assert _current("/") == ["/"]
