"""The platform's state: for people as a page, for a monitoring system as numbers."""

import hmac
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from sekisho.config.actions import PlatformAction
from sekisho.config.backup.passphrase import unattended_fault
from sekisho.config.environment import Environment, environment
from sekisho.config.models import BackupGeneration, ProofLevel
from sekisho.config.queries import generations_on, newest_proof
from sekisho.config.watching.gauges import exposition, gauges
from sekisho.kernel.access import allow, public
from sekisho.kernel.errors import NotFound
from sekisho.register.queries import log_state
from sekisho.ui.parts import Align, Badge, Cells, Kind, TableColumn
from sekisho.ui.request import Request

SHOWN = 20
SHORTEST_TOKEN = 32
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
            (str(target), [_line(row) for row in generations_on(target)[:SHOWN]]) for target in own.backup_places
        ],
        "fault": unattended_fault(own) if own.backup_places else None,
    }
    return render(request, "config/platform_state.html", context)


def _facts(own: Environment) -> list[tuple[str, object]]:
    found = {(one.name, *one.labels.values()): one.value for one in gauges(own)}
    state = log_state()
    unwell = sorted(str(key[1]) for key, value in found.items() if key[0] == "process_well" and not value)
    free, size = found["disk_free_bytes",], found["disk_size_bytes",]
    indexed = "―" if state.indexed is None else f"{state.indexed:,}"
    return [
        (_("Processes"), Badge(Kind.NG, ", ".join(unwell)) if unwell else Badge(Kind.OK, _("All run"))),
        (_("Free space"), _("%(free)s GB of %(size)s GB") % {"free": _giga(free), "size": _giga(size)}),
        (_("Register"), Badge(Kind.NG, state.trouble.text) if state.trouble else Badge(Kind.OK, _("Goes on"))),
        (_("Entries in the log"), f"{state.head.size:,}" if state.head else "―"),
        (_("Entries in the search index"), indexed),
        (_("Waiting"), state.waiting),
        (_("Tasks that failed within seven days"), int(found["tasks", "failed"])),
    ]


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
