"""Fiscal years as the pages and papers of a ledger name them, and as an address asks for one. Pure."""

from datetime import date

from sekisho.kernel.dates import Calendar, format_year

_FIRST, _LAST = 1950, 2999  # western years; beyond them nobody keeps a ledger


def year_name(year: int, calendar: Calendar, language: str) -> str:
    """Return the fiscal year that begins in ``year`` as offices write it: 令和8年度, 2026年度, FY2026."""
    return f"{format_year(date(year, 4, 1), calendar)}度" if language == "ja" else f"FY{year}"


def read_year(text: str) -> int | None:
    """Return the year that an address asks for, None for none or rubbish."""
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        return None
    year = int(text)
    return year if _FIRST <= year <= _LAST else None
