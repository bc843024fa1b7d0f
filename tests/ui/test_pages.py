"""The pages: gallery, plain error page, error fragment."""

import re
from collections.abc import Callable

import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string

from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, ActorKind, anonymous
from sekisho.kernel.errors import Forbidden, Unauthenticated
from sekisho.ui import views
from sekisho.ui.actions import UiAction

OPERATOR = Actor(ActorKind.PERSON, "1", "佐藤 花子", frozenset({Role.SYSTEM_OPERATOR, Role.STAFF}))


@pytest.fixture(autouse=True)
def _only_our_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_current", registry.Registry(actions=tuple(UiAction), packages=("sekisho.ui",)))


@pytest.fixture
def gallery(request_in: Callable[..., HttpRequest]) -> str:
    request = request_in(path="/components/")
    request.actor = OPERATOR  # type: ignore[attr-defined]
    return views.components(request).content.decode()


def test_the_gallery_is_open_to_operators_only(request_in: Callable[..., HttpRequest]) -> None:
    request = request_in()
    request.actor = anonymous()  # type: ignore[attr-defined]
    with pytest.raises(Unauthenticated):
        views.components(request)
    request.actor = Actor(ActorKind.PERSON, "2", "x", frozenset({Role.STAFF}))  # type: ignore[attr-defined]
    with pytest.raises(Forbidden):
        views.components(request)


def test_ids_are_unique_and_every_reference_leads_somewhere(gallery: str) -> None:
    ids = re.findall(r'\sid="([^"]+)"', gallery)
    assert len(ids) == len(set(ids))
    references = re.findall(r'href="#([^"]+)"', gallery) + re.findall(r'\sfor="([^"]+)"', gallery)
    for attribute in ("aria-describedby", "aria-labelledby"):
        references += " ".join(re.findall(rf'{attribute}="([^"]+)"', gallery)).split()
    assert references
    assert set(references) <= set(ids)


def test_the_shell_has_its_landmarks_one_heading_and_the_current_page(gallery: str) -> None:
    assert gallery.count("<h1>") == 1
    assert all(f"<{landmark}" in gallery for landmark in ("header", "nav", "main", "footer"))
    assert 'class="skip" href="#main"' in gallery
    assert re.search(r'href="[^"]*components/" aria-current="page"', gallery)
    assert "佐藤 花子" in gallery


def test_what_only_a_script_can_do_is_hidden_until_there_is_one(gallery: str) -> None:
    buttons = re.findall(r"<button[^>]*\sdata-(?:copy=|dismiss|print|open=)[^>]*>", gallery)
    assert len(buttons) >= 7
    assert all(" hidden" in button for button in buttons)


def test_every_form_that_posts_carries_the_token(gallery: str) -> None:
    forms = re.findall(r'<form[^>]*method="post".*?</form>', gallery, re.DOTALL)
    assert len(forms) >= 5
    assert all("csrfmiddlewaretoken" in form for form in forms)


def test_the_error_page_needs_no_actor_and_no_registry(
    request_in: Callable[..., HttpRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_current", None)
    context = {"status": 503, "code": "kernel.unavailable", "message": "<Down>", "advice": "Look at the disk."}
    html = render_to_string("ui/error.html", context, request_in())
    assert "<h1>&lt;Down&gt;</h1>" in html
    assert "kernel.unavailable" in html
    assert "Look at the disk." in html


def test_the_error_fragment_is_one_toast(request_in: Callable[..., HttpRequest]) -> None:
    html = render_to_string("ui/error_fragment.html", {"message": "Changed meanwhile.", "code": "kernel.conflict"})
    assert html.count('class="toast ng"') == 1
    assert "Changed meanwhile." in html
    assert "<html" not in html
