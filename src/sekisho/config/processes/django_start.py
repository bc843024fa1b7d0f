"""Starts Django in a process that was not started by Django."""

import importlib
import os

from sekisho.config.translation import activate_reader_language

SETTINGS = "sekisho.config.settings"


def settings_module() -> str:
    """Return the name of Django's settings module and make it the one that Django reads."""
    return os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)


def start_django() -> None:
    """Set up Django in the language of the person at the terminal. Raises SettingsInvalid, KeyExposed, KeyDamaged."""
    settings_module()
    # Not imported at the top: the supervisor and `sekisho version` shall not load Django.
    importlib.import_module("django").setup()
    activate_reader_language()
