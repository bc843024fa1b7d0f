"""Every URL, API operation and CLI command against every role: one table, and nothing outside it."""

import importlib
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import SimpleNamespace
from typing import Any

import click
import pytest
from django.conf import settings
from django.template.backends.django import Template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.safestring import SafeString

from sekisho.assets.ledgers import (
    DEVICES,
    DISPOSALS,
    INFORMATION,
    MEDIA,
    PATCHES,
    PATIENT_LOANS,
    PRIVATE_DEVICES,
    ROOM_ACCESS,
    ROOMS,
    SCANS,
    SOFTWARE,
    TAKE_OUT,
)
from sekisho.config import errors
from sekisho.estate.ledgers import CLOUD_NOTICES, CONTRACTS, DISCLOSURES, PROVISIONS, RESPONSIBILITIES
from sekisho.governance.ledgers import AUDITS, DOCUMENTS, EXCEPTIONS, FINDINGS
from sekisho.kernel import registry
from sekisho.kernel.access import ACCESS_ATTRIBUTE, GRANTABLE, PUBLIC, Action, Role
from sekisho.kernel.declarations import Ledger
from sekisho.ledgers.actions import Verb
from sekisho.ledgers.views.book_api import api_rights_of
from sekisho.ledgers.views.books import rights_of
from sekisho.network.ledgers import CONFIRMATIONS, SERVICES, TRANSMISSIONS
from sekisho.people.ledgers import (
    ACCESS_REQUESTS,
    ACCOUNTS,
    EMERGENCY_ACCESS,
    RESETS,
    SURVEY,
    SYSTEM_ROLES,
    TRAININGS,
    TWO_FACTORS,
)
from sekisho.people.middleware import ActorMiddleware
from sekisho.ui import paper

M, S, P, O, D, V, U, X, A, I = GRANTABLE  # noqa: E741
EVERYBODY = set(GRANTABLE)
KEEPERS = {O, P, S}
REVIEWERS = {M, S, P, O, A, I}
ANYONE = EVERYBODY | {Role.ANONYMOUS}
LOOK = REVIEWERS | {D, V}
CLAIMANTS = KEEPERS | {D, V}
ID = "00000000-0000-7000-8000-000000000000"
LEDGERS = ("sites", "departments", "vendors", "systems", "endpoints", "links")
# A book's addresses come from its declaration; who keeps it and who looks is promised here.
BOOKS = (
    (DEVICES, LOOK, KEEPERS | {V}),
    (MEDIA, LOOK, KEEPERS),
    (TAKE_OUT, LOOK, KEEPERS | {D, V}),
    (DISPOSALS, LOOK, KEEPERS),
    (CONTRACTS, LOOK, KEEPERS),
    (RESPONSIBILITIES, LOOK, KEEPERS),
    (DISCLOSURES, LOOK, KEEPERS),
    (PROVISIONS, LOOK, KEEPERS),
    (CLOUD_NOTICES, LOOK, KEEPERS),
    (CONFIRMATIONS, LOOK, KEEPERS),
    (TRANSMISSIONS, LOOK, KEEPERS),
    (SERVICES, LOOK, KEEPERS),
    (INFORMATION, LOOK, KEEPERS | {D}),
    (SOFTWARE, LOOK, KEEPERS),
    (PATCHES, LOOK, KEEPERS | {V}),
    (PATIENT_LOANS, LOOK, KEEPERS | {D, V}),
    (PRIVATE_DEVICES, LOOK, KEEPERS | {D}),
    (ROOMS, LOOK, KEEPERS),
    (ROOM_ACCESS, LOOK, KEEPERS | {D}),
    (SCANS, LOOK, KEEPERS | {D}),
    (ACCOUNTS, REVIEWERS | {D}, KEEPERS),
    (EMERGENCY_ACCESS, REVIEWERS | {D}, KEEPERS),
    (SURVEY, REVIEWERS | {D}, KEEPERS),
    (TWO_FACTORS, REVIEWERS | {D}, KEEPERS),
    (RESETS, REVIEWERS | {D}, KEEPERS),
    (TRAININGS, REVIEWERS | {D}, KEEPERS),
    (SYSTEM_ROLES, REVIEWERS | {D}, KEEPERS),
    (ACCESS_REQUESTS, REVIEWERS | {D}, KEEPERS | {D, M}),
    (AUDITS, REVIEWERS, KEEPERS),
    (FINDINGS, LOOK, KEEPERS),
    (DOCUMENTS, LOOK, KEEPERS | {M}),
    (EXCEPTIONS, LOOK, CLAIMANTS | {M}),
)


def book_pages(books: Iterable[tuple[Ledger, set[Role], set[Role]]]) -> dict[tuple[str, str], set[Role]]:
    """Return the rows of books: who looks gets in where only is looked, who keeps it everywhere."""
    return {
        (method, re.sub(r"<uuid:\w+>|{uuid:\w+}", ID, address)): readers if verb is Verb.VIEW else keepers
        for ledger, readers, keepers in books
        for method, address, verb in [*rights_of(ledger), *api_rights_of(ledger)]
    }


# (method, address) -> the roles that get in. Written by hand: it is the promise, the code is what is tested.
PAGES: dict[tuple[str, str], set[Role]] = {
    ("GET", "/"): EVERYBODY,
    ("GET", "/start/"): KEEPERS,
    ("GET", "/start/facility/"): KEEPERS,
    ("GET", "/start/people/"): KEEPERS,
    ("POST", "/start/people/plan-myself/"): {O},
    ("GET", "/start/systems/"): KEEPERS,
    ("GET", "/start/lines/"): KEEPERS,
    ("GET", "/start/contract/"): KEEPERS,
    ("GET", "/start/ready/"): KEEPERS,
    ("GET", "/start/ready/state/"): KEEPERS,
    ("POST", "/start/facility/later/"): KEEPERS,
    ("GET", "/healthz"): ANYONE,
    ("GET", "/metrics"): ANYONE,
    ("GET", "/trust/"): ANYONE,
    ("GET", "/trust/sekisho-root.x"): ANYONE,
    ("GET", "/trust/sekisho-root.mobileconfig"): ANYONE,
    ("GET", "/trust/sheet.pdf"): EVERYBODY,
    ("GET", "/platform/"): {
        Role.SYSTEM_OPERATOR,
        Role.PLANNING_MANAGER,
        Role.SAFETY_MANAGER,
        Role.AUDITOR,
        Role.INSPECTOR,
    },
    ("GET", "/personal-data/"): REVIEWERS,
    ("GET", "/personal-data/people.sign_in/period/"): {P, S},
    ("GET", "/personal-data/people.staff/destroy/"): {P, S},
    ("POST", "/personal-data/person/"): {P, S},
    ("GET", "/sign-in/"): ANYONE,
    ("GET", "/sign-in/code/"): ANYONE,
    ("POST", "/sign-out/"): ANYONE,
    ("GET", f"/invitation/{'x' * 43}/"): ANYONE,
    ("GET", "/enrolment/"): ANYONE,
    ("POST", "/display/"): ANYONE,
    ("GET", "/password/"): EVERYBODY,
    ("GET", "/sign-in/emergency/"): ANYONE,
    ("GET", "/emergency/"): REVIEWERS | {D},
    ("GET", "/two-factor-map/"): REVIEWERS | {D},
    ("GET", "/emergency/new/"): {O},
    ("GET", f"/emergency/{ID}/"): REVIEWERS | {D},
    ("GET", f"/emergency/{ID}/renew/"): {O},
    ("GET", f"/emergency/{ID}/check/"): {M, S, P, O, D},
    ("GET", f"/emergency/{ID}/withdraw/"): {O},
    ("GET", f"/emergency/{ID}/return/"): KEEPERS,
    ("GET", f"/emergency/{ID}/review/"): {M, S, P, O},
    ("GET", "/programs/"): REVIEWERS,
    ("GET", "/programs/new/"): {P, O},
    ("GET", f"/programs/{ID}/"): REVIEWERS,
    ("GET", f"/programs/{ID}/release/"): {P, O},
    ("GET", f"/programs/{ID}/close/"): KEEPERS,
    ("GET", f"/programs/{ID}/secret/"): {P, O},
    ("GET", f"/programs/{ID}/secret/shown/"): {P, O},
    ("POST", f"/programs/{ID}/secret/{ID}/end/"): KEEPERS,
    ("GET", "/relying-parties/"): REVIEWERS,
    ("GET", "/relying-parties/new/"): {P, O},
    ("GET", f"/relying-parties/{ID}/"): REVIEWERS,
    ("GET", f"/relying-parties/{ID}/release/"): {P, O},
    ("GET", f"/relying-parties/{ID}/close/"): KEEPERS,
    ("GET", f"/relying-parties/{ID}/secret/"): {P, O},
    ("GET", f"/relying-parties/{ID}/secret/shown/"): {P, O},
    ("POST", f"/relying-parties/{ID}/secret/{ID}/end/"): KEEPERS,
    ("GET", "/.well-known/openid-configuration"): ANYONE,
    ("GET", "/oidc/keys"): ANYONE,
    ("GET", "/oidc/authorize"): ANYONE,
    ("GET", "/oidc/go-on/"): ANYONE,
    ("POST", "/oidc/token"): ANYONE,
    ("GET", "/oidc/userinfo"): ANYONE,
    ("GET", "/oidc/end-session"): ANYONE,
    ("POST", "/api/v1/token"): ANYONE,
    ("POST", "/api/v1/revoke"): ANYONE,
    ("POST", "/sign-in/key/"): ANYONE,
    ("POST", "/sign-in/key/options/"): ANYONE,
    ("GET", "/sign-in/recovery-code/"): ANYONE,
    ("GET", "/sign-in/policy/"): {O},
    ("POST", "/enrolment/options/"): ANYONE,
    ("POST", "/lock/"): EVERYBODY,
    ("GET", "/unlock/"): ANYONE,
    ("POST", "/unlock/options/"): ANYONE,
    ("GET", "/terminals/"): {O},
    ("POST", f"/terminals/{ID}/end/"): {O},
    ("GET", "/my/sign-in/"): EVERYBODY,
    ("GET", "/my/sign-in/proof/"): EVERYBODY,
    ("POST", "/my/sign-in/proof/options/"): EVERYBODY,
    ("POST", "/my/sign-in/keys/options/"): EVERYBODY,
    ("POST", "/my/sign-in/keys/add/"): EVERYBODY,
    ("GET", f"/my/sign-in/keys/{ID}/rename/"): EVERYBODY,
    ("GET", f"/my/sign-in/keys/{ID}/remove/"): EVERYBODY,
    ("GET", "/my/sign-in/ssh-keys/"): EVERYBODY,
    ("GET", f"/my/sign-in/ssh-keys/{ID}/remove/"): EVERYBODY,
    ("GET", "/my/sign-in/app/"): EVERYBODY,
    ("GET", "/my/sign-in/app/remove/"): EVERYBODY,
    ("POST", "/my/sign-in/codes/"): EVERYBODY,
    ("POST", "/my/sign-in/sessions/end/"): EVERYBODY,
    ("POST", f"/my/sign-in/sessions/{ID}/end/"): EVERYBODY,
    ("POST", f"/people/{ID}/accounts/{ID}/sessions/end/"): {O},
    ("GET", "/host-name/"): {O},
    ("POST", "/host-name/take-back/"): {O},
    ("POST", "/host-name/finish/"): {O},
    ("GET", "/people/"): REVIEWERS | {D},
    ("GET", "/people/invite/"): {O},
    ("GET", f"/people/{ID}/"): REVIEWERS | {D},
    ("GET", f"/people/{ID}/change/"): {O},
    ("GET", f"/people/{ID}/link/"): {O},
    ("POST", f"/people/{ID}/link/renew/"): {O},
    ("POST", f"/people/{ID}/link/withdraw/"): {O},
    ("POST", f"/people/{ID}/roles/grant/"): {O},
    ("POST", f"/people/{ID}/roles/{ID}/revoke/"): {O},
    ("POST", f"/people/{ID}/accounts/{ID}/disable/"): {O},
    ("GET", f"/people/{ID}/accounts/{ID}/factor/"): {O},
    ("GET", f"/people/{ID}/accounts/{ID}/reset/"): {O},
    ("GET", f"/people/{ID}/accounts/{ID}/reset/link/"): {O},
    ("GET", f"/people/{ID}/accounts/{ID}/factor/code/"): {O},
    ("POST", f"/people/{ID}/accounts/{ID}/factor/end/"): {O},
    ("POST", f"/people/{ID}/accounts/{ID}/enable/"): {O},
    ("GET", "/people/keys/"): REVIEWERS,
    ("GET", "/people/keys/export.xlsx"): REVIEWERS,
    ("GET", "/people/keys/export.csv"): REVIEWERS,
    ("GET", "/people/provisioning/"): {P, O},
    ("POST", "/people/provisioning/staff.csv"): {P, O},
    ("GET", "/people/systems/"): REVIEWERS | {D},
    ("GET", "/people/set-up-anew/"): REVIEWERS | {D},
    ("POST", f"/people/set-up-anew/{ID}/copy/"): KEEPERS,
    ("GET", "/people/reuse/"): KEEPERS,
    ("GET", f"/people/reuse/{ID}/"): KEEPERS,
    ("POST", f"/people/reuse/{ID}/delete/"): KEEPERS,
    ("GET", "/people/secrets/"): KEEPERS | {A},
    ("GET", f"/people/secrets/{ID}/"): KEEPERS | {A},
    ("POST", f"/people/secrets/{ID}/places/"): {O},
    ("POST", f"/people/secrets/places/{ID}/look/"): {O},
    ("GET", f"/people/secrets/places/{ID}/end/"): {O},
    ("POST", f"/people/secrets/places/{ID}/gone/"): KEEPERS,
    ("GET", f"/people/secrets/{ID}/found/{ID}/"): KEEPERS | {A},
    ("POST", f"/people/secrets/{ID}/settled/{ID}/confirm/"): KEEPERS,
    ("POST", f"/people/secrets/{ID}/settled/{ID}/reopen/"): KEEPERS,
    ("GET", f"/people/systems/{ID}/"): REVIEWERS | {D},
    ("GET", f"/people/systems/{ID}/source/"): KEEPERS,
    ("GET", f"/people/systems/{ID}/directory/"): KEEPERS,
    ("GET", f"/people/systems/{ID}/read/"): KEEPERS,
    ("POST", f"/people/systems/{ID}/read/{ID}/"): KEEPERS,
    ("POST", f"/people/systems/{ID}/enter/"): KEEPERS,
    ("POST", f"/people/systems/{ID}/review/"): KEEPERS,
    ("GET", f"/people/account-reviews/{ID}/"): REVIEWERS | {D},
    ("POST", f"/people/account-reviews/{ID}/finish/"): KEEPERS,
    ("GET", f"/people/account-reviews/{ID}/{ID}/"): KEEPERS | {D},
    ("GET", "/register/"): REVIEWERS,
    ("GET", "/register/patients/"): REVIEWERS,
    ("POST", "/register/export/"): REVIEWERS,
    ("GET", "/register/review/"): REVIEWERS,
    ("GET", "/register/review/try/"): {M, S, P, O},
    ("GET", f"/register/review/{ID}/"): REVIEWERS,
    ("GET", "/register/review/lists/"): REVIEWERS,
    ("GET", f"/register/review/lists/{ID}/"): REVIEWERS,
    ("POST", f"/register/review/lists/{ID}/take/"): KEEPERS,
    ("GET", f"/register/review/lists/{ID}/drop/"): KEEPERS,
    ("GET", "/register/review/lists/roster/hand-in/"): KEEPERS,
    ("GET", "/register/review/report/2026/13/"): REVIEWERS,
    ("GET", f"/register/sessions/{ID}/"): REVIEWERS,
    ("GET", "/register/head.pdf"): REVIEWERS,
    ("GET", "/register/sources/"): REVIEWERS,
    ("GET", "/register/sources/new/"): KEEPERS,
    ("GET", f"/register/sources/{ID}/"): REVIEWERS,
    ("GET", f"/register/sources/{ID}/change/"): KEEPERS,
    ("GET", f"/register/sources/{ID}/close/"): KEEPERS,
    ("GET", f"/register/sources/{ID}/hand-in/"): KEEPERS,
    ("GET", f"/register/sources/{ID}/{ID}/"): REVIEWERS,
    ("POST", f"/register/sources/{ID}/{ID}/start/"): KEEPERS,
    ("POST", f"/register/sources/{ID}/{ID}/drop/"): KEEPERS,
    ("GET", f"/register/sources/{ID}/diary/"): REVIEWERS,
    ("GET", f"/register/sources/{ID}/diary/new/"): EVERYBODY - {A, I},
    ("GET", f"/register/sources/{ID}/diary/{ID}/"): EVERYBODY - {A, I},
    ("GET", "/register/diaries/"): EVERYBODY - {A, I},
    ("GET", "/register/log/checkpoint"): ANYONE,
    ("GET", "/register/log/rotation-00000000"): ANYONE,
    ("GET", "/register/log/tile/0/000"): ANYONE,
    ("GET", "/register/log/tile/entries/000"): REVIEWERS,
    ("GET", "/requirements/"): LOOK,
    ("GET", "/requirements/SO-2-3/"): LOOK,
    ("GET", "/requirements/matrix/"): LOOK,
    ("GET", "/requirements/matrix.xlsx"): LOOK,
    ("GET", "/requirements/SO-2-3/except/"): CLAIMANTS,
    ("GET", "/requirements/SO-2-3/assignment/"): {M, S, P, O},
    ("POST", "/requirements/SO-2-3/comments/"): CLAIMANTS | {M},
    ("GET", f"/requirements/SO-2-3/comments/{ID}/strike/"): CLAIMANTS | {M},
    ("GET", f"/exceptions/{ID}/amend/"): CLAIMANTS,
    ("GET", "/next/"): LOOK,
    ("GET", "/chart/"): LOOK,
    ("GET", "/papers/"): LOOK,
    ("GET", "/papers/fit-gap.xlsx"): LOOK,
    ("GET", "/papers/fit-gap.pdf"): LOOK,
    ("GET", "/papers/checklist.xlsx"): LOOK,
    ("GET", "/papers/checklist.pdf"): LOOK,
    ("GET", "/papers/chart.pdf"): LOOK,
    ("GET", "/papers/exceptions.pdf"): LOOK,
    ("GET", "/papers/estate.pdf"): LOOK,
    ("GET", "/papers/evidence.xlsx"): LOOK,
    ("GET", "/papers/inspection.zip"): LOOK,
    ("GET", "/papers/oscal-catalog.json"): LOOK,
    ("GET", "/papers/oscal-results.json"): LOOK,
    ("GET", "/checklist/"): LOOK,
    ("GET", "/checklist/2025/2-1/"): LOOK,
    ("POST", "/checklist/2025/2-1/answer/"): {M, S, P, O},
    ("GET", "/checklist/official/"): LOOK,
    ("GET", "/checklist/official/give/"): {M, S, P, O},
    ("GET", f"/checklist/official/{ID}/"): {M, S, P, O},
    ("GET", "/checklist/returned/"): {M, S, P, O},
    ("GET", f"/checklist/returned/{ID}/"): {M, S, P, O},
    ("GET", "/checklist/proposals/"): LOOK,
    ("POST", "/checklist/proposals/take/"): {M, S, P, O},
    ("GET", "/checklist/years/"): LOOK,
    ("GET", "/checklist/vendors/"): LOOK,
    ("GET", f"/checklist/vendors/{ID}/"): LOOK,
    ("POST", f"/checklist/vendors/{ID}/hand-out/"): {M, S, P, O},
    ("GET", "/papers/checklist-official.xlsx"): LOOK,
    ("GET", "/requirements/SO-2-3/attest/"): CLAIMANTS,
    ("GET", "/requirements/SO-2-3/exclude/"): CLAIMANTS,
    ("GET", "/checks/"): LOOK,
    ("GET", "/checks/people.platform_lockout/"): LOOK,
    ("POST", "/checks/people.platform_lockout/run/"): {M, S, P, O},
    ("GET", "/checks/people.platform_lockout/state/"): LOOK,
    ("GET", f"/checks/runs/{ID}/"): LOOK,
    ("GET", f"/checks/runs/{ID}/raw/0/"): REVIEWERS,
    ("GET", f"/checks/about/system/{ID}/"): LOOK,
    ("GET", "/elsewhere/"): LOOK,
    ("GET", "/elsewhere/ticket/"): {O},
    ("GET", f"/elsewhere/tickets/{ID}/withdraw/"): {O},
    ("GET", "/elsewhere/bundles/"): {O},
    ("GET", "/elsewhere/results/"): {O},
    ("GET", "/notices/"): LOOK,
    ("POST", "/notices/read/"): LOOK,
    ("GET", f"/notices/{ID}/put-off/"): {M, S, P, O},
    ("POST", f"/notices/{ID}/look-after/"): {M, S, P, O},
    ("GET", "/notices/settings/"): {O},
    ("POST", "/notices/settings/alarms/"): {O},
    ("POST", f"/notices/settings/recipients/{ID}/step/"): {O},
    ("POST", "/notices/settings/mail/"): {O},
    ("POST", "/notices/settings/recipients/"): {O},
    ("POST", f"/notices/settings/recipients/{ID}/remove/"): {O},
    ("POST", f"/notices/settings/recipients/{ID}/test/"): {O},
    ("POST", "/notices/settings/webhook/"): {O},
    ("POST", "/notices/settings/webhook/test/"): {O},
    ("GET", "/documents/"): LOOK,
    ("GET", "/documents/documents.contacts/hand-in/"): CLAIMANTS,
    ("GET", f"/claims/{ID}/amend/"): CLAIMANTS,
    ("GET", "/rounds/"): LOOK,
    ("POST", "/rounds/open/"): {M, S, P, O},
    ("GET", f"/rounds/{ID}/"): LOOK,
    ("GET", f"/rounds/{ID}/lock/"): {M, S, P},
    ("GET", f"/rounds/{ID}/SO-2-3/"): LOOK,
    ("GET", "/ledgers/"): EVERYBODY,
    ("GET", "/applications/"): EVERYBODY,
    ("GET", f"/applications/{ID}/"): EVERYBODY,
    ("GET", f"/applications/{ID}/files/1/1/"): EVERYBODY,
    ("GET", f"/applications/{ID}/approve/"): {M, S, P, O, D, V},
    ("GET", f"/applications/{ID}/send-back/"): {M, S, P, O, D, V},
    ("GET", f"/applications/{ID}/withdraw/"): EVERYBODY - {A, I},
    ("POST", f"/applications/{ID}/revoke/"): {M, S, P, O, D, V},
    ("GET", f"/applications/{ID}/comment/"): EVERYBODY - {A, I},
    ("GET", f"/applications/{ID}/entry/"): EVERYBODY - {A, I},
    ("GET", f"/applications/entries/no.ledger/{ID}/"): EVERYBODY - {A, I},
    ("GET", "/applications/drafts/"): EVERYBODY - {A, I},
    ("GET", f"/applications/drafts/{ID}/discard/"): EVERYBODY - {A, I},
    ("GET", "/applications/delegations/"): {M, S, P, O, D, V},
    ("GET", "/applications/delegations/new/"): {M, S, P, O, D, V},
    ("GET", f"/applications/delegations/{ID}/end/"): {M, S, P, O, D, V},
    ("GET", "/reports/"): REVIEWERS,
    ("GET", "/reports/books.pdf"): REVIEWERS,
    ("GET", "/reports/books.xlsx"): REVIEWERS,
    ("POST", "/reports/books/send/"): KEEPERS,
    ("POST", "/reports/logs/send/"): KEEPERS,
    ("GET", f"/reports/{ID}/amend/"): KEEPERS,
    ("GET", "/endpoints/"): LOOK,
    ("GET", f"/endpoints/{ID}/"): LOOK,
    ("GET", f"/endpoints/{ID}/register/"): KEEPERS,
    ("GET", f"/endpoints/{ID}/exception/"): {M, S, P},
    ("GET", f"/endpoints/{ID}/client-certificate/"): KEEPERS,
    ("GET", f"/endpoints/{ID}/client-certificate/remove/"): KEEPERS,
    ("GET", "/network-devices/"): REVIEWERS,
    ("GET", "/network-devices/new/"): KEEPERS,
    ("GET", f"/network-devices/{ID}/"): REVIEWERS,
    ("GET", f"/network-devices/{ID}/change/"): KEEPERS,
    ("GET", f"/network-devices/{ID}/close/"): KEEPERS,
    ("GET", f"/network-devices/{ID}/hand-in/"): {O},
    ("GET", f"/network-devices/{ID}/baseline/"): {O},
    ("GET", f"/network-devices/{ID}/configurations/1/"): REVIEWERS,
    ("GET", f"/device-baselines/{ID}/amend/"): {O},
    ("GET", "/components/"): {O, P},
    ("GET", "/estate/facility/"): LOOK,
    ("GET", "/estate/facility/new/"): KEEPERS,
    ("GET", f"/estate/facility/{ID}/"): LOOK,
    ("GET", f"/estate/facility/{ID}/change/"): KEEPERS,
    ("GET", "/estate/layers/"): LOOK,
    ("GET", f"/estate/layers/{ID}/"): LOOK,
    ("GET", f"/estate/layers/{ID}/change/"): KEEPERS,
    **{("GET", f"/estate/{ledger}/"): LOOK for ledger in LEDGERS},
    **{("GET", f"/estate/{ledger}/export.xlsx"): LOOK for ledger in LEDGERS},
    **{("GET", f"/estate/{ledger}/export.csv"): LOOK for ledger in LEDGERS},
    **{("GET", f"/estate/{ledger}/new/"): KEEPERS for ledger in LEDGERS},
    **{("GET", f"/estate/{ledger}/{ID}/"): LOOK for ledger in LEDGERS},
    **{("GET", f"/estate/{ledger}/{ID}/change/"): KEEPERS for ledger in LEDGERS},
    **{("GET", f"/estate/{ledger}/{ID}/close/"): KEEPERS for ledger in LEDGERS},
    **{("POST", f"/estate/{ledger}/{ID}/reopen/"): KEEPERS for ledger in LEDGERS},
    ("GET", "/assets/stocktakes/"): LOOK,
    ("GET", "/assets/stocktakes/new/"): KEEPERS,
    ("GET", f"/assets/stocktakes/{ID}/"): LOOK,
    ("GET", f"/assets/stocktakes/{ID}/scan/"): KEEPERS | {D, V},
    ("POST", f"/assets/stocktakes/{ID}/scans/{ID}/undo/"): KEEPERS | {D, V},
    ("GET", f"/assets/stocktakes/{ID}/lines/{ID}/"): LOOK,
    ("GET", f"/assets/stocktakes/{ID}/close/"): KEEPERS,
    ("GET", f"/assets/stocktakes/{ID}/cancel/"): KEEPERS,
    ("GET", f"/assets/stocktakes/{ID}/summary.pdf"): LOOK,
    ("GET", f"/assets/stocktakes/{ID}/summary.xlsx"): LOOK,
    ("GET", "/assets/screen-locks/"): LOOK,
    ("GET", f"/assets/screen-locks/{ID}/"): LOOK,
    ("GET", f"/assets/screen-locks/{ID}/hand-in/"): KEEPERS | {V},
    ("GET", f"/assets/screen-locks/{ID}/bound/"): {M, S, P},
    ("GET", "/assets/labels/"): KEEPERS | {D, V},
    ("GET", "/assets/labels.pdf"): KEEPERS | {D, V},
    ("GET", "/network/availability/"): LOOK,
    ("GET", "/network/availability/week.xlsx"): LOOK,
    ("GET", "/network/availability/reports/"): LOOK,
    ("GET", "/network/availability/reports/2026-11-16.pdf"): LOOK,
    ("GET", f"/network/availability/{ID}/"): LOOK,
    ("GET", f"/network/availability/{ID}/settle/"): KEEPERS,
    ("GET", f"/network/availability/{ID}/quiet/"): KEEPERS,
    ("GET", f"/network/availability/quiet/{ID}/call-off/"): KEEPERS,
    ("GET", "/clocks/"): LOOK,
    ("POST", "/clocks/add/"): KEEPERS,
    ("GET", f"/clocks/{ID}/remove/"): KEEPERS,
    ("GET", f"/clocks/{ID}/"): LOOK,
    ("GET", "/exposure/"): REVIEWERS,
    ("POST", "/exposure/look-again/"): {O},
    ("GET", "/ranges/new/"): KEEPERS,
    ("GET", f"/ranges/{ID}/"): REVIEWERS,
    ("GET", f"/ranges/{ID}/close/"): KEEPERS,
    ("GET", f"/ranges/{ID}/permit/"): {M, S, P},
    ("GET", f"/ranges/{ID}/sweep/"): {O},
    ("GET", f"/sweep-permits/{ID}/revoke/"): {M, S, P},
    ("GET", f"/sweeps/{ID}/"): REVIEWERS,
    ("GET", f"/sweeps/{ID}/stop/"): {M, S, P, O},
    ("GET", "/api/v1/"): ANYONE,
    ("GET", "/api/v1/openapi.json"): ANYONE,
    ("GET", "/api/v1/people/me"): EVERYBODY,
    ("GET", "/api/v1/people/keys"): {P, O},
    ("GET", "/api/v1/people/provisioning/staff"): {P, O},
    ("GET", "/api/v1/scim/v2/ServiceProviderConfig"): {P, O},
    ("GET", "/api/v1/scim/v2/ResourceTypes"): {P, O},
    ("GET", "/api/v1/scim/v2/ResourceTypes/User"): {P, O},
    ("GET", "/api/v1/scim/v2/Schemas"): {P, O},
    ("GET", "/api/v1/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"): {P, O},
    ("GET", "/api/v1/scim/v2/Users"): {P, O},
    ("GET", f"/api/v1/scim/v2/Users/{ID}"): {P, O},
    ("GET", "/api/v1/scim/v2/Groups"): {P, O},
    ("GET", "/api/v1/people/trainings"): REVIEWERS | {D},
    ("GET", "/api/v1/people/system_roles"): REVIEWERS | {D},
    ("GET", "/api/v1/people/access_requests"): REVIEWERS | {D},
    ("GET", "/api/v1/governance/audits"): REVIEWERS,
    ("GET", "/api/v1/governance/audit_findings"): LOOK,
    ("GET", "/api/v1/governance/kept_documents"): LOOK,
    ("GET", "/api/v1/governance/exception_ledger"): LOOK,
    ("GET", "/api/v1/register/events"): REVIEWERS,
    ("GET", "/api/v1/estate/systems"): LOOK,
    ("GET", "/api/v1/estate/contracts"): LOOK,
    ("GET", "/api/v1/estate/responsibilities"): LOOK,
    ("GET", "/api/v1/estate/disclosures"): LOOK,
    ("GET", "/api/v1/estate/third_party_provisions"): LOOK,
    ("GET", "/api/v1/estate/cloud_notices"): LOOK,
    ("GET", "/api/v1/network/carrier_confirmations"): LOOK,
    ("GET", "/api/v1/network/transmissions"): LOOK,
    ("GET", "/api/v1/network/external_services"): LOOK,
    ("GET", "/api/v1/assets/take_out"): LOOK,
    ("GET", "/api/v1/assets/disposals"): LOOK,
    ("GET", "/api/v1/assets/information"): LOOK,
    ("GET", "/api/v1/assets/software"): LOOK,
    ("GET", "/api/v1/assets/patches"): LOOK,
    ("GET", "/api/v1/assets/patient_loans"): LOOK,
    ("GET", "/api/v1/assets/private_devices"): LOOK,
    ("GET", "/api/v1/assets/rooms"): LOOK,
    ("GET", "/api/v1/assets/room_access"): LOOK,
    ("GET", "/api/v1/assets/scans"): LOOK,
    ("GET", "/api/v1/governance/requirements"): LOOK,
    ("GET", "/api/v1/governance/requirements/SO-2-3"): LOOK,
    ("GET", "/api/v1/governance/requirements/SO-2-3/work"): LOOK,
    ("PUT", "/api/v1/governance/requirements/SO-2-3/work"): {M, S, P, O},
    ("GET", "/api/v1/governance/requirements/SO-2-3/comments"): LOOK,
    ("POST", "/api/v1/governance/requirements/SO-2-3/comments"): CLAIMANTS | {M},
    ("POST", f"/api/v1/governance/requirements/SO-2-3/comments/{ID}/strike"): CLAIMANTS | {M},
    ("GET", "/api/v1/governance/exceptions"): LOOK,
    ("GET", "/api/v1/governance/requirements/SO-2-3/exceptions"): LOOK,
    ("POST", "/api/v1/governance/requirements/SO-2-3/exceptions"): CLAIMANTS,
    ("GET", "/api/v1/governance/checks"): LOOK,
    ("GET", "/api/v1/governance/notices"): LOOK,
    ("GET", "/api/v1/governance/checks/people.platform_lockout"): LOOK,
    ("GET", f"/api/v1/governance/checks/runs/{ID}"): LOOK,
}
# Every book is served by the same code. One is asked at each address by each role; of the others, what their addresses
# are marked with is read, which is what lets in.
PAGES |= book_pages(BOOKS[:1])
BOOK_PAGES = book_pages(BOOKS)
# Commands run as the operating-system user who owns the data directory: the console, never a role of the web.
COMMANDS = {
    "up": {Role.CONSOLE},
    "update": {Role.CONSOLE},
    "doctor": {Role.CONSOLE},
    "version": {Role.CONSOLE},
    "process": {Role.CONSOLE},
    "backup create": {Role.CONSOLE},
    "backup list": {Role.CONSOLE},
    "backup verify": {Role.CONSOLE},
    "backup restore": {Role.CONSOLE},
    "backup key": {Role.CONSOLE},
    "check tls": {Role.CONSOLE},
    "check mtls": {Role.CONSOLE},
    "check configuration": {Role.CONSOLE},
    "check reach": {Role.CONSOLE},
    "check clock": {Role.CONSOLE},
    "conformance status": {Role.CONSOLE},
    "conformance judge": {Role.CONSOLE},
    "evidence list": {Role.CONSOLE},
    "evidence show": {Role.CONSOLE},
    "evidence verify": {Role.CONSOLE},
    "evidence ticket": {Role.CONSOLE},
    "evidence import": {Role.CONSOLE},
    "evidence import-results": {Role.CONSOLE},
    "guideline stats": {Role.CONSOLE},
    "guideline import": {Role.CONSOLE},
    "guideline diff": {Role.CONSOLE},
    "guideline carry-over": {Role.CONSOLE},
    "people recover": {Role.CONSOLE},
    "people first-link": {Role.CONSOLE},
    "register status": {Role.CONSOLE},
    "register import-csv": {Role.CONSOLE},
    "register export-head": {Role.CONSOLE},
    "register compare-head": {Role.CONSOLE},
    "register rotate-key": {Role.CONSOLE},
    "witness init": {Role.CONSOLE},
    "witness serve": {Role.CONSOLE},
    "register reindex": {Role.CONSOLE},
    "register review run": {Role.CONSOLE},
    "register review rebuild": {Role.CONSOLE},
}


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every URL pattern with its whole route."""
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern, route)
        else:
            yield route, pattern


def test_every_address_has_a_row() -> None:
    """A route without a row in the table fails."""
    resolver = get_resolver()
    known = {resolver.resolve(address).route for _method, address in PAGES | BOOK_PAGES}
    missing = sorted(route for route, _ in patterns(resolver) if route not in known)
    assert missing == []


def test_every_view_is_marked() -> None:
    """Each view names an action that some app declares, or says that it is public."""
    declared = set(registry.current().actions)
    for route, pattern in patterns(get_resolver()):
        mark = getattr(pattern.callback, ACCESS_ATTRIBUTE, None)
        assert mark == PUBLIC or mark in declared, route


def test_every_api_operation_is_marked_and_listed() -> None:
    """API views pass the middleware, so each operation must carry its own mark."""
    from sekisho.config.api import api

    assert get_resolver().url_patterns, "the routers within routers are known once the addresses are made"
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                assert isinstance(getattr(operation.view_func, ACCESS_ATTRIBUTE, None), Action), (prefix, path)


def test_every_book_is_open_to_whom_the_table_names() -> None:
    """The mark of each address and operation holds exactly the promised roles."""
    from sekisho.config.api import api

    assert get_resolver().url_patterns, "the routers within routers are known once the addresses are made"
    operations = {
        (method, re.sub(r"{uuid\w*:\w+}", ID, f"/api/v1/{prefix.strip('/')}/{path.strip('/')}")): operation.view_func
        for prefix, router in api._routers
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }
    wrong = []
    for (method, address), allowed in BOOK_PAGES.items():
        view = operations.get((method, address)) or get_resolver().resolve(address).func
        if getattr(view, ACCESS_ATTRIBUTE).roles != allowed:
            wrong.append((method, address))
    assert wrong == []


@pytest.fixture
def only_decisions(monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[None]]:
    """Return a context in which views and services run as ever, and what surrounds their decision does not.

    The page or paper at the end stays unwritten and a refusal unrecorded; who is asking is found once.
    """
    done = subprocess.CompletedProcess([], 0, b"%PDF-1.7", b"")
    no_press = SimpleNamespace(run=lambda *_, **__: done, TimeoutExpired=subprocess.TimeoutExpired)
    identify, found = ActorMiddleware._identify, []

    def identify_once(self: ActorMiddleware, request: Any) -> Any:
        if not found:
            found.append(identify(self, request))
        return found[0]

    @contextmanager
    def bare() -> Iterator[None]:
        with monkeypatch.context() as here:
            here.setattr(ActorMiddleware, "_identify", identify_once)
            here.setattr(Template, "render", lambda *_, **__: SafeString(""))
            here.setattr(errors, "record_refusal", lambda **_: None)
            here.setattr(paper, "subprocess", no_press)
            yield

    return bare


def whole_for(number: int, allowed: set[Role]) -> Role:
    """Return the one role for which this row's page is written as well; the rows take turns through their roles."""
    return sorted(allowed)[number % len(allowed)]


@pytest.mark.parametrize("role", [*GRANTABLE, Role.ANONYMOUS])
def test_who_gets_in_where(
    role: Role,
    signed_in: Callable[..., Client],
    browser_client: Callable[[], Client],
    only_decisions: Callable[[], AbstractContextManager[None]],
) -> None:
    """Each role at each address: inside it is anything but a refusal, outside it is 403 or the way to the sign-in."""
    client = browser_client() if role is Role.ANONYMOUS else signed_in(role)
    wrong = []
    for number, ((method, address), allowed) in enumerate(PAGES.items()):
        if address in {"/sign-out/", "/lock/"}:
            continue  # would end or lock the session; their own tests hold them
        with nullcontext() if role is whole_for(number, allowed) else only_decisions():
            answer = client.generic(method, address)
        refused = answer.status_code in {401, 403} or answer.headers.get("Location", "").startswith("/sign-in/?")
        if refused == (role in allowed):
            wrong.append((method, address, answer.status_code))
    assert wrong == []


def test_nobody_without_a_role_gets_anywhere(
    signed_in: Callable[..., Client], only_decisions: Callable[[], AbstractContextManager[None]]
) -> None:
    """An account whose roles ended sees only what is public."""
    client = signed_in()
    with only_decisions():
        for (method, address), allowed in PAGES.items():
            if allowed != ANYONE:
                assert client.generic(method, address).status_code == 403, address


def test_a_refusal_is_recorded(signed_in: Callable[..., Client]) -> None:
    """Who tried what they may not do stands in the register."""
    from sekisho.register.models import Event

    client = signed_in(Role.STAFF)
    assert client.get("/register/").status_code == 403
    event = Event.objects.get(outcome="denied")
    assert (event.action, event.actor_id) == ("register.view", str(client.user.pk))  # type: ignore[attr-defined]


def commands() -> dict[str, Any]:
    """Return every CLI command by its words."""
    found: dict[str, Any] = {}
    modules = [f"{app}.commands" for app in settings.SEKISHO_APPS]
    for name in modules:
        if importlib.util.find_spec(name) is not None:
            for command in importlib.import_module(name).commands:
                found |= _leaves(command, command.name)
    return found


def _leaves(command: click.Command, words: str) -> dict[str, Any]:
    if isinstance(command, click.Group):
        return {k: v for inner in command.commands.values() for k, v in _leaves(inner, f"{words} {inner.name}").items()}
    return {words: command}


def test_every_command_has_a_row() -> None:
    """A command without a row in the table fails."""
    assert commands().keys() == COMMANDS.keys()


@pytest.mark.django_db
def test_an_unmarked_view_is_refused(browser_client: Callable[[], Client], settings: Any) -> None:
    """Forgetting the mark closes the page; it does not open it."""
    settings.ROOT_URLCONF = "tests.architecture.unmarked_urls"
    answer = browser_client().get("/forgotten/")
    assert answer.status_code == 403
    assert b"secret" not in answer.content
