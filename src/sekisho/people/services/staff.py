"""The people themselves: entering them and changing what is known of them."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from sekisho.kernel import clock
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.errors import Conflict
from sekisho.kernel.search import fold
from sekisho.kernel.wording import CONTROL_CHARACTERS, refused_fields
from sekisho.people.actions import PeopleAction
from sekisho.people.errors.staff import EmploymentReversed, PersonInvalid, StaffNumberTaken
from sekisho.people.models import Profession, Staff
from sekisho.people.queries import person, today
from sekisho.people.services.operators import keep_an_operator, lock_operators
from sekisho.register.rules import SubjectRef, changes
from sekisho.register.services import append


@dataclass(frozen=True, slots=True)
class PersonData:
    """What is known of a person."""

    name: str
    kana: str = ""
    staff_number: str | None = None
    department_id: UUID | None = None
    profession: str = Profession.OTHER
    employed_from: date | None = None
    employed_until: date | None = None


def staff_ref(staff: Staff) -> SubjectRef:
    """Return how the register names a person."""
    return SubjectRef("person", str(staff.pk), staff.name)


def add_staff(data: PersonData) -> Staff:
    """Store a new person inside the caller's transaction. Raises PersonInvalid, StaffNumberTaken."""
    staff = Staff(created_at=clock.now())
    _fill(staff, data)
    staff.save(force_insert=True)
    return staff


@transaction.atomic
def change_person(*, actor: Actor, staff_id: UUID, version: int, data: PersonData) -> Staff:
    """Store ``data`` over version ``version`` of a person.

    Raises Forbidden, NotFound, PersonInvalid, StaffNumberTaken, EmploymentReversed, LastOperator, Conflict.
    """
    actor.require(PeopleAction.CHANGE)
    staff = person(staff_id)
    lock_operators()
    before = _snapshot(staff)
    if data.employed_until is not None or (data.employed_from is not None and data.employed_from > today()):
        keep_an_operator(staff)
    _fill(staff, data)
    staff.version = version + 1
    values = {field.attname: getattr(staff, field.attname) for field in Staff._meta.concrete_fields}
    if not Staff.objects.filter(pk=staff_id, version=version).update(**values):
        raise Conflict
    changed = changes(before, _snapshot(person(staff_id)))
    append(actor=actor, action=PeopleAction.CHANGE, subject=staff_ref(staff), details={"changes": changed})
    return staff


def _fill(staff: Staff, data: PersonData) -> None:
    number = data.staff_number or None
    if number and Staff.objects.filter(staff_number=number).exclude(pk=staff.pk).exists():
        raise StaffNumberTaken(field="staff_number", number=number)
    if data.employed_from and data.employed_until and data.employed_until < data.employed_from:
        raise EmploymentReversed(field="employed_until")
    if strange := refused_fields(asdict(data).items()):
        raise PersonInvalid({name: [str(CONTROL_CHARACTERS)] for name in strange})
    for name, value in {**asdict(data), "staff_number": number}.items():
        setattr(staff, name, value)
    staff.updated_at = clock.now()
    staff.search_key = fold(f"{data.name} {data.kana} {number or ''}")
    try:
        staff.full_clean()
    except ValidationError as error:
        raise PersonInvalid(error.message_dict) from error


def _snapshot(staff: Staff) -> dict[str, Json]:
    return {
        "name": staff.name,
        "kana": staff.kana or None,
        "staff_number": staff.staff_number,
        "department": staff.department.name if staff.department else None,
        "profession": staff.profession,
        "employed_from": staff.employed_from.isoformat() if staff.employed_from else None,
        "employed_until": staff.employed_until.isoformat() if staff.employed_until else None,
    }
