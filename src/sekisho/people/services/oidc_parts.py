"""What the library Authlib is handed: a request, an application, a code, in the shape in which it asks about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from django.conf import settings

from sekisho.people.models import RelyingParty, RelyingSecret, RelyingSignIn, User
from sekisho.people.queries.oidc import keeps_secret, party_secrets
from sekisho.people.rules.oidc import SCOPES, Shown, acr_of
from sekisho.trust.tokens import token_hash

METHOD = "S256"


@dataclass(slots=True)
class Answer:
    """What the library answers: status, body (an object becomes JSON) and headers; ``location`` to lead on to."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    location: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who signs in to an application, from where, with which session, and by which methods."""

    user: User
    session: str
    network: str
    shown: Shown
    methods: tuple[str, ...]


class Asking(OAuth2Request):  # type: ignore[misc]  # Authlib has no types
    """A request of a browser or an application. ``fault`` says more than the standard lets the answer say.

    ``ends_sign_in`` is set where a code that came again has ended what it was given for.
    """

    def __init__(self, method: str, path: str, values: dict[str, str], headers: Mapping[str, str]) -> None:
        super().__init__(method, f"{settings.ORIGIN}{path}", headers=headers)
        self.payload = BasicOAuth2Payload(values)
        self.fault = ""
        self.ends_sign_in = False
        self.sign_in: RelyingSignIn | None = None

    @property
    def form(self) -> dict[str, str]:
        """The parameters."""
        values: dict[str, str] = self.payload.data
        return values


class Client(ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """An application that is let in, as the library asks about it."""

    def __init__(self, party: RelyingParty) -> None:
        self.party = party
        self.secret: RelyingSecret | None = None
        self.id_token_signed_response_alg = party.algorithm
        self.client_metadata = {"post_logout_redirect_uris": party.logout_redirects.split()}

    def get_client_id(self) -> str:
        """Return the ``client_id``."""
        return str(self.party.pk)

    def get_default_redirect_uri(self) -> None:
        """Return nothing: OpenID Connect wants the address in every request."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return what was granted of what is asked; None without "openid", which makes it a sign-in."""
        asked = (scope or "").split()
        granted = ["openid", *self.party.scopes.split()]
        return " ".join(name for name in SCOPES if name in asked and name in granted) if "openid" in asked else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether an address is exactly one of those that were entered."""
        addresses: list[str] = self.party.redirects.split()
        return redirect_uri in addresses

    def check_client_secret(self, client_secret: str) -> bool:
        """Tell whether this is a secret of the application; all are compared, whichever it is."""
        given, working = token_hash(client_secret), party_secrets(self.party.pk)
        right = [compare_digest(row.secret_hash, given) for row in working]
        self.secret = next((row for row, fits in zip(working, right, strict=True) if fits), None)
        return self.secret is not None

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Tell whether the application proves itself this way: by its secret, or by PKCE alone where it has none."""
        return (method != "none") is keeps_secret(self.party)

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether it is the code: nothing is handed out in the browser itself."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether it is the code."""
        return bool(grant_type == AuthorizationCodeGrant.GRANT_TYPE)


class Code(AuthorizationCodeMixin):  # type: ignore[misc]  # Authlib has no types
    """The code of a sign-in, as the library asks about it."""

    code_challenge_method = METHOD

    def __init__(self, sign_in: RelyingSignIn) -> None:
        self.sign_in = sign_in
        self.code_challenge = sign_in.challenge

    def get_redirect_uri(self) -> str:
        """Return the address that the code was sent to."""
        return self.sign_in.redirect

    def get_scope(self) -> str:
        """Return what the sign-in lets the application know."""
        return self.sign_in.scopes

    def get_nonce(self) -> str:
        """Return what the application wants back in the ID token."""
        return self.sign_in.nonce

    def get_auth_time(self) -> int:
        """Return when a second factor was shown last, in seconds since 1970."""
        return int(self.sign_in.proved_at.timestamp())

    def get_acr(self) -> str:
        """Return the level that the sign-in reached."""
        return acr_of(self.sign_in.assurance)

    def get_amr(self) -> list[str]:
        """Return the methods of the sign-in."""
        return self.sign_in.methods.split()
