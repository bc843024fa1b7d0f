"""Django's entry for the ledgers."""

from django.apps import AppConfig


class LedgersConfig(AppConfig):
    """The app of ledgers and approvals."""

    name = "sekisho.ledgers"
