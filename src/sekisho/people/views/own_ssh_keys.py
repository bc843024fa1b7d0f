"""One's own SSH public keys: looked at, added and removed, after the second factor was shown."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from sekisho.kernel import clock
from sekisho.kernel.access import allow
from sekisho.kernel.errors import NotFound, SekishoError
from sekisho.people.actions import SshKeyAction
from sekisho.people.errors.sign_in import ProofNeeded
from sekisho.people.forms.ssh_keys import SshKeyForm
from sekisho.people.models import SshKey
from sekisho.people.queries import account
from sekisho.people.queries.staff_keys import own_ssh_keys
from sekisho.people.rules.sessions import is_fresh
from sekisho.people.rules.ssh_keys import in_hardware
from sekisho.people.services.ssh_keys import add_ssh_key, remove_ssh_key
from sekisho.people.views.ceremonies import proved_at
from sekisho.people.views.own_sign_in import to_proof
from sekisho.ui.parts import Badge, Kind
from sekisho.ui.request import Request

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@never_cache
@sensitive_post_parameters("key")
@allow(SshKeyAction.ADD)
def show(request: Request) -> HttpResponse:
    """Show one's own SSH keys, and take another one."""
    form = SshKeyForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return _page(request, form, 200)
    if not form.is_valid():
        return _page(request, form, 422)
    name, text = form.cleaned_data["name"], form.cleaned_data["key"]
    try:
        key = add_ssh_key(actor=request.actor, proved_at=proved_at(request), name=name, text=text)
    except ProofNeeded:
        return to_proof(request.path)
    except SekishoError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, form, error.status)
    messages.success(request, _("The key was added: %(fingerprint)s") % {"fingerprint": key.fingerprint})
    return redirect("people:own-ssh-keys")


def _page(request: Request, form: SshKeyForm, status: int) -> HttpResponse:
    if form.is_bound:
        form.hide_key()
    context = {
        "form": form,
        "keys": [(key, kind_badge(key.kind)) for key in _own(request)],
        "proved": is_fresh(proved_at(request), clock.now()),
    }
    return render(request, "people/own_ssh_keys.html", context, status=status)


def kind_badge(kind: str) -> Badge:
    """Return whether a security key holds the private half of an SSH key of this kind."""
    if in_hardware(kind):
        return Badge(Kind.OK, _("held by a security key"))
    return Badge(Kind.NEUTRAL, _("a file"))


def _own(request: Request) -> list[SshKey]:
    user = account(request.actor.id)
    return list(own_ssh_keys(user.staff_id)) if user else []


@require_http_methods(_METHODS)
@allow(SshKeyAction.REMOVE)
def remove(request: Request, key_id: UUID) -> HttpResponse:
    """Remove a key, after asking once more."""
    key = next((key for key in _own(request) if key.pk == key_id), None)
    if key is None:
        raise NotFound
    if not is_fresh(proved_at(request), clock.now()):
        return to_proof(request.path)
    if request.method == "POST":
        remove_ssh_key(actor=request.actor, proved_at=proved_at(request), key_id=key_id)
        messages.success(request, _("The key was removed. It opens nothing any more that asks Sekisho."))
        return redirect("people:own-ssh-keys")
    context = {"key": key, "cancel": reverse("people:own-ssh-keys")}
    return render(request, "people/remove_ssh_key.html", context)
