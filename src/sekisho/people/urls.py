"""Addresses of people."""

from django.urls import path

from sekisho.kernel.declarations import Group, Page
from sekisho.kernel.text import _
from sekisho.people.actions import PeopleAction
from sekisho.people.views import account, enrolment, invitations, people, rights, sign_in

app_name = "people"
urlpatterns = [
    path("sign-in/", sign_in.password, name="sign-in"),
    path("sign-in/code/", sign_in.code, name="sign-in-code"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("invitation/<str:token>/", enrolment.open_link, name="open-link"),
    path("enrolment/", enrolment.enrol, name="enrol"),
    path("display/", account.display, name="display"),
    path("password/", account.change_password, name="password"),
    path("people/", people.list_people, name="list"),
    path("people/invite/", invitations.invite, name="invite"),
    path("people/<uuid:staff_id>/", people.show_person, name="person"),
    path("people/<uuid:staff_id>/change/", people.change, name="change"),
    path("people/<uuid:staff_id>/link/", invitations.show_link, name="link"),
    path("people/<uuid:staff_id>/link/renew/", invitations.renew_link, name="renew-link"),
    path("people/<uuid:staff_id>/link/withdraw/", invitations.withdraw_link, name="withdraw-link"),
    path("people/<uuid:staff_id>/roles/grant/", rights.grant, name="grant"),
    path("people/<uuid:staff_id>/roles/<uuid:grant_id>/revoke/", rights.revoke, name="revoke"),
    path("people/<uuid:staff_id>/accounts/<uuid:user_id>/disable/", rights.disable, name="disable"),
    path("people/<uuid:staff_id>/accounts/<uuid:user_id>/enable/", rights.enable, name="enable"),
]
pages = (
    Page("people.list", _("People and roles"), "people:list", Group.SECURITY, PeopleAction.VIEW, order=10),
    Page(
        "people.password", _("My password"), "people:password", Group.SETTINGS, PeopleAction.CHANGE_PASSWORD, order=800
    ),
)
