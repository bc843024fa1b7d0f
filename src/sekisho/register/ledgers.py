"""What the register keeps that proves something by being complete."""

from sekisho.kernel.declarations import Coverage
from sekisho.kernel.text import _
from sekisho.register.queries.sources import sources_entered

LOG_SOURCES = Coverage(
    id="register.log_sources",
    title=_("How every system is recorded"),
    population=_("Registered systems but the platform"),
    measure=sources_entered,
    route="register:sources",
)
