"""What a day in a ledger shows: a day that has not come yet shows nothing. Pure."""

from datetime import date, timedelta


def happened(day: date | None, today: date) -> bool:
    """Tell whether ``day`` is told and has come."""
    return day is not None and day <= today


def within(day: date | None, today: date, length: timedelta) -> bool:
    """Tell whether ``day`` has come and is no longer ago than ``length``."""
    return day is not None and timedelta(0) <= today - day <= length


def ahead(day: date | None, today: date) -> bool:
    """Tell whether ``day`` is told and not over."""
    return day is not None and day >= today
