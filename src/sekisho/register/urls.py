"""Addresses of the register."""

from django.urls import path

from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import _
from sekisho.register.actions import RegisterAction
from sekisho.register.views import events, log

app_name = "register"
urlpatterns = [
    path("register/", events.list_events, name="list"),
    path("register/log/checkpoint", log.show_checkpoint, name="checkpoint"),
    path("register/log/tile/entries/<path:place>", log.show_entries, name="entries"),
    path("register/log/tile/<path:place>", log.show_tile, name="tile"),
]
pages = (Page("register.list", _("Register"), "register:list", Group.WORK, RegisterAction.VIEW, order=30),)
