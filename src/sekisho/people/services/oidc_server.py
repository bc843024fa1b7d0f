"""The protocol of OpenID Connect, by the library Authlib: what it asks of us about applications, codes and tokens.

Authlib holds requests against the standards (RFC 6749, 7636, 9207, OpenID Connect Core and RP-Initiated Logout) and
words the answers; who may sign in, what is stored and what the register says is ours (services/oidc.py).
"""

from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core.grants import OpenIDCode
from authlib.oidc.rpinitiated import EndSessionEndpoint
from django.conf import settings
from joserfc.jwk import Key, KeySet

from sekisho.kernel import clock
from sekisho.people.models import RelyingSignIn
from sekisho.people.queries.oidc import ledger_login, open_party, owner_of, sign_in_fault
from sekisho.people.rules.oidc import CODE_LIFE, TOKEN_LIFE
from sekisho.people.services.oidc_keys import ALGORITHMS, checking_keys, signing_key
from sekisho.people.services.oidc_parts import METHOD, Answer, Asking, Client, Code, Visitor
from sekisho.trust.tokens import new_token, token_hash

TOKEN_PREFIX = "skt_"  # noqa: S105  # not a secret: by it a forgotten one is found in files and kept out of logs


class CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
    """The authorization code: once, for a minute, for one application and one address."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]

    def generate_authorization_code(self) -> str:
        """Return a fresh code of 256 bits."""
        return new_token()

    def save_authorization_code(self, code: str, request: Asking) -> None:
        """Keep what the code stands for, and of the code itself only the hash."""
        visitor: Visitor = request.user
        values = request.payload.data
        request.sign_in = RelyingSignIn.objects.create(
            party=request.client.party,
            user=visitor.user,
            revision=visitor.user.revision,
            session=visitor.session,
            network=visitor.network,
            assurance=visitor.shown.assurance,
            methods=" ".join(visitor.methods),
            proved_at=visitor.shown.proved_at,
            nonce=values.get("nonce", ""),
            scopes=request.scope,
            redirect=request.payload.redirect_uri,
            challenge=values["code_challenge"],
            begun_at=clock.now(),
            code_hash=token_hash(code),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """Return the code if it is this application's, fresh and unused; one that comes again ends its token too."""
        rows = RelyingSignIn.objects.select_related("party", "user__staff").select_for_update(of=("self",))
        row, request = rows.filter(code_hash=token_hash(code)).first(), self.request
        request.fault = _code_fault(row, client)
        if row is not None:
            request.sign_in = row
        if row is not None and request.fault == "replay" and row.revoked_at is None:
            row.revoked_at = clock.now()
            row.save(update_fields=["revoked_at"])
            request.ends_sign_in = True
        return Code(row) if row is not None and not request.fault else None

    def authenticate_user(self, authorization_code: Code) -> RelyingSignIn | None:
        """Return the sign-in if it still counts: session, account and right are looked at again."""
        self.request.fault = sign_in_fault(authorization_code.sign_in)
        return None if self.request.fault else authorization_code.sign_in

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Use the code up; the row stays, so that a second use is seen."""
        row = authorization_code.sign_in
        row.code_used_at = clock.now()
        row.save(update_fields=["code_used_at"])


def _code_fault(row: RelyingSignIn | None, client: Client) -> str:
    if row is None:
        return "unknown_code"
    if row.party_id != client.party.pk:
        return "foreign_code"
    if row.code_used_at is not None:
        return "replay"
    return "expired" if clock.now() - row.begun_at > CODE_LIFE else ""


class Challenge(CodeChallenge):  # type: ignore[misc]  # Authlib has no types
    """PKCE by S256, of every application: the library alone would let those with a secret go without."""

    SUPPORTED_CODE_CHALLENGE_METHOD = [METHOD]

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """Raise InvalidRequestError unless there is a challenge, and by S256."""
        values = grant.request.payload.data
        if not values.get("code_challenge") or values.get("code_challenge_method") != METHOD:
            raise InvalidRequestError("PKCE with S256 is needed.")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDCode):  # type: ignore[misc]  # Authlib has no types
    """What an application is told of a sign-in, signed."""

    def exists_nonce(self, nonce: str, request: Asking) -> bool:
        """Tell that none was used before: whoever goes back in the browser asks with the same one again."""
        return False

    def resolve_client_private_key(self, client: Client) -> Key:
        """Return the key that signs for this application."""
        return signing_key(client.party.algorithm)

    def get_encode_header(self, client: Client) -> dict[str, str]:
        """Return the header, which names the key."""
        return {"alg": client.party.algorithm, "kid": signing_key(client.party.algorithm).kid or ""}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        """Return who says it, to whom, and from when until when."""
        now = clock.now()
        ends = now + TOKEN_LIFE
        return {
            "iss": settings.ORIGIN,
            "aud": client.get_client_id(),
            "iat": int(now.timestamp()),
            "exp": int(ends.timestamp()),
        }

    def generate_user_info(self, user: RelyingSignIn, scope: str) -> dict[str, Any]:
        """Return what is said of the person, with the ``sid`` that a notice of the end of the session names."""
        return {**claims_of(user), "sid": str(user.pk)}


def claims_of(sign_in: RelyingSignIn) -> dict[str, Any]:
    """Return what an application may know of whoever signed in, by the scopes it was granted."""
    user, owner, scopes = sign_in.user, owner_of(sign_in), sign_in.scopes.split()
    claims: dict[str, Any] = {"sub": str(user.pk)}
    if "profile" in scopes:
        login = ledger_login(sign_in.party, user) if sign_in.party.by_ledger else user.login
        claims |= {"name": owner.name, "preferred_username": login}
    if "roles" in scopes:
        claims["roles"] = sorted(role.value for role in owner.roles)
    return claims


class Issuer(IssuerParameter):  # type: ignore[misc]  # Authlib has no types
    """Says in every answer to the browser who answers (RFC 9207), against mixed-up providers."""

    def get_issuer(self) -> str:
        """Return our address."""
        return str(settings.ORIGIN)


class EndSession(EndSessionEndpoint):  # type: ignore[misc]  # Authlib has no types
    """Signing out from an application: the library checks the ID token that it shows; we end the session."""

    def get_server_jwks(self) -> KeySet:
        """Return our keys."""
        return checking_keys()

    def get_algorithms(self) -> list[str]:
        """Return how we sign."""
        return list(ALGORITHMS)


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """The library's server over our tables; it keeps nothing of a request."""

    def query_client(self, client_id: str) -> Client | None:
        """Return the application if it is let in."""
        party = open_party(client_id)
        return Client(party) if party else None

    def create_oauth2_request(self, request: Asking) -> Asking:
        """Return the request, which is in the library's form already."""
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        """Return the answer in a form of our own."""
        kept = dict(headers)
        return Answer(status, body, kept, kept.pop("Location", ""))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Tell nobody: our own flow has no signals."""

    def generate_token(self, grant_type: str, client: Client, **kwargs: Any) -> dict[str, Any]:
        """Return a fresh token; there is none to renew it with."""
        return {
            "token_type": "Bearer",
            "access_token": f"{TOKEN_PREFIX}{new_token()}",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "scope": kwargs["scope"],
        }

    def save_token(self, token: dict[str, Any], request: Asking) -> None:
        """Keep the hash of a token with its sign-in."""
        row: RelyingSignIn = request.authorization_code.sign_in
        row.token_hash, row.token_ends_at = token_hash(token["access_token"]), clock.now() + TOKEN_LIFE
        row.save(update_fields=["token_hash", "token_ends_at"])

    def refuse(self, asking: Asking, error: OAuth2Error) -> Answer:
        """Return the answer to the browser for an error, with who says it."""
        answer: Answer = self.handle_error_response(asking, error)
        ISSUER.add_issuer_parameter(self, answer)
        return answer


ISSUER = Issuer()


def _made() -> Server:
    server = Server(scopes_supported=None)
    server.register_grant(CodeGrant, [Challenge(required=True), IdToken()])
    server.register_extension(Issuer())
    server.register_endpoint(EndSession)
    return server


SERVER = _made()
