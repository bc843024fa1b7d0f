"""Django's entry for the network room."""

from django.apps import AppConfig


class NetworkConfig(AppConfig):
    """The app that looks at endpoints and links."""

    name = "sekisho.network"
