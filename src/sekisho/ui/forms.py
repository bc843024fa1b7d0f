"""How forms look and what they accept beyond Django's own: our markup, and Japanese ways to write a date."""

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.dates import Calendar, NotADate, format_date, parse_date
from sekisho.kernel.wording import CONTROL_CHARACTERS, has_control_characters

LONGEST_REASON = 500


class FormRenderer(DjangoTemplates):
    """Renders every ``{{ form }}`` and ``{{ field.as_field_group }}`` with our markup (setting FORM_RENDERER)."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"


class JapaneseDateField(forms.CharField):
    """A date typed as offices write it: 2026/11/21, R8.11.21, 令和8年11月21日, full-width or half-width."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", _("For example 2026/11/21, R8.11.21 or 令和8年11月21日."))
        super().__init__(**options)
        self.widget.attrs.setdefault("autocomplete", "off")
        self.widget.attrs.setdefault("size", "20")

    def prepare_value(self, value: object) -> object:
        """Show a stored date as 2026/11/21: short, unambiguous, and accepted again as typed."""
        return format_date(value, Calendar.SEIREKI) if isinstance(value, date) else value

    def clean(self, value: object) -> Any:
        """Return the date, or None for an optional field left empty."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_date(text)
        except NotADate as error:
            raise ValidationError(str(error), code="invalid") from error

    def has_changed(self, initial: object, data: object) -> bool:
        """Tell whether another day was entered, however it was written."""
        try:
            return bool(self.clean(data) != initial)
        except ValidationError:
            return True


def refuse_invisible(text: str) -> None:
    """Raise ValidationError if ``text`` holds characters that nobody typed and nobody sees."""
    if has_control_characters(text):
        raise ValidationError(str(CONTROL_CHARACTERS), code="invisible")


class ReasonField(forms.CharField):
    """Why something is done, in a few lines. It goes into the register and stays there."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Reason"))
        options.setdefault("max_length", LONGEST_REASON)
        options.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(**options)
        self.validators.append(refuse_invisible)


class VersionField(forms.IntegerField):
    """The version that the form was opened with; none, or rubbish, is a version that never was."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.HiddenInput)
        options.setdefault("required", False)
        super().__init__(**options)

    def clean(self, value: object) -> int:
        """Return the version, 0 for what is no number: the service then reports a conflict, as it should."""
        try:
            return super().clean(value) or 0
        except ValidationError:
            return 0


def offer_again(form: forms.BaseForm, version: int) -> None:
    """Let a form that met a newer version be sent again: it keeps what was typed and carries ``version`` now."""
    data = cast("QueryDict", form.data).copy()
    data[form.add_prefix("version")] = str(version)
    form.data = data
