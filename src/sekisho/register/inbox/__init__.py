"""The inbox of a hot writer: a spool of its own, durable before the writer goes on. No Django, no database.

A source is a folder with parts. A part is named by the number of its first entry and holds frames: length, CRC-32,
number, entry. What is appended is taken by one thread: it writes everything that queued while the last sync ran, syncs
once, and answers. So no timer costs a lone writer its time, and many writers share one sync.

A part is finished when a later part is there; only finished ones are read by the sequencer. Numbers from the first
one of the next part on do not count in an earlier part: they were refused when the disk failed.
"""

from sekisho.register.inbox.frames import frame, frames
from sekisho.register.inbox.parts import first_of, next_number, part_name, parts, sources, sync_folder, take_source
from sekisho.register.inbox.reader import FinishedPart, finish_abandoned, finished_parts, go_on_after
from sekisho.register.inbox.writer import MOST_WAITING, PART_BYTES, DiskPart, Inbox, inbox

__all__ = [
    "MOST_WAITING",
    "PART_BYTES",
    "DiskPart",
    "FinishedPart",
    "Inbox",
    "finish_abandoned",
    "finished_parts",
    "first_of",
    "frame",
    "frames",
    "go_on_after",
    "inbox",
    "next_number",
    "part_name",
    "parts",
    "sources",
    "sync_folder",
    "take_source",
]
