"""What stands in the log of a test: hot writers' events have no rows to be counted."""

import json

from sekisho.register.queries import log_head, log_tree


def logged_entries(source: str) -> list[bytes]:
    """Return the entries of a source in the log, in their order; none where there is no log."""
    head = log_head()
    entries = log_tree(head.size).entries(0, head.size) if head else iter(())
    return [entry for entry in entries if json.loads(entry)["source"] == source]
