"""Recurring work of people."""

from datetime import timedelta

from sekisho.kernel.actor import platform
from sekisho.kernel.declarations import Job
from sekisho.kernel.text import _
from sekisho.people.queries.oidc import somebody_is_to_be_told
from sekisho.people.queries.plaintext_secrets import is_asked_for
from sekisho.people.services.authenticators import read_metadata
from sekisho.people.services.directories import fetch_due
from sekisho.people.services.identity_copies import destroy_copies
from sekisho.people.services.leavers import end_leavers
from sekisho.people.services.oidc import purge_sign_ins
from sekisho.people.services.oidc_keys import renew_keys
from sekisho.people.services.oidc_notices import tell_applications
from sekisho.people.services.password_lists import delete_due_lists
from sekisho.people.services.plaintext_secrets import look_at_places
from sekisho.people.services.service_tokens import purge_tokens
from sekisho.people.services.sign_in import purge_sessions
from sekisho.people.services.ssh_keys import end_keys_of_leavers


def _purge() -> None:
    purge_sessions(actor=platform("worker"))
    purge_tokens(actor=platform("worker"))
    purge_sign_ins(actor=platform("worker"))


purge = Job("people.purge_sessions", _("Remove expired sessions"), _purge, every=timedelta(hours=1))


def _end_leavers() -> None:
    end_leavers(actor=platform("worker"))
    end_keys_of_leavers(actor=platform("worker"))


leavers = Job(
    "people.end_leavers", _("Disable the accounts of people who left"), _end_leavers, every=timedelta(hours=1)
)


def _fetch() -> None:
    fetch_due(actor=platform("worker"))


directories = Job(
    "people.fetch_directories", _("Fetch accounts from directories"), _fetch, every=timedelta(hours=1), apart=True
)


def _look_for_secrets() -> None:
    look_at_places(actor=platform("job"))


secrets = Job(
    "people.look_for_secrets",
    _("Look for plain-text passwords in the registered directories"),
    _look_for_secrets,
    every=timedelta(hours=1),
    apart=True,
    wanted=is_asked_for,
)


def _renew_keys() -> None:
    renew_keys(actor=platform("worker"))


signing_keys = Job(
    "people.renew_signing_keys", _("Renew the keys that sign for applications"), _renew_keys, every=timedelta(hours=24)
)


def _tell_applications() -> None:
    tell_applications(actor=platform("worker"))


ended_sessions = Job(
    "people.tell_applications",
    _("Tell applications which sessions are over"),
    _tell_applications,
    every=timedelta(minutes=5),  # so soon hears an application that a right was lost; the rest is wanted at once
    apart=True,
    wanted=somebody_is_to_be_told,
)


def _read_metadata() -> None:
    read_metadata(actor=platform("worker"))


metadata = Job(
    "people.read_authenticator_list",
    _("Read in the list of authenticators"),
    _read_metadata,
    every=timedelta(hours=1),
    apart=True,
)


def _destroy_copies() -> None:
    destroy_copies(actor=platform("worker"))
    delete_due_lists(actor=platform("worker"))


copies = Job(
    "people.destroy_copies",
    _("Destroy copies of identity documents and lists of passwords whose time is over"),
    _destroy_copies,
    every=timedelta(hours=1),
)
