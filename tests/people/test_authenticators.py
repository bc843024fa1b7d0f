"""Models of authenticators: the list that the operator brings, keys that a maker attests, AAL 1 to 3, and reports."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.people.models import AuthenticatorModel, MetadataList, Passkey, Session
from sekisho.people.rules.authenticators import KeyFacts, KeyFault, KeyPolicy, assurance_of, fault_of
from sekisho.people.services.authenticators import read_metadata
from sekisho.trust.authenticators import LIST_ROOT, ListRefused, read_list, root_of
from tests.people.metadata_list import MODEL, AttestedKey, Authority, batch_of, ended, entry, signed_list
from tests.people.soft_authenticator import SoftKey, turned
from tests.people.test_passkeys import add, events, sign_in

UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
facts = st.builds(
    KeyFacts, st.booleans(), st.booleans(), st.just(UUID(MODEL)), st.sampled_from(["", "REVOKED", "USER_KEY_X"])
)
MAKER = Authority("maker")
PUBLISHER = Authority("publisher")
LIST_KEY = rsa.generate_private_key(65537, 2048)  # the list is signed with RS256
SIGNER = Authority("list", PUBLISHER, is_authority=False, private=LIST_KEY)


@UNTIMED
@given(facts, st.booleans())
def test_only_attested_hardware_reaches_the_third_level(key: KeyFacts, user_verified: bool) -> None:
    """Nothing that is copied, unproven or reported does; a touch alone is one factor; more proof never lowers it."""
    alone = assurance_of(("passkey",), key, user_verified=user_verified)
    beside = assurance_of(("password", "passkey"), key, user_verified=user_verified)
    sound = key.is_attested and not key.backup_eligible and not key.refused
    assert beside == (3 if sound else 2)
    assert alone == (beside if user_verified else 1)
    assert assurance_of(("password", "totp"), None, user_verified=False) == 2


@UNTIMED
@given(facts, st.booleans(), st.booleans(), st.sampled_from([frozenset(), {UUID(MODEL)}, {UUID(int=1)}]))
def test_a_stricter_policy_takes_no_more_keys(key: KeyFacts, bound: bool, hardware: bool, models: set[UUID]) -> None:
    """What the empty policy refuses every policy refuses; what hardware asks for is never less than one device."""
    fault = fault_of(KeyPolicy(bound, hardware, frozenset(models)), key)
    assert (fault_of(KeyPolicy(), key) is not None) == bool(key.refused)
    assert fault is not None or not key.refused
    if fault is None and hardware:
        assert fault_of(KeyPolicy(device_bound=True), key) is None
    if models == {UUID(int=1)}:
        assert fault is not None
    assert fault is not KeyFault.NOT_ATTESTED or not key.is_attested


def test_whose_list_is_believed() -> None:
    """Only what the named root has signed, today, through authorities, with nothing changed on the way."""
    now, whole = clock.now(), signed_list(SIGNER, entry(MAKER))
    found = read_list(whole, PUBLISHER.der, now)
    assert (found.number, found.models[0].name, found.models[0].refused) == (7, "青い鍵 5", "")
    assert "icon" not in found.models[0].entry["metadataStatement"]
    assert read_list(whole + b"\n", PUBLISHER.der, now) == found
    late, leaf = (
        Authority("late", PUBLISHER, ends=ended(), private=LIST_KEY),
        Authority("leaf", SIGNER, private=LIST_KEY),
    )
    head, body, signature = whole.split(b".")
    for wrong, root in (
        (whole, MAKER.der),
        (signed_list(late), PUBLISHER.der),
        (signed_list(leaf), SIGNER.der),  # what it is signed under is no authority
        (b".".join((head, body, turned(signature.decode()).encode())), PUBLISHER.der),
        (b".".join((head, turned(body.decode()).encode(), signature)), PUBLISHER.der),
        (b".".join((b"e30", body, signature)), PUBLISHER.der),
        *((rubbish, PUBLISHER.der) for rubbish in (b"", b"..", b"a.b.c", b"[].[].", b"\xff" * 50)),
    ):
        with pytest.raises(ListRefused):
            read_list(wrong, root, now)
    with pytest.raises(ListRefused):
        root_of(b"-----BEGIN CERTIFICATE-----")
    assert root_of(LIST_ROOT.encode())[:1] == b"\x30"
    assert root_of(PUBLISHER.der) == PUBLISHER.der


@pytest.fixture
def bring(settings: Any, tmp_path: Path) -> Callable[[bytes], bool]:
    """Return a function that puts a list where the settings say, and has it read."""
    settings.FIDO_METADATA, settings.FIDO_ROOT = tmp_path / "blob.jwt", tmp_path / "root.der"
    settings.FIDO_ROOT.write_bytes(PUBLISHER.der)

    def put(blob: bytes) -> bool:
        settings.FIDO_METADATA.write_bytes(blob)
        return read_metadata(actor=platform("worker"))

    return put


def policy(client: Client, **data: object) -> int:
    """Change what the keys of roles must be."""
    store = client.session
    store["proved_at"] = clock.now().isoformat()
    store.save()
    return client.post(reverse("people:sign-in-policy"), data).status_code


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_from_the_list_to_the_third_level(
    signed_in: Callable[..., Client], browser_client: Callable[[], Client], bring: Callable[[bytes], bool]
) -> None:
    """A role asks for attested hardware; it is registered, signs in at AAL 3, is reported, and is refused."""
    operator, staff = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.STAFF, login="suzuki")
    store = operator.session
    store["proved_at"] = clock.now().isoformat()
    store.save()
    assert "No list of authenticators" in operator.get(reverse("people:sign-in-policy")).content.decode()
    assert bring(signed_list(SIGNER, entry(MAKER, "FIDO_CERTIFIED_L1"), due="2020-01-01"))
    assert not bring(signed_list(SIGNER, entry(MAKER), number=6)) or MetadataList.objects.get().fault
    assert AuthenticatorModel.objects.count() == 1, "an older list changes nothing"
    assert policy(operator, hardware=["staff"], models="no AAGUID") == 422
    assert policy(operator, hardware=["staff"], models=MODEL) == 302
    shown = operator.get(reverse("people:sign-in-policy")).content.decode()
    assert "out of date" in shown
    assert "was not taken" in shown
    batch, names = batch_of(MAKER), itertools.count()

    def made(**more: Any) -> AttestedKey:
        return AttestedKey(**{"batch": batch, "credential_id": b"key %d" % next(names), **more})

    rogue = Authority("maker")  # the same name, another key
    fake = Authority("batch", batch, is_authority=False, extension=b"\x04\x10" + bytes(range(16)))
    for wrong in (
        SoftKey(credential_id=b"says nothing"),
        made(batch=batch_of(rogue)),
        made(batch=fake, between=(batch.der,)),  # signed by a batch, which may sign no certificates
        made(synced=True),
    ):
        assert add(staff, wrong).status_code == 422
    key = made()
    assert add(staff, key).status_code == 302
    assert "attested by its maker" in (own := staff.get(reverse("people:own-sign-in")).content.decode())
    assert "青い鍵 5" in own
    browser = browser_client()
    assert sign_in(browser, key).status_code == 302
    assert "AAL 3" in browser.get(reverse("people:own-sign-in")).content.decode()
    assert [event["details"]["assurance"] for event in events("session.sign_in")] == [3]
    session = Session.objects.filter(user__login="suzuki", assurance=3).get()
    browser.post(reverse("people:lock"))
    browser.post(reverse("people:unlock"), {"password": "asa no hikari 2026 mado"})
    browser.get("/")
    session.refresh_from_db()
    assert session.assurance == 2, "one factor opens the lock"

    assert bring(signed_list(SIGNER, entry(MAKER, "FIDO_CERTIFIED", "REVOKED"), number=8))
    assert sign_in(browser_client(), key).status_code == 422
    assert add(staff, made()).status_code == 422
    for page in (reverse("people:person", args=[staff.user.staff_id]), reverse("people:sign-in-policy")):  # type: ignore[attr-defined]
        assert "reported as unsafe" in operator.get(page).content.decode()
    assert policy(operator) == 302
    browser = browser_client()
    assert sign_in(browser, key).status_code == 302
    assert "AAL 2" in browser.get(reverse("people:own-sign-in")).content.decode()
    assert "reported as unsafe (REVOKED)" in browser.get(reverse("people:own-sign-in")).content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_what_is_no_hardware_is_not_attested(
    signed_in: Callable[..., Client], bring: Callable[[bytes], bool], settings: Any
) -> None:
    """A model in software, another AAGUID in the certificate, no list at all: a key as any other, AAL 2."""
    bring(signed_list(SIGNER, entry(MAKER, protection="software")))
    staff = signed_in(Role.STAFF)
    assert add(staff, AttestedKey(batch=batch_of(MAKER))).status_code == 302
    bring(signed_list(SIGNER, entry(MAKER), number=8))
    other = batch_of(MAKER, extension=b"\x04\x10" + bytes(16))
    assert add(staff, AttestedKey(batch=other, credential_id=b"other")).status_code in {401, 422}
    settings.FIDO_METADATA = None
    assert read_metadata(actor=platform("worker"))
    assert not read_metadata(actor=platform("worker"))
    assert add(staff, AttestedKey(batch=batch_of(MAKER), credential_id=b"unlisted")).status_code == 302
    assert not Passkey.objects.filter(is_attested=True).exists()
    assert not AuthenticatorModel.objects.exists()


@pytest.mark.django_db
def test_a_file_that_is_no_list_is_recorded_once(bring: Callable[[bytes], bool], settings: Any) -> None:
    """Read again only when it is another one; a missing one is named too, and what we had stays."""
    bring(signed_list(SIGNER, entry(MAKER)))
    assert bring(b"rubbish")
    assert not read_metadata(actor=platform("worker"))
    settings.FIDO_METADATA.unlink()
    assert read_metadata(actor=platform("worker"))
    assert not read_metadata(actor=platform("worker"))
    assert [event["outcome"] for event in events("authenticator_list.read")] == ["success", "failure", "failure"]
    assert MetadataList.objects.get().number == 7
    assert AuthenticatorModel.objects.get().name == "青い鍵 5"
