"""Django's entry for the assets."""

from django.apps import AppConfig


class AssetsConfig(AppConfig):
    """The app of devices and media."""

    name = "sekisho.assets"
