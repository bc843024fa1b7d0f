"""One-time links and what they open: the first administrator, invitations, recovery from the server's console."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.access import GRANTABLE, Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import NotFound
from sekisho.kernel.ids import new_id
from sekisho.people.actions import PeopleAction
from sekisho.people.errors.sign_in import CodeRefused
from sekisho.people.errors.staff import HasAccount, LinkInvalid, LoginTaken
from sekisho.people.models import AccountReset, LinkPurpose, OneTimeLink, RoleGrant, Staff, TotpSecret, User
from sekisho.people.queries import nobody_has_an_account, person, today
from sekisho.people.rules.passwords import normalize_login, normalize_password
from sekisho.people.rules.romaji import words_about
from sekisho.people.services.duties import refuse_both_duties
from sekisho.people.services.operators import restore_operator
from sekisho.people.services.passkeys import Spoken, check_key, key_facts, store_key
from sekisho.people.services.passwords import remember_password, require_good_password
from sekisho.people.services.sign_in import account_ref, totp_context
from sekisho.people.services.softlocks import clear, clear_login, code_key
from sekisho.people.services.staff import PersonData, add_staff, staff_ref
from sekisho.register.services import append
from sekisho.trust.sealing import seal
from sekisho.trust.tokens import new_token, token_hash
from sekisho.trust.totp import matching_step
from sekisho.trust.webauthn import MadeKey

LINK_LIFE = {
    LinkPurpose.FIRST: timedelta(hours=24),
    LinkPurpose.INVITATION: timedelta(days=7),
    LinkPurpose.RECOVERY: timedelta(hours=1),
}
FIRST_ROLES = (Role.SYSTEM_OPERATOR,)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What somebody enters with a one-time link: their account, and a second factor that works.

    That is the seed of an authenticator app with a code that proves it was scanned, or a new key with its name, made
    for the account ``account_id`` that comes into being with it.
    """

    login: str
    password: str
    seed: bytes
    code: str
    person: PersonData | None = None
    key: tuple[str, Spoken] | None = None
    account_id: UUID | None = None


@transaction.atomic
def offer_first_link(*, actor: Actor) -> str | None:
    """Return a fresh token for the first administrator, or None once anybody has an account. Older ones die."""
    actor.require(PeopleAction.INVITE_FIRST)
    if not nobody_has_an_account():
        return None
    moment = clock.now()
    OneTimeLink.objects.filter(purpose=LinkPurpose.FIRST, used_at=None, revoked_at=None).update(revoked_at=moment)
    token = _new_link(actor, LinkPurpose.FIRST, None)
    append(actor=actor, action=PeopleAction.INVITE_FIRST)
    return token


@transaction.atomic
def invite_person(*, actor: Actor, data: PersonData, roles: Iterable[Role]) -> tuple[Staff, str]:
    """Enter a person with roles and return them with the token of their link.

    Raises Forbidden, PersonInvalid, StaffNumberTaken, EmploymentReversed, BothDuties.
    """
    actor.require(PeopleAction.INVITE)
    staff = add_staff(data)
    granted = sorted(set(roles) & set(GRANTABLE))
    grant_roles(staff, granted, actor.name)
    refuse_both_duties(staff, granted)
    token = _new_link(actor, LinkPurpose.INVITATION, staff)
    details = {"roles": [role.value for role in granted], "staff_number": staff.staff_number}
    append(actor=actor, action=PeopleAction.INVITE, subject=staff_ref(staff), details=details)
    return staff, token


@transaction.atomic
def renew_invitation(*, actor: Actor, staff_id: UUID) -> tuple[Staff, str]:
    """Return a new token for a person without an account; older links die. Raises Forbidden, NotFound, HasAccount."""
    actor.require(PeopleAction.INVITE)
    staff = person(staff_id)
    if staff.accounts.exists():
        raise HasAccount(name=staff.name)
    _withdraw(staff)
    token = _new_link(actor, LinkPurpose.INVITATION, staff)
    append(actor=actor, action=PeopleAction.INVITE, subject=staff_ref(staff), details={"renewed": True})
    return staff, token


@transaction.atomic
def withdraw_links(*, actor: Actor, staff_id: UUID) -> Staff:
    """Make every open link of a person invalid. Raises Forbidden, NotFound."""
    actor.require(PeopleAction.REVOKE_LINK)
    staff = person(staff_id)
    _withdraw(staff)
    append(actor=actor, action=PeopleAction.REVOKE_LINK, subject=staff_ref(staff))
    return staff


@transaction.atomic
def offer_recovery(*, actor: Actor, login: str) -> tuple[User, str]:
    """Return the account and the token of a link that resets its password and second factor. Raises NotFound.

    Only the server's console may: whoever works there holds the database and the keys anyway. When nobody else can
    administer the platform, the recovered person becomes system operator again.
    """
    actor.require(PeopleAction.RECOVER)
    user = User.objects.select_related("staff").filter(login=normalize_login(login)).first()
    if user is None:
        raise NotFound
    _withdraw(user.staff)
    token = _new_link(actor, LinkPurpose.RECOVERY, user.staff, user)
    append(actor=actor, action=PeopleAction.RECOVER, subject=account_ref(user))
    return user, token


def find_link(token: str) -> OneTimeLink:
    """Return the link of ``token`` while it works. Raises LinkInvalid."""
    link = OneTimeLink.objects.select_related("staff", "account").filter(token_hash=token_hash(token)).first()
    if link is None or not _works(link):
        raise LinkInvalid
    return link


def _works(link: OneTimeLink) -> bool:
    if link.purpose == LinkPurpose.FIRST and not nobody_has_an_account():
        return False
    return link.used_at is None and link.revoked_at is None and link.expires_at > clock.now()


def enrol(*, actor: Actor, token: str, enrolment: Enrolment, about: tuple[str, ...] = ()) -> User:
    """Set up (or reset) the account that the link is for, all or nothing, and use the link up.

    Raises LinkInvalid, LoginInvalid, LoginTaken, PasswordTooWeak, CodeRefused, PersonInvalid, PasskeyRefused,
    KeyUnfit.
    """
    actor.require(PeopleAction.ENROL)
    link = find_link(token)
    password = normalize_password(enrolment.password)
    login = link.account.login if link.account else normalize_login(enrolment.login)
    require_good_password(password, about=(*_known_words(link, enrolment, login), *about), user=link.account)
    step, made = _check_second_factor(link, enrolment)
    hashed = make_password(password)
    with transaction.atomic():
        link = OneTimeLink.objects.select_for_update().get(pk=link.pk)
        if not _works(link):
            raise LinkInvalid
        user = _account(link, enrolment)
        _set_password(user, hashed)
        if step is not None:
            _set_seed(user, enrolment.seed, step)
        elif made is not None and enrolment.key is not None:
            store_key(user, enrolment.key[0], made, enrolment.key[1].state)
        link.used_at, link.staff = clock.now(), user.staff
        link.save(update_fields=["used_at", "staff"])
        clear_login(user.login)
        clear(code_key(user.pk))
        factors: list[Json] = ["password", "passkey" if made else "totp"]
        details: dict[str, Json] = {
            "purpose": str(link.purpose),
            "factors": factors,
            **(key_facts(made) if made else {}),
        }
        if _is_of_the_console(link) and restore_operator(user.staff):
            details["role"] = Role.SYSTEM_OPERATOR.value
        append(actor=actor, action=PeopleAction.ENROL, subject=account_ref(user), details=details)
    return user


def _is_of_the_console(link: OneTimeLink) -> bool:
    """Tell whether it was made at the server: a reset by an operator brings nobody a role, whoever is left."""
    return link.purpose == LinkPurpose.RECOVERY and not AccountReset.objects.filter(link=link).exists()


def _known_words(link: OneTimeLink, enrolment: Enrolment, login: str) -> tuple[str, ...]:
    who = link.staff or enrolment.person or PersonData(name="")
    return words_about(login=login, name=who.name, kana=who.kana, staff_number=who.staff_number)


def _check_second_factor(link: OneTimeLink, enrolment: Enrolment) -> tuple[int | None, MadeKey | None]:
    """Return the step of the code, or the key that was made."""
    if enrolment.key is not None:
        return None, check_key(enrolment.key[1], link.staff.pk if link.staff else None)
    step = matching_step(enrolment.seed, enrolment.code, clock.now())
    if step is None:
        raise CodeRefused(field="code")
    return step, None


def _account(link: OneTimeLink, enrolment: Enrolment) -> User:
    if link.account_id is not None:
        return User.objects.select_related("staff").select_for_update(of=("self",)).get(pk=link.account_id)
    login = normalize_login(enrolment.login)
    if User.objects.filter(login=login).exists():
        raise LoginTaken(field="login", login=login)
    staff = link.staff or add_staff(enrolment.person or PersonData(name=""))
    if link.purpose == LinkPurpose.FIRST:
        grant_roles(staff, FIRST_ROLES, staff.name)
    return User(pk=enrolment.account_id or new_id(), staff=staff, login=login, created_at=clock.now(), revision=0)


def _set_password(user: User, hashed: str) -> None:
    """Store the new password; sessions and second factors from before are worth nothing any more."""
    remember_password(user)
    user.password, user.password_changed_at, user.is_active = hashed, clock.now(), True
    user.revision += 1
    user.save()
    for earlier in (user.passkeys, user.recovery_codes, TotpSecret.objects.filter(user=user)):
        earlier.all().delete()


def _set_seed(user: User, seed: bytes, step: int) -> None:
    TotpSecret.objects.update_or_create(
        user=user,
        defaults={
            "sealed_seed": seal(settings.SEAL_KEY, seed, totp_context(user.pk)),
            "last_step": step,
            "confirmed_at": clock.now(),
        },
    )


def grant_roles(staff: Staff, roles: Iterable[Role], granted_by: str) -> None:
    """Grant roles from today on, inside the caller's transaction."""
    RoleGrant.objects.bulk_create(
        RoleGrant(staff=staff, role=role.value, valid_from=today(), granted_at=clock.now(), granted_by=granted_by)
        for role in roles
    )


def _new_link(actor: Actor, purpose: LinkPurpose, staff: Staff | None, account: User | None = None) -> str:
    token, moment = new_token(), clock.now()
    OneTimeLink.objects.create(
        purpose=purpose,
        token_hash=token_hash(token),
        staff=staff,
        account=account,
        created_at=moment,
        created_by=actor.name,
        expires_at=moment + LINK_LIFE[purpose],
    )
    return token


def _withdraw(staff: Staff) -> None:
    staff.links.filter(used_at=None, revoked_at=None).update(revoked_at=clock.now())
