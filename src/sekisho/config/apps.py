"""Django's entry for the composition root: once all apps are loaded, their declarations are found and checked."""

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext

from sekisho.kernel import registry
from sekisho.kernel.text import set_translator


class ConfigConfig(AppConfig):
    """The composition root."""

    name = "sekisho.config"

    def ready(self) -> None:
        """Let plain texts speak the language of the request, and install the registry of declarations."""
        set_translator(gettext)
        registry.install(registry.discover(settings.SEKISHO_APPS))
