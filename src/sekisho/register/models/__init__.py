"""The tables of the register, one subject a module."""

from sekisho.register.models.events import Body, Event, Head
from sekisho.register.models.heads import HeldHead
from sekisho.register.models.reference import ListState, ReferenceList
from sekisho.register.models.review import Decided, ReviewDecision, ReviewItem, ReviewRun, RunKind
from sekisho.register.models.sources import ImportedLine, ImportState, LogImport, LogSource, SourceKind

__all__ = [
    "Body",
    "Decided",
    "Event",
    "Head",
    "HeldHead",
    "ImportState",
    "ImportedLine",
    "ListState",
    "LogImport",
    "LogSource",
    "ReferenceList",
    "ReviewDecision",
    "ReviewItem",
    "ReviewRun",
    "RunKind",
    "SourceKind",
]
