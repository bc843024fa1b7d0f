"""Every read of the register that pages and other apps need."""

from sekisho.register.queries.log import (
    LOG,
    OUTBOX,
    LogState,
    SourceState,
    changed_rows,
    known_size,
    log_file,
    log_head,
    log_state,
    log_tree,
    logged_head,
    require_fits,
)
from sekisho.register.queries.newest import latest_of_people
from sekisho.register.queries.searching import (
    PAGE_SIZE,
    Found,
    StoredEvent,
    all_events,
    events,
    happened,
    history,
    key_of,
    log_places,
    noted_faults,
    was_recorded,
)
from sekisho.register.rules.searching import Search

__all__ = [
    "LOG",
    "OUTBOX",
    "PAGE_SIZE",
    "Found",
    "LogState",
    "Search",
    "SourceState",
    "StoredEvent",
    "all_events",
    "changed_rows",
    "events",
    "happened",
    "history",
    "key_of",
    "known_size",
    "latest_of_people",
    "log_file",
    "log_head",
    "log_places",
    "log_state",
    "log_tree",
    "logged_head",
    "noted_faults",
    "require_fits",
    "was_recorded",
]
