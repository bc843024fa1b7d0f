"""One-time links: first administrator, invitation, recovery."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from django.db import connections

from sekisho.kernel import clock
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor, anonymous, console
from sekisho.kernel.errors import Forbidden, SekishoError
from sekisho.people.errors.sign_in import CodeRefused
from sekisho.people.errors.staff import HasAccount, LinkInvalid, LoginTaken, StaffNumberTaken
from sekisho.people.models import OneTimeLink, Softlock, Staff, User
from sekisho.people.queries import may_sign_in, working_operators
from sekisho.people.rules.passwords import PasswordTooWeak
from sekisho.people.services import links, roles, sign_in
from sekisho.people.services.links import Enrolment
from sekisho.people.services.staff import PersonData
from sekisho.register.models import Event
from sekisho.trust.totp import new_seed
from tests.conftest import actor_with, code_now

VISITOR = anonymous("10.1.2.3")
STRONG = "haru no umi 2026 hinemosu"


def fill_in(login: str = "yamada", *, password: str = STRONG, code: str | None = None, name: str = "山田") -> Enrolment:
    """Return what somebody enters, with the right code unless told otherwise."""
    seed = new_seed()
    return Enrolment(login, password, seed, code_now(seed) if code is None else code, PersonData(name=name))


def first_token(platform_actor: Actor) -> str:
    """Return the first administrator's token."""
    token = links.offer_first_link(actor=platform_actor)
    assert token is not None
    return token


@pytest.mark.django_db
def test_a_new_first_link_replaces_the_old_one(platform_actor: Actor) -> None:
    """Each start prints one; only the newest opens."""
    old, new = first_token(platform_actor), first_token(platform_actor)
    with pytest.raises(LinkInvalid):
        links.find_link(old)
    assert links.find_link(new)
    assert not OneTimeLink.objects.filter(token_hash__in=[old, new]).exists(), "the token itself is never stored"


@pytest.mark.django_db
def test_links_run_out(platform_actor: Actor, at_nine: clock.FixedClock) -> None:
    """A day for the first administrator."""
    token = first_token(platform_actor)
    at_nine.moment += timedelta(hours=24, seconds=1)
    with pytest.raises(LinkInvalid):
        links.enrol(actor=VISITOR, token=token, enrolment=fill_in())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("enrolment", "error"),
    [
        ({"password": "short1"}, PasswordTooWeak),
        ({"password": "yamada-desu-2026!"}, PasswordTooWeak),
        ({"code": "000000"}, CodeRefused),
        ({"login": "山田"}, SekishoError),
        ({"name": ""}, SekishoError),
    ],
)
def test_a_refused_enrolment_stores_nothing_and_keeps_the_link(
    platform_actor: Actor, enrolment: dict[str, str], error: type[SekishoError]
) -> None:
    """All or nothing; the person corrects it and sends it again."""
    token = first_token(platform_actor)
    with pytest.raises(error):
        links.enrol(actor=VISITOR, token=token, enrolment=fill_in(**enrolment))  # type: ignore[arg-type]
    assert (User.objects.count(), Staff.objects.count()) == (0, 0)
    assert links.enrol(actor=VISITOR, token=token, enrolment=fill_in()).login == "yamada"


@pytest.mark.django_db(transaction=True)
def test_two_who_open_the_same_link_at_once_make_one_account(platform_actor: Actor) -> None:
    """The link's row decides."""
    token = first_token(platform_actor)

    def enrol(login: str) -> bool:
        try:
            links.enrol(actor=VISITOR, token=token, enrolment=fill_in(login))
        except LinkInvalid:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(enrol, ["aaaa", "bbbb", "cccc", "dddd"])) == 1
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_an_invited_person_cannot_take_a_name_or_number_twice(
    make_person: Callable[..., User], operator: Actor
) -> None:
    """Both are refused in words, and nothing is stored."""
    make_person("suzuki", Role.STAFF)
    _staff, token = links.invite_person(
        actor=operator, data=PersonData(name="鈴木", staff_number="7"), roles=[Role.STAFF]
    )
    with pytest.raises(LoginTaken):
        links.enrol(actor=VISITOR, token=token, enrolment=fill_in("Suzuki"))
    with pytest.raises(StaffNumberTaken):
        links.invite_person(actor=operator, data=PersonData(name="別人", staff_number="7"), roles=[])
    assert Staff.objects.count() == 2


@pytest.mark.django_db
def test_a_withdrawn_or_renewed_link_is_dead(operator: Actor) -> None:
    """The old paper in the wastebasket opens nothing."""
    staff, old = links.invite_person(actor=operator, data=PersonData(name="鈴木"), roles=[Role.STAFF])
    _, new = links.renew_invitation(actor=operator, staff_id=staff.pk)
    with pytest.raises(LinkInvalid):
        links.find_link(old)
    links.withdraw_links(actor=operator, staff_id=staff.pk)
    with pytest.raises(LinkInvalid):
        links.find_link(new)


@pytest.mark.django_db
def test_only_grantable_roles_are_granted(operator: Actor) -> None:
    """Nobody is invited as the console."""
    staff, _ = links.invite_person(
        actor=operator, data=PersonData(name="鈴木"), roles=[Role.CONSOLE, Role.PLATFORM, Role.AUDITOR]
    )
    assert list(staff.grants.values_list("role", flat=True)) == ["auditor"]


@pytest.mark.django_db
def test_who_may_not_invite() -> None:
    """The service checks, not only the page."""
    for role in set(Role) - {Role.SYSTEM_OPERATOR}:
        with pytest.raises(SekishoError):
            links.invite_person(actor=actor_with(role), data=PersonData(name="x"), roles=[])


@pytest.mark.django_db
def test_recovery_resets_both_factors_and_ends_sessions(make_person: Callable[..., User]) -> None:
    """Only from the console; the account, its person and its roles stay."""
    user = make_person("suzuki", Role.SYSTEM_OPERATOR)
    Softlock.objects.create(key="password:suzuki", failures=50, last_failure=clock.now())
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(Forbidden):
        links.offer_recovery(actor=actor_with(Role.SYSTEM_OPERATOR), login="suzuki")
    _, token = links.offer_recovery(actor=console(), login="suzuki")
    again = links.enrol(actor=VISITOR, token=token, enrolment=fill_in("ignored", password="yuki ga furu 2027 asa"))
    assert (again.pk, again.login, again.is_active) == (user.pk, "suzuki", True)
    assert again.revision > user.revision
    assert not Softlock.objects.filter(key="password:suzuki").exists()
    with pytest.raises(HasAccount):
        links.renew_invitation(actor=actor_with(Role.SYSTEM_OPERATOR), staff_id=user.staff_id)


@pytest.mark.django_db
def test_the_commands_print_links_and_refuse_when_not_needed(make_person: Callable[..., User]) -> None:
    """`sekisho people recover` and `first-link`."""
    from sekisho.people.commands import people

    printed = CliRunner().invoke(people, ["first-link"])
    assert "/invitation/" in printed.output
    make_person("suzuki", Role.SYSTEM_OPERATOR)
    assert CliRunner().invoke(people, ["first-link"]).exit_code == 1
    printed = CliRunner().invoke(people, ["recover", "SUZUKI"])
    assert printed.exit_code == 0
    token = printed.output.split("/invitation/")[1].split("/")[0]
    assert links.find_link(token).purpose == "recovery"


@pytest.mark.django_db
def test_disabling_an_account_kills_its_open_links(make_person: Callable[..., User], operator: Actor) -> None:
    """A recovery link made before opens nothing; one made afterwards on the console does."""
    make_person("boss", Role.SYSTEM_OPERATOR)
    user = make_person("suzuki", Role.STAFF)
    _, token = links.offer_recovery(actor=console(), login="suzuki")
    roles.disable_account(actor=operator, user_id=user.pk)
    with pytest.raises(LinkInvalid):
        links.enrol(actor=VISITOR, token=token, enrolment=fill_in())
    assert not User.objects.get(pk=user.pk).is_active


@pytest.mark.django_db
@pytest.mark.parametrize("lost", ["role", "employment", "account"])
def test_recovery_brings_back_an_operator_when_nobody_is_one(
    make_person: Callable[..., User], lost: str, at_nine: clock.FixedClock
) -> None:
    """However the last one was lost: the recovered person can administer the platform, and it is recorded."""
    user = make_person("suzuki", Role.SYSTEM_OPERATOR)
    match lost:
        case "role":
            user.staff.grants.update(valid_until=date(2026, 11, 1))
        case "employment":
            Staff.objects.update(employed_until=date(2020, 1, 1))
        case "account":
            User.objects.update(is_active=False)
    _, token = links.offer_recovery(actor=console(), login="suzuki")
    again = links.enrol(actor=VISITOR, token=token, enrolment=fill_in())
    assert working_operators().filter(staff=again.staff_id).exists()
    assert may_sign_in(User.objects.select_related("staff").get(pk=again.pk))
    granted = "system_operator" in Event.objects.get(action="account.enrol").entry
    assert granted == (lost != "account"), "a disabled account needs no role anew"


@pytest.mark.django_db
def test_recovery_grants_nothing_while_somebody_is_operator(make_person: Callable[..., User]) -> None:
    """A way back, not a way up."""
    make_person("boss", Role.SYSTEM_OPERATOR)
    user = make_person("suzuki", Role.STAFF)
    _, token = links.offer_recovery(actor=console(), login="suzuki")
    links.enrol(actor=VISITOR, token=token, enrolment=fill_in())
    assert list(user.staff.grants.filter(revoked_at=None).values_list("role", flat=True)) == ["staff"]


@pytest.mark.django_db
def test_the_first_link_dies_with_the_first_account(platform_actor: Actor, make_person: Callable[..., User]) -> None:
    """A link that was printed and never used is no second door."""
    token = first_token(platform_actor)
    make_person("suzuki", Role.SYSTEM_OPERATOR)
    with pytest.raises(LinkInvalid):
        links.find_link(token)


@pytest.mark.django_db
def test_a_new_recovery_link_replaces_the_old_one(make_person: Callable[..., User]) -> None:
    """Only the newest opens."""
    make_person("suzuki", Role.STAFF)
    _, old = links.offer_recovery(actor=console(), login="suzuki")
    links.offer_recovery(actor=console(), login="suzuki")
    with pytest.raises(LinkInvalid):
        links.find_link(old)


@pytest.mark.django_db
def test_the_code_of_the_enrolment_works_no_second_time(platform_actor: Actor) -> None:
    """Whoever looked over the shoulder cannot sign in with it."""
    enrolment = fill_in()
    user = links.enrol(actor=VISITOR, token=first_token(platform_actor), enrolment=enrolment)
    with pytest.raises(CodeRefused):
        sign_in.verify_code(actor=VISITOR, user_id=str(user.pk), code=enrolment.code)


@pytest.mark.django_db
def test_the_console_is_who_the_kernel_says(make_person: Callable[..., User], monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of the environment names nobody."""
    monkeypatch.setenv("LOGNAME", "mallory")
    monkeypatch.setenv("USER", "mallory")
    make_person("suzuki", Role.STAFF)
    links.offer_recovery(actor=console(), login="suzuki")
    entry = Event.objects.get(action="person.recover").entry
    assert "mallory" not in entry
    assert f'"id":"uid:{os.getuid()}"' in entry


@pytest.mark.django_db
@pytest.mark.parametrize("login", ["ｙａｍａｄａ", "YAMADA"])
def test_a_password_with_the_login_name_is_refused_however_it_is_typed(platform_actor: Actor, login: str) -> None:
    """Full-width and capitals are the same name."""
    with pytest.raises(PasswordTooWeak):
        links.enrol(
            actor=VISITOR,
            token=first_token(platform_actor),
            enrolment=fill_in(login, password="yamada-yamada-1", name="別人"),
        )
