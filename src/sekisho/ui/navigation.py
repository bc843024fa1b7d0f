"""The navigation: the declared pages that an actor may open, in groups."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import Text


class NavigationEntry(NamedTuple):
    """One link of the navigation; ``is_current`` on at most one. ``waiting`` things wait there for the reader."""

    title: Text
    url: str
    is_current: bool
    waiting: int = 0


class NavigationGroup(NamedTuple):
    """A heading and its links."""

    title: Text
    entries: list[NavigationEntry]


def build_navigation(
    actor: Actor, pages: Iterable[Page], current_path: str, reverse: Callable[[str], str]
) -> list[NavigationGroup]:
    """Return the groups, in their fixed order, that hold a page ``actor`` may open.

    ``reverse`` turns a URL name into a path. The current entry is the one whose path is the
    longest beginning of ``current_path``, so a detail page marks the list it belongs to.
    """
    allowed = sorted((page for page in pages if actor.may(page.action)), key=lambda page: (page.order, page.id))
    urls = {page.id: reverse(page.route) for page in allowed}
    current = max((url for url in urls.values() if _leads_to(url, current_path)), key=len, default=None)
    groups = []
    for group in Group:
        mine = [page for page in allowed if page.group is group]
        entries = [_entry(page, actor, urls[page.id], is_current=urls[page.id] == current) for page in mine]
        if entries:
            groups.append(NavigationGroup(group.label, entries))
    return groups


def _entry(page: Page, actor: Actor, url: str, *, is_current: bool) -> NavigationEntry:
    return NavigationEntry(page.title, url, is_current, page.count(actor) if page.count else 0)


def _leads_to(url: str, path: str) -> bool:
    return path == url or (url != "/" and path.startswith(f"{url.rstrip('/')}/"))
