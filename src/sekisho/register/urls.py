"""Addresses of the register."""

from django.urls import path

from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import _
from sekisho.register.actions import RegisterAction
from sekisho.register.views import events

app_name = "register"
urlpatterns = [path("register/", events.list_events, name="list")]
pages = (Page("register.list", _("Register"), "register:list", Group.WORK, RegisterAction.VIEW, order=30),)
