"""The token endpoint, and who a token belongs to."""

import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from polaris_stand_in.entities import Principal, State
from polaris_stand_in.errors import OAuthRefusalError, RefusalError, bad_argument

__all__ = ["Caller", "authenticate", "give_token"]

_ROLE = "PRINCIPAL_ROLE:"
_ALL = "ALL"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a name
_TOKEN_TYPES = (_ACCESS_TOKEN, "urn:ietf:params:oauth:token-type:jwt")
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


@dataclass(frozen=True)
class Caller:
    """Who asks, with the roles that the token's scope activates."""

    principal: Principal
    roles: tuple[str, ...]


def authenticate(state: State, header: str | None) -> Caller:
    """Return who a bearer token belongs to; raises 401 without a body."""
    scheme, _, token = (header or "").partition(" ")
    known = state.tokens.get(token.strip()) if scheme.lower() == "bearer" else None
    if known is None or known[2] <= state.clock_ms():
        raise RefusalError(401)
    principal_id, wanted, _ = known
    found = [p for p in state.principals.values() if p.id == principal_id]
    if not found:
        raise RefusalError(401)
    principal = found[0]
    roles = [role for role in principal.roles if _ALL in wanted or role in wanted]
    if not roles and _ALL not in wanted:
        raise RefusalError(401)
    return Caller(principal, tuple(roles))


def give_token(state: State, body: bytes, header: str | None) -> dict[str, Any]:
    """Answer a request for a token."""
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    if "grant_type" not in form:
        message = 'Cannot invoke "Object.equals(Object)" because "o" is null'
        raise RefusalError(500, "NullPointerException", message)
    wanted = form.get("requested_token_type", _ACCESS_TOKEN)
    if wanted not in _TOKEN_TYPES:
        raise RefusalError(400, "BadRequestException", "HTTP 400 Bad Request")
    if wanted != _ACCESS_TOKEN:
        raise OAuthRefusalError(400, "invalid_request")
    if form["grant_type"] == _EXCHANGE:
        principal, scope = _exchange(state, form, header)
    elif form["grant_type"] == "client_credentials":
        principal, scope = _sign_in(state, form, header), _scope(form.get("scope", ""))
    else:
        raise OAuthRefusalError(400, "unsupported_grant_type")
    return _new_token(state, principal, scope)


def _new_token(state: State, principal: Principal, scope: tuple[str, ...]) -> dict[str, Any]:
    token = f"eyJhbGciOiJub25lIn0.{secrets.token_urlsafe(48)}.{secrets.token_urlsafe(24)}"
    seconds = state.settings.token_seconds
    state.tokens[token] = (principal.id, scope, state.clock_ms() + seconds * 1000)
    return {
        "access_token": token,
        "token_type": "bearer",
        "issued_token_type": _ACCESS_TOKEN,
        "expires_in": seconds,
    }


def _scope(text: str) -> tuple[str, ...]:
    words = text.split()
    names = tuple(word.removeprefix(_ROLE) for word in words)
    if not words or not all(word.startswith(_ROLE) for word in words) or not all(names):
        raise OAuthRefusalError(400, "invalid_scope")
    return names


def _sign_in(state: State, form: dict[str, str], header: str | None) -> Principal:
    basic = _basic(header)
    client_id, secret = basic or (form.get("client_id"), form.get("client_secret"))
    if not client_id or not secret:
        raise OAuthRefusalError(400, "invalid_client")
    for principal in state.principals.values():
        if principal.client_id == client_id and principal.client_secret == secret:
            return principal
    raise OAuthRefusalError(401, "unauthorized_client")


def _basic(header: str | None) -> tuple[str, str] | None:
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    for character in encoded:
        if not (character.isalnum() or character in "+/="):
            message = f"Illegal base64 character {ord(character):x}"
            raise bad_argument(message)
    try:
        name, colon, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthRefusalError(400, "invalid_request") from None
    if not colon:
        raise OAuthRefusalError(400, "invalid_request")
    return name, secret


def _exchange(
    state: State, form: dict[str, str], header: str | None
) -> tuple[Principal, tuple[str, ...]]:
    if form.get("subject_token_type") != _ACCESS_TOKEN:
        raise OAuthRefusalError(400, "invalid_request")
    scheme = (header or "").partition(" ")[0].lower()
    if scheme == "basic":  # whatever the subject is: expired tokens too
        scope = _scope(form["scope"]) if "scope" in form else (_ALL,)
        return _sign_in(state, {}, header), scope
    known = state.tokens.get(form.get("subject_token", ""))
    if scheme != "bearer" or known is None or known[2] <= state.clock_ms():
        raise OAuthRefusalError(400, "invalid_client")
    found = [p for p in state.principals.values() if p.id == known[0]]
    if not found:
        raise OAuthRefusalError(400, "invalid_client")
    return found[0], _scope(form["scope"]) if "scope" in form else known[1]
