"""Fields are labelled, described and, when wrong, say so in words that lead to the box."""

import re
from datetime import date

import pytest
from django import forms
from django.http import QueryDict

from sekisho.ui.forms import (
    LONGEST_REASON,
    FormRenderer,
    JapaneseDateField,
    ReasonField,
    VersionField,
    offer_again,
)


class Sample(forms.Form):
    default_renderer = FormRenderer
    name = forms.CharField(label="Name", help_text="As <written> on the badge")
    note = forms.CharField(label="Note", required=False)
    state = forms.ChoiceField(label="State", widget=forms.RadioSelect, choices=[("a", "A"), ("b", "B")])
    agreed = forms.BooleanField(label="Agreed")
    token = forms.CharField(widget=forms.HiddenInput)


def _tag(html: str, start: str) -> str:
    found = re.search(f"<{start}[^>]*>", html)
    assert found, start
    return found.group()


def test_every_field_has_a_label_and_says_whether_it_is_required() -> None:
    html = str(Sample())
    for field in ("name", "note", "agreed"):
        assert f'<label class="label" for="id_{field}">' in html
    assert '<legend class="label">State' in html
    assert html.count('class="need required"') == 3
    assert html.count('class="need"') == 1


def test_help_is_escaped_and_tied_to_the_box() -> None:
    html = str(Sample())
    assert "As &lt;written&gt;" in html
    assert 'id="id_name_helptext"' in html
    assert 'aria-describedby="id_name_helptext"' in _tag(html, 'input type="text" name="name"')


def test_an_error_is_text_with_a_symbol_and_tied_to_the_box() -> None:
    html = str(Sample({}))
    box = _tag(html, 'input type="text" name="name"')
    assert 'aria-invalid="true"' in box
    assert 'aria-describedby="id_name_helptext id_name_error"' in box
    assert re.search(r'id="id_name_error"><p><span class="symbol" aria-hidden="true">×</span>', html)
    assert 'aria-describedby="id_state_error"' in _tag(html, "fieldset")


def test_the_summary_links_to_every_wrong_field() -> None:
    html = str(Sample({}))
    ids = set(re.findall(r' id="([^"]+)"', html))
    links = re.findall(r'<a href="#([^"]+)">', html)
    assert links == ["id_name", "id_state_0", "id_agreed"]
    assert ids.issuperset(links)
    assert 'role="alert"' in html
    assert "error-summary" not in str(Sample())


def test_errors_of_the_whole_form_and_of_hidden_fields_are_shown() -> None:
    form = Sample({"name": "a", "state": "a", "agreed": "on"})
    form.add_error(None, "The two do not match.")
    html = str(form)
    assert "The two do not match." in html
    assert "Token:" in html


def test_a_hidden_field_is_rendered_once() -> None:
    assert str(Sample()).count('name="token"') == 1


class Dated(forms.Form):
    default_renderer = FormRenderer
    day = JapaneseDateField(label="Day", required=False)


@pytest.mark.parametrize("text", ["2026/11/21", "R8.11.21", "令和8年11月21日", "２０２６．１１．２１"])
def test_dates_are_accepted_as_offices_write_them(text: str) -> None:
    form = Dated({"day": text}, initial={"day": date(2026, 11, 21)})
    assert form.is_valid()
    assert form.cleaned_data["day"] == date(2026, 11, 21)
    assert not form.has_changed()


def test_an_empty_date_is_none_and_a_wrong_one_is_refused_and_shown_again() -> None:
    empty = Dated({"day": ""})
    assert empty.is_valid()
    assert empty.cleaned_data["day"] is None
    wrong = Dated({"day": "2026/13/40"})
    assert not wrong.is_valid()
    assert wrong.has_changed()
    assert 'value="2026/13/40"' in str(wrong)
    assert 'value="2026/11/21"' in str(Dated(initial={"day": date(2026, 11, 21)}))


class Reasoned(forms.Form):
    default_renderer = FormRenderer
    reason = ReasonField()
    version = VersionField()


@pytest.mark.parametrize("reason", ["", " ", "a\x07", "\u202eabc", "a\u200bb", "x" * (LONGEST_REASON + 1)])
def test_a_reason_is_text_that_can_be_seen(reason: str) -> None:
    assert "reason" in Reasoned({"reason": reason, "version": "1"}).errors


def test_a_reason_may_have_lines_and_rare_characters() -> None:
    form = Reasoned({"reason": "髙橋\r\n葛\U000e0100飾", "version": "1"})
    assert form.is_valid()


@pytest.mark.parametrize(("text", "version"), [("3", 3), ("", 0), ("x", 0), ("9" * 5000, 0), ("-1", -1)])
def test_a_version_that_is_no_number_is_one_that_never_was(text: str, version: int) -> None:
    form = Reasoned({"reason": "x", "version": text})
    assert form.is_valid()
    assert form.cleaned_data["version"] == version


def test_a_form_offered_again_keeps_what_was_typed() -> None:
    form = Reasoned(QueryDict("reason=moved&version=1"))
    form.add_error(None, "Changed meanwhile.")
    offer_again(form, 7)
    html = str(form)
    assert "moved</textarea>" in html
    assert 'name="version" value="7"' in html
    assert "Changed meanwhile." in html
