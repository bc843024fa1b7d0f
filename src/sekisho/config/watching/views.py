"""The platform's state: for people as a page, for a monitoring system as numbers."""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from sekisho.config.actions import PlatformAction
from sekisho.config.backup.passphrase import unattended_fault
from sekisho.config.environment import Environment, environment
from sekisho.config.forecast import FARTHEST
from sekisho.config.models import BackupGeneration, ProofLevel
from sekisho.config.queries import generations_on, newest_proof, surviving
from sekisho.config.watching.gauges import exposition, gauges
from sekisho.kernel.access import allow, public
from sekisho.kernel.errors import NotFound
from sekisho.register.queries import log_state
from sekisho.ui.parts import Align, Badge, Cells, Kind, TableColumn
from sekisho.ui.request import Request

SHOWN = 20
SHORTEST_TOKEN = 32
_FEW_DAYS = 30
_BEARER = "Bearer "
_LEVELS = {
    ProofLevel.COPIED: gettext_lazy("Copied"),
    ProofLevel.VERIFIED: gettext_lazy("Read again and compared"),
    ProofLevel.OPENED: gettext_lazy("Restored and opened"),
    ProofLevel.STARTED: gettext_lazy("Restored and started"),
}


@require_safe
@public
def metrics(request: Request) -> HttpResponse:
    """Return the numbers to whoever brings the token of the settings. Without a token set there is no such page."""
    wanted = _token(settings.METRICS_TOKEN_FILE)
    if not wanted:
        raise NotFound
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"{_BEARER}{wanted}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"})
    return HttpResponse(
        exposition(gauges(environment())),
        content_type="text/plain; version=0.0.4; charset=utf-8",
        headers={"Cache-Control": "no-store"},
    )


def _token(path: Path | None) -> str:
    """Return the token, nothing where none is set, none can be read, or one is too short to be a secret."""
    if path is None:
        return ""
    try:
        token = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        return ""
    return token if len(token) >= SHORTEST_TOKEN else ""


@require_safe
@allow(PlatformAction.VIEW)
def show_state(request: Request) -> HttpResponse:
    """Show how the platform stands: its processes, its disk, the register's log, its backups."""
    own = environment()
    context = {
        "page_title": _("State of Sekisho"),
        "facts": _facts(own),
        "columns": [
            TableColumn(_("Made"), Align.CODE, is_row_heading=True),
            TableColumn(_("Size"), Align.NUMBER),
            TableColumn(_("Tried"), Align.CODE),
            TableColumn(_("How far")),
        ],
        "targets": [
            (str(target), surviving(target), [_line(row) for row in generations_on(target)[:SHOWN]])
            for target in own.backup_places
        ],
        "fault": unattended_fault(own) if own.backup_places else None,
    }
    return render(request, "config/platform_state.html", context)


def _facts(own: Environment) -> list[tuple[str, object]]:
    found: dict[tuple[str, ...], float] = {(one.name, *one.labels.values()): one.value for one in gauges(own)}
    state = log_state()
    unwell = sorted(str(key[1]) for key, value in found.items() if key[0] == "process_well" and not value)
    free, size = found["disk_free_bytes",], found["disk_size_bytes",]
    indexed = "―" if state.indexed is None else f"{state.indexed:,}"
    return [
        (_("Processes"), Badge(Kind.NG, ", ".join(unwell)) if unwell else Badge(Kind.OK, _("All run"))),
        (_("Free space"), _("%(free)s GB of %(size)s GB") % {"free": _giga(free), "size": _giga(size)}),
        (_("Disk full in"), _days_left(found)),
        (_("Register"), Badge(Kind.NG, state.trouble.text) if state.trouble else Badge(Kind.OK, _("Goes on"))),
        (_("Entries in the log"), f"{state.head.size:,}" if state.head else "―"),
        (_("Entries in the search index"), indexed),
        (_("Waiting"), state.waiting),
        (_("Last kept elsewhere (head of the log)"), _latest(found, "head_kept_seconds")),
        (_("Last backup"), _latest(found, "backup_made_seconds")),
        (_("Last restored as a test"), _latest(found, "backup_restored_seconds")),
        (_("Certificate shown to browsers ends"), _latest(found, "certificate_ends_seconds", "server")),
        (_("Tasks that failed within seven days"), int(found["tasks", "failed"])),
    ]


def _days_left(found: Mapping[tuple[str, ...], float]) -> object:
    """Return the days until the disk is full in words. Before a week is known nobody can tell."""
    left = found.get(("disk_days_left",))
    if left is None:
        return Badge(Kind.UNKNOWN, _("Cannot be told before a week has passed"))
    if left >= FARTHEST:
        return _("More than ten years, or never: it does not grow")
    words = ngettext("%(days)s day", "%(days)s days", int(left)) % {"days": int(left)}
    return Badge(Kind.WARN, words) if left <= _FEW_DAYS else words


def _latest(found: Mapping[tuple[str, ...], float], *key: str) -> object:
    """Return the newest of the moments of this name, never a moment that is not there."""
    moments = [value for name, value in found.items() if name[: len(key)] == key]
    return datetime.fromtimestamp(max(moments), tz=UTC) if moments else Badge(Kind.UNKNOWN, _("Never so far"))


def _giga(count: float) -> str:
    return f"{count / 10**9:,.1f}"


def _line(row: BackupGeneration) -> Cells:
    proof = newest_proof(row)
    if proof is None:
        return [row.made_at, _mega(row.stored_bytes), None, Badge(Kind.UNKNOWN, _("Not tried"))]
    words = _LEVELS[ProofLevel(proof.level)]
    badge = Badge(Kind.NG, proof.fault) if proof.fault else Badge(Kind.OK, words)
    return [row.made_at, _mega(row.stored_bytes), proof.proven_at, badge]


def _mega(count: int) -> str:
    return f"{count / 10**6:,.1f} MB"
