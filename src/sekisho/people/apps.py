"""Django's entry for people."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The people app."""

    name = "sekisho.people"
