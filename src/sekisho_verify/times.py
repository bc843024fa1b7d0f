"""Moments as the log writes them: RFC 3339 in UTC with microseconds."""

from datetime import UTC, datetime

FORM = "%Y-%m-%dT%H:%M:%S.%fZ"


def seconds_between(earlier: str, later: str) -> float:
    """Return the seconds from one moment to another; 0 where one of them is no moment (30 February)."""
    try:
        return (datetime.strptime(later, FORM) - datetime.strptime(earlier, FORM)).total_seconds()  # noqa: DTZ007
    except ValueError:
        return 0.0


def written(seconds: int) -> str:
    """Return seconds since 1970 as RFC 3339 in UTC, or the number where no calendar reaches so far."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return str(seconds)
