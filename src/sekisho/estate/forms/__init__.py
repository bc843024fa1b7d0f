"""Forms of the estate."""

from sekisho.estate.forms.entries import CloseForm, ReopenForm, entry_form

__all__ = ["CloseForm", "ReopenForm", "entry_form"]
