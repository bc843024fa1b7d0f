"""Taking events out of the register as a file."""

import tempfile

from django.http import FileResponse
from django.views.decorators.http import require_POST

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.dates import FACILITY_ZONE
from sekisho.register.actions import RegisterAction
from sekisho.register.errors import FormatUnknown
from sekisho.register.exports.archive import Format
from sekisho.register.forms import SearchForm
from sekisho.register.services.exporting import export_events
from sekisho.ui.request import Request


@require_POST
@allow(RegisterAction.EXPORT)
def export(request: Request) -> FileResponse:
    """Give the events of the list that the conditions in the address make, each with its proof, as one archive."""
    wanted = request.POST.get("format", "")
    if wanted not in set(Format):
        raise FormatUnknown
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the answer closes it
    try:
        export_events(actor=request.actor, search=SearchForm(request.GET).search(), form=Format(wanted), file=file)
    except BaseException:
        file.close()
        raise
    name = f"register-{clock.now().astimezone(FACILITY_ZONE):%Y%m%d-%H%M%S}.zip"
    return FileResponse(file, as_attachment=True, filename=name, headers={"Cache-Control": "no-store"})
