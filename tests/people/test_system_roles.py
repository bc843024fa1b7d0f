"""The roles of the systems: named as the system names them, with what they may and for which professions."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from sekisho.estate.ledgers import SYSTEMS
from sekisho.estate.services import add_entry as add_to_estate
from sekisho.kernel.access import Role
from sekisho.people.models import Profession, SystemRole
from tests.people.granting import CLERK

pytestmark = pytest.mark.django_db
BOOK = "/people/system_roles/"


def test_a_role_is_entered_once_for_the_professions_there_are(signed_in: Callable[..., Client]) -> None:
    """In either language, with or without what stands in brackets; a word that is no profession is named."""
    values: dict[str, Any] = {"name": "医事", "kind": "emr", "form": "on_premises"}
    system = add_to_estate(actor=CLERK, ledger=SYSTEMS, values=values)
    operator, auditor = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.AUDITOR)
    sent = {
        "system": system.pk,
        "name": "Ｄｒ",
        "duty": "use",
        "may_view": "on",
        "usual_for": "医師、Therapist、宇宙飛行士",
    }
    assert auditor.post(f"{BOOK}new/", sent).status_code == 403
    answer = operator.post(f"{BOOK}new/", sent)
    assert answer.status_code == 422
    assert "宇宙飛行士" in answer.content.decode().split("usual_for", 1)[1]
    sent["usual_for"] = "医師、Therapist"
    assert operator.post(f"{BOOK}new/", sent).status_code == 302
    made = SystemRole.objects.get()
    usual = [one for one in Profession if made.is_usual_for(one)]
    assert usual == [Profession.DOCTOR, Profession.THERAPIST]
    assert operator.post(f"{BOOK}new/", {**sent, "name": "dr"}).status_code == 422, "the same name in another width"
    assert "Ｄｒ" in auditor.get(BOOK).content.decode()
