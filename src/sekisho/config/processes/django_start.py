"""Starts Django in a process that was not started by Django."""

import gc
import importlib
import os

from sekisho.config.translation import activate_reader_language

SETTINGS = "sekisho.config.settings"


def settings_module() -> str:
    """Return the name of Django's settings module and make it the one that Django reads."""
    return os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)


def load_django() -> None:
    """Set up Django. Raises SettingsInvalid, KeyExposed, KeyDamaged."""
    settings_module()
    # What is loaded now stays until the end: looking through it for garbage again and again took a third of the start.
    gc.disable()
    # Not imported at the top: the supervisor and `sekisho version` shall not load Django.
    importlib.import_module("django").setup()
    gc.freeze()
    gc.enable()


def start_django() -> None:
    """Set up Django in the language of the person at the terminal. Raises what load_django raises."""
    load_django()
    activate_reader_language()
