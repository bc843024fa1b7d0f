"""The standard lines of the table of responsibilities, laid out at once for one vendor and one system."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client

from sekisho.estate.ledgers import CONTRACTS, RESPONSIBILITIES
from sekisho.estate.ledgers.vendor_coverage import _EMERGENCY, _NORMAL
from sekisho.estate.models import Responsibility, System
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import NotFound
from sekisho.ledgers.errors import EntryInvalid
from sekisho.ledgers.services.book_lines import lay_out_lines
from tests.estate.conftest import EMR, Lacking

pytestmark = pytest.mark.django_db
LIST = "/estate/responsibilities/"


def test_the_lines_are_laid_out_once_and_prove_nothing_yet(
    clinic: Mapping[str, Any], lacking: Lacking, signed_in: Callable[..., Client], operator: Actor
) -> None:
    """Ten and seven; those that are there stay as they are; a second time nothing is added."""
    client, page = signed_in(Role.SYSTEM_OPERATOR), f"{LIST}standard-lines/"
    assert page in client.get(LIST).content.decode()
    assert client.post(page, {}).status_code == 422
    system = System.objects.get(name=EMR.rsplit(" / ", 1)[-1])
    chosen = {"vendor": system.vendor_id, "system": system.pk, "bearer": "vendor"}
    assert client.post(page, chosen).headers["Location"] == LIST
    assert set(Responsibility.objects.values_list("duty", flat=True)) == {
        duty.value for duty in {*_NORMAL, *_EMERGENCY}
    }
    assert Responsibility.objects.count() == len(_NORMAL) + len(_EMERGENCY) == 17
    assert lacking("normal_duties")[EMR], "nothing is agreed"
    assert client.post(page, chosen).status_code == 409
    Responsibility.objects.filter(duty="backup").delete()
    shared = {"vendor": system.vendor, "system": system, "bearer": "vendor"}
    assert lay_out_lines(actor=operator, ledger=RESPONSIBILITIES, shared=shared) == 1
    with pytest.raises(EntryInvalid):
        lay_out_lines(actor=operator, ledger=RESPONSIBILITIES, shared={"vendor": None, "bearer": "vendor"})
    assert Responsibility.objects.count() == 17
    with pytest.raises(NotFound):
        lay_out_lines(actor=operator, ledger=CONTRACTS, shared=shared)
    assert client.get("/estate/contracts/standard-lines/").status_code == 404
    assert signed_in(Role.STAFF).get(page).status_code == 403
