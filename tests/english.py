"""For folders whose tests compare what is said: texts are their English message ids, and readers read English."""

from collections.abc import Callable

import pytest
from django.test import Client

from sekisho.kernel import text
from sekisho.kernel.access import Role


@pytest.fixture(autouse=True)
def message_ids(_same_translator: None) -> None:
    """Let texts be their English ids; the fixture around it puts the translator back."""
    text.set_translator(lambda msgid: msgid)


@pytest.fixture
def signed_in(signed_in: Callable[..., Client]) -> Callable[..., Client]:
    """Return the function of that name for a reader of English, whose pages say what the source says."""

    def make(*roles: Role, **options: str) -> Client:
        client = signed_in(*roles, **options)
        client.cookies["sekisho_language"] = "en"
        return client

    return make
