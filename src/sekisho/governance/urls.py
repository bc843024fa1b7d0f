"""Addresses of the requirements, of checks, of claims about them, of documents and of rounds of assessment."""

from django.urls import path

from sekisho.governance.actions import GovernanceAction
from sekisho.governance.views import (
    amending,
    checklist_papers,
    checklists,
    checks,
    claims,
    dashboard,
    documents,
    elsewhere,
    kept,
    pack,
    papers,
    requirements,
    rounds,
    runs,
)
from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import _

app_name = "governance"
_ONE, _ROUND = "requirements/<str:requirement_id>/", "rounds/<uuid:round_id>/"
_ITEM = "checklist/<int:year>/<str:item_id>/"
urlpatterns = [
    path("requirements/", requirements.list_requirements, name="requirements"),
    path(_ONE, requirements.show_requirement, name="requirement"),
    path(f"{_ONE}attest/", claims.attest_requirement, name="attest"),
    path(f"{_ONE}exclude/", claims.exclude_requirement, name="exclude"),
    path("checks/", checks.list_checks, name="checks"),
    path("checks/runs/<uuid:run_id>/", runs.show_run, name="run"),
    path("checks/runs/<uuid:run_id>/raw/<int:place>/", runs.download_raw, name="raw"),
    path("checks/about/<str:kind>/<str:subject_id>/", runs.show_about, name="about"),
    path("checks/<str:control_id>/", checks.show_check, name="check"),
    path("checks/<str:control_id>/run/", checks.run_now, name="run-now"),
    path("checks/<str:control_id>/state/", checks.show_state, name="check-state"),
    path("checklist/", checklists.list_items, name="checklist"),
    path(_ITEM, checklists.show_item, name="checklist-item"),
    path(f"{_ITEM}answer/", checklists.answer, name="checklist-answer"),
    path("documents/", documents.list_documents, name="documents"),
    path("documents/<str:document_id>/hand-in/", documents.hand_in_document, name="hand-in"),
    path("elsewhere/", elsewhere.list_elsewhere, name="elsewhere"),
    path("elsewhere/ticket/", elsewhere.give_ticket, name="elsewhere-ticket"),
    path("elsewhere/bundles/", elsewhere.take_bundles, name="elsewhere-bundles"),
    path("elsewhere/results/", elsewhere.take_results, name="elsewhere-results"),
    path("next/", dashboard.list_next, name="next"),
    path("chart/", dashboard.show_chart, name="chart"),
    path("papers/", papers.list_papers, name="papers"),
    path("papers/fit-gap.xlsx", papers.fit_gap_workbook, name="fit-gap-workbook"),
    path("papers/fit-gap.pdf", papers.fit_gap_pdf, name="fit-gap-pdf"),
    path("papers/checklist.xlsx", checklist_papers.checklist_workbook, name="checklist-workbook"),
    path("papers/checklist.pdf", checklist_papers.checklist_pdf, name="checklist-pdf"),
    path("papers/estate.pdf", pack.estate_pdf, name="estate-pdf"),
    path("papers/evidence.xlsx", pack.evidence_workbook, name="evidence-workbook"),
    path("papers/inspection.zip", pack.inspection_pack, name="inspection-pack"),
    path("papers/oscal-catalog.json", papers.oscal_catalog, name="oscal-catalog"),
    path("papers/oscal-results.json", papers.oscal_results, name="oscal-results"),
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
    Page("governance.checks", _("Checks"), "governance:checks", Group.WORK, _VIEW, order=15),
    Page("governance.elsewhere", _("Looked at from elsewhere"), "governance:elsewhere", Group.WORK, _VIEW, order=18),
    Page("governance.next", _("What to do next"), "governance:next", Group.WORK, _VIEW, order=5),
    Page("governance.documents", _("Documents"), "governance:documents", Group.WORK, _VIEW, order=25),
    Page("governance.chart", _("Security chart"), "governance:chart", Group.WORK, _VIEW, order=35),
    Page("governance.checklist", _("Inspection checklist"), "governance:checklist", Group.WORK, _VIEW, order=36),
    Page("governance.papers", _("Papers"), "governance:papers", Group.WORK, _VIEW, order=38),
    Page("governance.rounds", _("Rounds of assessment"), "governance:rounds", Group.WORK, _VIEW, order=40),
)
