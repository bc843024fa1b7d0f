"""Django's entry for the estate."""

from django.apps import AppConfig


class EstateConfig(AppConfig):
    """The estate app."""

    name = "sekisho.estate"
