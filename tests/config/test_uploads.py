"""Every address whose form takes files is let through by the HTTPS front up to what the form promises."""

import inspect
import re
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from sekisho.config.processes.caddy import BODY_LIMIT, UPLOADS
from sekisho.governance.forms.notices import _MOST_CERTIFICATES
from sekisho.network.rules.credentials import LARGEST_FILE

# Their files are certificates and keys, far below what the front lets through everywhere.
SMALL = {
    "notices/settings/mail/": _MOST_CERTIFICATES,
    "notices/settings/webhook/": _MOST_CERTIFICATES,
    "endpoints/<uuid:endpoint_id>/register/": LARGEST_FILE,
    "endpoints/<uuid:endpoint_id>/exception/": LARGEST_FILE,
    "endpoints/<uuid:endpoint_id>/client-certificate/": 2 * LARGEST_FILE,
    "endpoints/<uuid:endpoint_id>/client-certificate/remove/": LARGEST_FILE,
}
# What only tells the reader that files are not kept.
SAYS_SO = {"keep_draft"}


def names(code: CodeType) -> Iterator[str]:
    """Yield every name that a function speaks of, also inside the functions it defines."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from names(constant)


def takes_files(view: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Tell whether a view, or a function of ours that it calls, reads the files of a request."""
    view = inspect.unwrap(view.func if isinstance(view, partial) else view)
    if not inspect.isfunction(view) or view in seen or not view.__module__.startswith("sekisho."):
        return False
    if view.__name__ in SAYS_SO:
        return False
    spoken = set(names(view.__code__))
    inner = [view.__globals__[name] for name in spoken if name in view.__globals__]
    inner += [cell.cell_contents for cell in view.__closure__ or ()]
    return "FILES" in spoken or any(takes_files(one, seen | {view}) for one in inner if callable(one))


def addresses(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in resolver.url_patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield address, pattern.callback
        else:
            yield from addresses(pattern, address)


def is_let_through(address: str) -> bool:
    """Tell whether one of the front's patterns fits; a star stands for what is between two slashes."""
    plain = "/" + re.sub(r"<[^>]*>", "x", address)
    return any(re.fullmatch(re.escape(one).replace(r"\*", "[^/]*"), plain) for one in UPLOADS)


def test_every_form_with_files_is_let_through() -> None:
    """Each one is found by its code, so that a new one has to be named."""
    found = [address for address, view in addresses(get_resolver()) if takes_files(view)]
    assert {"people/<uuid:staff_id>/accounts/<uuid:user_id>/reset/", "elsewhere/bundles/"} <= set(found)
    assert any(address.endswith("import/") for address in found), "the books are looked at, too"
    assert any(address.endswith("files/") for address in found)
    assert [address for address in found if address not in SMALL and not is_let_through(address)] == []
    assert SMALL.keys() <= set(found)
    assert max(SMALL.values()) < BODY_LIMIT / 2
