"""The page of one application and its files: what it shows, what it offers to whom, what it hands out."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from sekisho.kernel import registry
from sekisho.kernel.access import Role
from sekisho.ledgers.models import Application, FileData
from sekisho.ledgers.rules import Step
from sekisho.ledgers.services import NewFile
from tests.ledgers.reading import HOSTILE, get, main, me, page_of, words
from tests.ledgers.working import REPORT, apply_for, take

pytestmark = pytest.mark.django_db


def buttons(client: Client, application: Application) -> set[str]:
    """Return the steps that the page offers."""
    found = re.search(r'<div class="page-actions">.*?</div>', get(client, page_of(application)), re.DOTALL)
    assert found
    return set(re.findall(rf'href="{page_of(application)}([a-z-]*)/?"', found[0]))


@pytest.mark.parametrize(
    ("way", "by_nurse", "by_manager"),
    [
        ([], {"withdraw"}, {"approve", "send-back"}),
        ([Step.SEND_BACK], {"withdraw", ""}, set()),
        ([Step.SEND_BACK, Step.AMEND], {"withdraw"}, {"approve", "send-back"}),
        ([Step.WITHDRAW], set(), set()),
        ([Step.APPROVE], set(), {"revoke"}),
        ([Step.APPROVE, Step.REVOKE], set(), set()),
    ],
)
def test_a_page_offers_what_its_reader_may_do_now(
    nurse: Client,
    manager: Client,
    signed_in: Callable[..., Client],
    way: list[Step],
    by_nurse: set[str],
    by_manager: set[str],
) -> None:
    """Mending leads to the form that the workflow names: here, the application itself."""
    application = apply_for(me(nurse))
    for step in way:
        take(step, me(nurse if step in {Step.AMEND, Step.WITHDRAW} else manager), application)
    assert (buttons(nurse, application), buttons(manager, application)) == (by_nurse, by_manager)
    for role in (Role.AUDITOR, Role.SYSTEM_OPERATOR, Role.INSPECTOR):
        assert buttons(signed_in(role), application) == set()


def test_a_claim_that_was_sent_back_leads_to_its_form(manager: Client, signed_in: Callable[..., Client]) -> None:
    """The route that the workflow of another room names."""
    workflow = registry.current().workflow("governance.attestation")
    applicant = signed_in(Role.DEPARTMENT_MANAGER)
    content = {
        "edition": "mhlw-7.0-draft",
        "requirements": {"SO-14-6-4": None},
        "subjects": [],
        "statement": "全端末で確かめた",
        "kept_at": "",
        "valid_until": "2027-11-20",
    }
    application = apply_for(me(applicant), workflow=workflow, content=content)
    take(Step.SEND_BACK, me(manager), application)
    address = reverse("governance:amend", args=[application.pk])
    assert f'<a class="button primary" href="{address}">' in get(applicant, page_of(application))
    assert address not in get(manager, page_of(application))


def test_one_s_own_application_is_offered_only_where_nobody_else_could(
    manager: Client, make_person: Callable[..., Any]
) -> None:
    application = apply_for(me(manager))
    assert buttons(manager, application) == {"approve", "send-back", "withdraw"}
    make_person("tanaka", Role.SAFETY_MANAGER, name="田中 次郎")
    assert buttons(manager, application) == {"send-back", "withdraw"}
    assert "<dd>田中 次郎</dd>" in get(manager, page_of(application))


def test_an_applicant_sees_who_can_approve_or_that_nobody_can(nurse: Client, make_person: Callable[..., Any]) -> None:
    application = apply_for(me(nurse))
    nobody = words("Nobody holds one of these roles: %(roles)s", roles="").rstrip()
    assert nobody in get(nurse, page_of(application))
    make_person("tanaka", Role.SAFETY_MANAGER, name="田中 次郎")
    make_person("suzuki", Role.PLANNING_MANAGER, name="鈴木 一郎")
    page = get(nurse, page_of(application))
    assert nobody not in page
    assert {"田中 次郎", "鈴木 一郎"} <= set(re.split("[、<>,]", page))


def test_the_page_shows_the_content_and_everything_that_happened(nurse: Client, manager: Client) -> None:
    """The newest version open, the older ones one touch away, the history newest first."""
    application = apply_for(me(nurse), files=[REPORT], comment="一度目の申請")
    take(Step.SEND_BACK, me(manager), application, "台数を\n確かめてください")
    sent_back = get(nurse, page_of(application))
    assert 'class="toast warn"' in sent_back, "why it came back stands at the top"
    assert sent_back.index("台数を<br>確かめてください") < sent_back.index("ノートPC 2台")
    mended = {"what": "ノートPC 1台", "why": "訪問診療"}
    take(Step.AMEND, me(nurse), application, "台数を直しました", content=mended, keep=[1])
    take(Step.APPROVE, me(manager), application, "購入してください")
    page = get(nurse, page_of(application))
    assert "<h1>ノートPCの購入</h1>" in page
    assert 'class="badge ok"' in page[: page.index("<dl")]
    assert 'class="toast warn"' not in page
    newest, older = page.index("<dd>ノートPC 1台</dd>"), page.index('<details class="help">')
    assert newest < older < page.index("<dd>ノートPC 2台</dd>") < page.index("</details>", older)
    assert "<dd>訪問診療で使うため<br>更新期限を過ぎている</dd>" in page
    for number in (1, 2):
        assert reverse("ledgers:file", args=[application.pk, number, 1]) in page
    for submission in application.submissions.all():
        assert f"<code>{submission.digest}</code>" in page
    history = page[page.index(words("What happened to this application")) :]
    order = ["購入してください", "台数を直しました", "台数を<br>確かめてください", "一度目の申請"]
    assert [history.index(comment) for comment in order] == sorted(history.index(comment) for comment in order)
    steps = ["Gave the approval", "Mended and applied again", "Sent it back", "Applied"]
    assert re.findall(r"</span>([^<]+)</span></td>", history) == [words(step) for step in steps]


def test_an_own_approval_is_marked_in_words(manager: Client, signed_in: Callable[..., Client]) -> None:
    application = apply_for(me(manager))
    take(Step.APPROVE, me(manager), application, "ほかに承認者がいない")
    auditor = signed_in(Role.AUDITOR)
    mark = words("Approved by the applicant")
    assert main(get(auditor, page_of(application))).count(mark) == 2, "beside the state, and in the history"
    take(Step.REVOKE, me(manager), application, "やり直す")
    page = main(get(auditor, page_of(application)))
    assert page.count(mark) == 1, "it counts no more; the history keeps it"
    assert 'class="toast ng"' in page
    assert page.index("やり直す") < page.rindex("やり直す") < page.index("ほかに承認者がいない"), "the newest first"


def test_a_stranger_s_application_does_not_exist(nurse: Client, signed_in: Callable[..., Client]) -> None:
    application = apply_for(me(nurse), files=[REPORT])
    stranger = signed_in(Role.DEPARTMENT_MANAGER)
    for name in ("", "approve/", "send-back/", "withdraw/", "revoke/", "files/1/1/"):
        assert stranger.get(page_of(application) + name).status_code == 404, name
        if name and "files" not in name:
            assert stranger.post(page_of(application) + name, {"comment": "x", "version": "1"}).status_code == 404


def test_hostile_words_are_only_words(nurse: Client, manager: Client) -> None:
    """In the title, the content, the comments and the names of files; no inline script or style anywhere."""
    content = {"what": HOSTILE, "why": HOSTILE}
    application = apply_for(
        me(nurse), HOSTILE, content=content, comment=HOSTILE, files=[NewFile("<b onclick=x>.html", b"x")]
    )
    pages = [get(manager, "/applications/"), get(manager, page_of(application))]
    pages += [get(manager, f"{page_of(application)}{step}/") for step in ("approve", "send-back")]
    take(Step.SEND_BACK, me(manager), application, HOSTILE)
    pages.append(get(nurse, page_of(application)))
    for page in pages:
        assert HOSTILE not in page
        assert "<script>" not in page
        assert escape(HOSTILE) in page
        assert not re.search(r"<[^>]* (style|on[a-z]+)=", page)
    assert pages[1].count(escape("<b onclick=x>.html")) == 1


# Files


def test_a_file_is_saved_and_never_shown(nurse: Client, manager: Client) -> None:
    """Whatever it holds: its bytes, its Japanese name (RFC 5987), and no type a browser would run."""
    files = [NewFile("見積書 令和8年度.pdf", b"%PDF"), NewFile('page".html', b"<script>alert(1)</script>")]
    application = apply_for(me(nurse), files=files)
    for client in (nurse, manager):
        answer = client.get(reverse("ledgers:file", args=[application.pk, 1, 1]))
        assert answer.status_code == 200
        assert answer.content == b"%PDF"
        assert answer.headers["Content-Type"] == "application/octet-stream"
        name = quote("見積書 令和8年度.pdf")
        assert answer.headers["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
    page = nurse.get(reverse("ledgers:file", args=[application.pk, 1, 2]))
    assert page.content == files[1].data
    assert page.headers["Content-Type"] == "application/octet-stream"
    assert page.headers["Content-Disposition"] == 'attachment; filename="page\\".html"'


def test_a_file_that_is_not_there_does_not_exist(nurse: Client) -> None:
    application = apply_for(me(nurse), files=[REPORT])
    for number, place in ((1, 2), (2, 1), (0, 0), (1, 10**30), (10**30, 1)):
        assert nurse.get(reverse("ledgers:file", args=[application.pk, number, place])).status_code == 404
    assert nurse.post(reverse("ledgers:file", args=[application.pk, 1, 1])).status_code == 405


def test_the_list_of_files_names_size_and_hash(nurse: Client) -> None:
    application = apply_for(me(nurse), files=[NewFile("large.bin", b"x" * 2048)])
    digest = FileData.objects.get().sha256
    page = get(nurse, page_of(application))
    assert f'<code title="{digest}">{digest[:16]}…</code>' in page
    assert re.search(r"2\.0\s?KB", page)
