"""Single sign-on by OpenID Connect: one provider, code flow with PKCE, state and nonce.

Part of the extra `sso`; the library is loaded when somebody signs in this way. Knows no
database: it says who somebody is at the provider, never who they are here.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from app.base import clock, outbound
from app.base.errors import AppError, InvalidInput, Unavailable
from config import SsoSettings

SCOPES = "openid email profile"
ALGORITHMS = ["RS256", "ES256", "PS256"]
LEEWAY_SECONDS = 60
SECRET_BYTES = 32
# What a provider says in `amr` when it asked for two factors itself (RFC 8176).
TWO_FACTORS = "mfa"
REFUSED = "The identity provider's answer does not fit. Sign in again."
Json = dict[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way: where to send the browser, and what to compare the answer with."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is at the provider. email: only a verified one."""

    issuer: str
    subject: str
    email: str | None
    is_strong: bool


def is_installed() -> bool:
    """Tell whether the extra `sso` is there."""
    return importlib.util.find_spec("authlib") is not None


def begin(sso: SsoSettings, *, back: str, allowed: tuple[str, ...] = ()) -> Begun:
    """Return where to send the browser; `back` is the address it comes back to."""
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    state, nonce = secrets.token_urlsafe(SECRET_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    verifier = secrets.token_urlsafe(SECRET_BYTES)
    provider = _discovered(sso, allowed)
    query = {
        "response_type": "code",
        "client_id": sso.client_id,
        "redirect_uri": back,
        "scope": SCOPES,
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    address = _endpoint(provider, "authorization_endpoint")
    joint = "&" if urlsplit(address).query else "?"
    return Begun(f"{address}{joint}{urlencode(query)}", state, nonce, verifier)


def finish(
    sso: SsoSettings,
    begun: Begun,
    *,
    code: str,
    back: str,
    allowed: tuple[str, ...] = (),
) -> Identity:
    """Return who came back with a code; raises InvalidInput where anything does not fit."""
    provider = _discovered(sso, allowed)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": begun.verifier,
    }
    pair = f"{quote(sso.client_id, safe='')}:{quote(sso.client_secret, safe='')}"
    answer = _json(
        sso,
        _endpoint(provider, "token_endpoint"),
        allowed,
        form=form,
        headers={"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()},
    )
    keys = _json(sso, _endpoint(provider, "jwks_uri"), allowed)
    claims = _checked(sso, str(answer.get("id_token", "")), keys, nonce=begun.nonce)
    email = claims.get("email")
    is_verified = claims.get("email_verified") is True and isinstance(email, str)
    return Identity(
        issuer=sso.issuer,
        subject=str(claims["sub"]),
        email=str(email).strip().lower() if is_verified else None,
        is_strong=TWO_FACTORS in claims.get("amr", []),
    )


def _checked(sso: SsoSettings, token: str, keys: Json, *, nonce: str) -> Json:
    """Return a token's claims when signature, issuer, audience, time and nonce are right."""
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwk, jwt
    from joserfc.errors import JoseError

    try:
        decoded = jwt.decode(token, jwk.KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type] # JSON as the provider sent it
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": sso.issuer},
                "aud": {"essential": True, "value": sso.client_id},
                "nonce": {"essential": True, "value": nonce},
            },
            params={"nonce": nonce, "client_id": sso.client_id},
        )
        claims.validate(now=int(clock.now().timestamp()), leeway=LEEWAY_SECONDS)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("E-SSO-02", REFUSED) from error
    return dict(claims)


def _discovered(sso: SsoSettings, allowed: tuple[str, ...]) -> Json:
    where = f"{sso.issuer.rstrip('/')}/.well-known/openid-configuration"
    provider = _json(sso, where, allowed)
    if provider.get("issuer") != sso.issuer:
        raise Unavailable("E-SSO-01", "The identity provider names itself differently.")
    return provider


def _endpoint(provider: Json, name: str) -> str:
    address = str(provider.get(name, ""))
    issuer, parts = urlsplit(str(provider["issuer"])), urlsplit(address)
    is_own = (parts.scheme, parts.netloc) == (issuer.scheme, issuer.netloc)
    if not parts.hostname or (parts.scheme != "https" and not is_own):
        raise Unavailable("E-SSO-01", f"The identity provider has no usable {name}.")
    return address


def _json(
    sso: SsoSettings,
    url: str,
    allowed: tuple[str, ...],
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Json:
    """Return the provider's answer; the provider's own places may be called, and no others."""
    parts = urlsplit(url)
    places = outbound.origins((*allowed, f"{parts.scheme}://{parts.netloc}"))
    sent = {"Accept": "application/json", **(headers or {})}
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        answer = outbound.fetch(
            url,
            allowed=places,
            method="GET" if form is None else "POST",
            headers=sent,
            body=None if form is None else urlencode(form).encode(),
        )
    except AppError as error:
        raise Unavailable("E-SSO-01", "The identity provider does not answer.") from error
    if answer.status != 200:
        raise InvalidInput("E-SSO-02", REFUSED)
    try:
        said = json.loads(answer.body)
    except ValueError as error:
        raise InvalidInput("E-SSO-02", REFUSED) from error
    if not isinstance(said, dict):
        raise InvalidInput("E-SSO-02", REFUSED)
    return said
