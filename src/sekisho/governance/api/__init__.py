"""API operations of governance, one file a subject."""

from sekisho.governance.api import checks, notices, requirements, work
from sekisho.governance.api.router import router

__all__ = ["checks", "notices", "requirements", "router", "work"]
