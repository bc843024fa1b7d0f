"""Which words a process speaks: the reader's language on a terminal, the request's language in the web process."""

import gettext
import importlib
import os
from pathlib import Path

from sekisho.config.environment import reader_language
from sekisho.kernel.text import set_translator

DOMAIN = "django"
LOCALES = Path(__file__).resolve().parent.parent / "locale"


def install_translator() -> None:
    """Translate into the language of the person at the terminal, without Django.

    Without a catalogue for it, or for a sentence missing in it, the English sentence is shown.
    """
    catalogue = gettext.translation(DOMAIN, LOCALES, [reader_language(os.environ)], fallback=True)
    # The empty message id stands for the catalogue's own header.
    set_translator(lambda msgid: catalogue.gettext(msgid) if msgid else "")


def activate_reader_language() -> None:
    """Make the terminal's language Django's active one, for commands and processes that serve no requests.

    Django's own start lets our texts go through its translations, whose language each request sets.
    """
    importlib.import_module("django.utils.translation").activate(reader_language(os.environ))
