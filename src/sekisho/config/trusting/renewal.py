"""Taking over the facility's own certificate while Sekisho runs: at first, and whenever its files were renewed."""

import json

from cryptography.hazmat.primitives import hashes
from django.db import transaction

from sekisho.config.actions import PlatformAction
from sekisho.config.environment import Environment
from sekisho.config.https.own import Own, examine, in_use, keep
from sekisho.config.https.serving import load_into, shows_own
from sekisho.config.processes.caddy import ADMIN_SOCKET, caddy_configuration
from sekisho.config.processes.preflight import listen_addresses
from sekisho.kernel.actor import Actor
from sekisho.kernel.errors import Unavailable
from sekisho.kernel.text import _
from sekisho.register.rules import SubjectRef
from sekisho.register.services import append


class CertificateNotShown(Unavailable):
    """Caddy was told to show the certificate and does not."""

    code = "config.certificate_not_shown"
    message = _("The new certificate is right, but is not shown to browsers yet.")
    hint = _("It is tried again every minute. If it stays so, restart Sekisho and look at the log.")


def take_over(*, actor: Actor, settings: Environment) -> bool:
    """Show the certificate of the settings' files when it is a new one and right; tell whether that changed.

    Running connections stay. The files as a whole are looked at before anything is touched. Raises Forbidden,
    CertificateRefused, CertificateNotShown.
    """
    actor.require(PlatformAction.TAKE_CERTIFICATE)
    if settings.tls_certificate is None:
        return False
    given, kept = examine(settings), in_use(settings)
    if kept is None or kept.pem != given.pem:
        keep(settings, given)
    if shows_own(settings):
        return False
    configuration = json.dumps(caddy_configuration(settings, listen_addresses(settings))).encode()
    if not (load_into(settings.run / ADMIN_SOCKET, configuration) and shows_own(settings)):
        raise CertificateNotShown
    _record(actor, settings, given)
    return True


@transaction.atomic
def _record(actor: Actor, settings: Environment, given: Own) -> None:
    leaf = given.leaf
    append(
        actor=actor,
        action=PlatformAction.TAKE_CERTIFICATE,
        subject=SubjectRef("certificate", leaf.fingerprint(hashes.SHA256()).hex(), settings.host),
        details={
            "issuer": leaf.issuer.rfc4514_string(),
            "valid_from": leaf.not_valid_before_utc.isoformat(),
            "valid_until": leaf.not_valid_after_utc.isoformat(),
        },
    )
