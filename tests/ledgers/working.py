"""A workflow of the tests' own, and short words for what people do with it."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.canonical import Json
from sekisho.kernel.declarations import Workflow
from sekisho.kernel.text import Text
from sekisho.ledgers import services
from sekisho.ledgers.models import Application
from sekisho.ledgers.rules import Step
from sekisho.ledgers.services import NewFile
from sekisho.people.models import User
from sekisho.people.queries import actor_of
from sekisho.register.models import Event
from sekisho.register.rules import SubjectRef

CONTENT: dict[str, Json] = {"what": "ノートPC 2台", "why": "訪問診療で使うため\n更新期限を過ぎている"}
REPORT = NewFile("見積書.pdf", b"%PDF-1.7 \x00 estimate")


def facts(content: Mapping[str, Any]) -> Sequence[tuple[Text, str]]:
    """Return a purchase heading by heading."""
    return [(Text("What is bought"), content["what"]), (Text("Why it is bought"), content["why"])]


PURCHASE = Workflow(
    id="tests.purchase",
    title=Text("購入申請"),
    submitters=frozenset({Role.STAFF, Role.PLANNING_MANAGER, Role.DEPARTMENT_MANAGER}),
    approvers=frozenset({Role.PLANNING_MANAGER, Role.SAFETY_MANAGER}),
    facts=facts,
    amend_route="ledgers:application",
)


def acting(user: User) -> Actor:
    """Return the actor of a signed-in account."""
    return actor_of(user, session=None, network=None, assurance=2)


def apply_for(actor: Actor, title: str = "ノートPCの購入", **more: Any) -> Application:
    """Submit a purchase."""
    given: dict[str, Any] = {
        "workflow": PURCHASE,
        "key": "PC-0031",
        "subject": SubjectRef("device", "0031", "訪問用ノートPC"),
        "title": title,
        "content": CONTENT,
    }
    return services.submit(actor=actor, **{**given, **more})


def take(step: Step, actor: Actor, application: Application, comment: str = "理由", **more: Any) -> Application:
    """Take a step with the version that the application has now, unless another is given."""
    given: dict[str, Any] = {"application_id": application.pk, "comment": comment}
    given["version"] = Application.objects.get(pk=application.pk).version
    if step is Step.AMEND:
        given["content"] = CONTENT
    services_by_step: dict[Step, Callable[..., Application]] = {
        Step.AMEND: services.amend,
        Step.WITHDRAW: services.withdraw,
        Step.APPROVE: services.approve,
        Step.SEND_BACK: services.send_back,
        Step.REVOKE: services.revoke,
    }
    return services_by_step[step](actor=actor, **{**given, **more})


def stored(application: Application) -> Application:
    """Return the application as it is stored now."""
    return Application.objects.get(pk=application.pk)


def last_event() -> dict[str, Any]:
    """Return what was last written into the register."""
    found: dict[str, Any] = json.loads(Event.objects.latest("source_seq").entry)
    return found
