"""What the tests of the pages share: looking at a page, its words, judging anew, claims by HTTP."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext, override

from sekisho.governance.models import OfficialItem, OfficialText
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.queries.world import subjects_of
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel import clock
from sekisho.kernel.actor import platform
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.models import Application, SubmissionFile

UNTIL = "R9.6.30"


def words(msgid: str, **values: object) -> str:
    """Return a text as the pages of these tests show it, escaped."""
    with override("ja"):
        text = gettext(msgid)
    return (text % values if values else text).replace("'", "&#x27;")


def judge() -> None:
    """Bring the verdicts up to date, as the job does each minute."""
    update_verdicts(actor=platform("test"))


def page(client: Client, name: str, *arguments: object, query: str = "") -> str:
    """Return a page that must open."""
    answer = client.get(reverse(f"governance:{name}", args=arguments) + query)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def post(client: Client, name: str, *arguments: object, query: str = "", **data: Any) -> Any:
    """Send a form."""
    return client.post(reverse(f"governance:{name}", args=arguments) + query, data)


def ids_of(kind: SubjectKind) -> list[str]:
    """Return the ids of the present subjects of a kind."""
    return [subject.id for subject in subjects_of(kind)]


def claim(**more: Any) -> dict[str, Any]:
    """Return a claim as it is typed, with all it needs but its subjects."""
    return {"statement": "棚で現物を見た", "kept_at": "事務室の棚", "valid_until": UNTIL, **more}


def a_file(name: str = "構成図.pdf", data: bytes = b"%PDF-1.7 our own") -> SimpleUploadedFile:
    """Return a file as a browser sends it."""
    return SimpleUploadedFile(name, data)


def import_wording(requirement: str, verbatim: str) -> None:
    """Store an official text of one item, in our own words."""
    text = OfficialText.objects.create(
        edition=CURRENT,
        volume="SO",
        file_name="運用編<案>.pdf",
        sha256="5e" * 32,
        imported_at=clock.now(),
        imported_by="root",
    )
    OfficialItem(text=text, place=1, requirement_id=requirement, printed="②", verbatim=verbatim, first_line=1).save()


def application_of(answer: Any) -> Application:
    """Return the application that a form led to."""
    assert answer.status_code == 302, answer.content.decode()
    found = re.fullmatch(r"/applications/([0-9a-f-]+)/", answer.headers["Location"])
    assert found, answer.headers["Location"]
    return Application.objects.get(pk=UUID(found[1]))


def step(client: Client, name: str, application: Application, comment: str = "") -> None:
    """Approve, send back or revoke as it is clicked."""
    version = Application.objects.get(pk=application.pk).version
    answer = client.post(reverse(f"ledgers:{name}", args=[application.pk]), {"version": version, "comment": comment})
    assert answer.status_code == 302, answer.content.decode()


def field_error(html: str, field: str) -> bool:
    """Tell whether an error stands at a field."""
    return f'id="id_{field}_error"' in html


def row_of(html: str, heading: str) -> str:
    """Return the row of a table whose heading begins with ``heading``."""
    found = re.search(rf'<tr><th scope="row">{re.escape(heading)}.*?</tr>', html, re.DOTALL)
    assert found, html
    return found[0]


def chosen(html: str, name: str) -> Sequence[str]:
    """Return the values of the ticked boxes of a field."""
    boxes: Mapping[str, str] = dict(re.findall(rf'<input type="checkbox" name="{name}" value="([^"]+)"([^>]*)>', html))
    return [value for value, rest in boxes.items() if "checked" in rest]


def content_of(application: Application) -> Any:
    """Return what was submitted last."""
    return json.loads(application.submissions.latest("number").content)


def files_of(application: Application) -> list[str]:
    """Return the names of the files that were submitted last."""
    newest = application.submissions.latest("number")
    return list(SubmissionFile.objects.filter(submission=newest).order_by("place").values_list("name", flat=True))
