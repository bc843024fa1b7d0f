"""Django's entry for the register."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    """The register app."""

    name = "sekisho.register"
