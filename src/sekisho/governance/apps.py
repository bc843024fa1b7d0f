"""Django's entry for governance."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """The governance app."""

    name = "sekisho.governance"
