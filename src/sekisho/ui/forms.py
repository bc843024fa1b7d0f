"""How forms look and what they accept beyond Django's own: our markup, and Japanese ways to write a date."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.dates import Calendar, NotADate, format_date, parse_date


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
