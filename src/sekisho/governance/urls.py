"""Addresses of the requirements, of claims about them, of documents and of rounds of assessment."""

from django.urls import path

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.views import amending, claims, documents, kept, requirements, rounds
from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import _

app_name = "governance"
_ONE, _ROUND = "requirements/<str:requirement_id>/", "rounds/<uuid:round_id>/"
urlpatterns = [
    path("requirements/", requirements.list_requirements, name="requirements"),
    path(_ONE, requirements.show_requirement, name="requirement"),
    path(f"{_ONE}attest/", claims.attest_requirement, name="attest"),
    path(f"{_ONE}exclude/", claims.exclude_requirement, name="exclude"),
    path("documents/", documents.list_documents, name="documents"),
    path("documents/<str:document_id>/hand-in/", documents.hand_in_document, name="hand-in"),
    path("claims/<uuid:application_id>/amend/", amending.amend, name="amend"),
    path("rounds/", rounds.list_rounds, name="rounds"),
    path("rounds/open/", rounds.open_one, name="open-round"),
    path(_ROUND, rounds.show_round, name="round"),
    path(f"{_ROUND}lock/", rounds.lock, name="lock-round"),
    path(f"{_ROUND}<str:requirement_id>/", kept.show_kept, name="round-item"),
]
_VIEW = GovernanceAction.VIEW
pages = (
    Page("governance.requirements", _("Requirements"), "governance:requirements", Group.WORK, _VIEW, order=10),
    Page("governance.documents", _("Documents"), "governance:documents", Group.WORK, _VIEW, order=25),
    Page("governance.rounds", _("Rounds of assessment"), "governance:rounds", Group.WORK, _VIEW, order=40),
)
