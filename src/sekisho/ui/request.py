"""The request as our middleware hands it to views: who asks, and how they want to read."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

from sekisho.kernel.actor import Actor
from sekisho.ui.display import Display

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


class Request(HttpRequest):
    """For annotations only: Django makes a WSGIRequest, and the middleware adds these attributes.

    ``actor`` is always set; ``account`` is the signed-in account or None; ``display`` the reader's choice.
    """

    actor: Actor
    account: "AbstractBaseUser | None"
    display: Display
