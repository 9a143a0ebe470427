"""A small identity provider on loopback: discovery, token endpoint, keys, and no pages.

A test plays the browser: it takes the address that we redirect to, lets `grant` make a code
as if somebody had signed in there, and goes to the address back.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, Response, jsonify, request
from joserfc import jwk, jwt
from werkzeug.serving import make_server

from tests.conftest import NOW

CLIENT_ID = "mainstay"
CLIENT_SECRET = "a secret between the two"
MINUTE = 60
Claims = dict[str, Any]  # Any: JSON


@dataclass
class Provider:
    """The provider: what it signs with, and which codes it has given out for what."""

    issuer: str = ""
    key: jwk.RSAKey = field(default_factory=lambda: jwk.RSAKey.generate_key(2048))
    codes: dict[str, tuple[Claims, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    # Tests that play a bad provider sign with another key, or name another issuer.
    signing_key: jwk.RSAKey | None = None
    named: str | None = None

    def grant(self, address: str, **claims: object) -> dict[str, str]:
        """Act as somebody signing in at the provider; return what it sends back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        now = int(NOW.timestamp())
        told: Claims = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 5 * MINUTE,
            "nonce": asked["nonce"],
            "sub": "subject-1",
            "email": "m.weber@example.com",
            "email_verified": True,
        }
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self.codes[code] = (told | claims, asked["code_challenge"])
        return {"code": code, "state": asked["state"]}

    def token(self) -> tuple[Response, int]:
        """Exchange a code, once, for who holds the right verifier and the client's secret."""
        pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".replace(" ", "%20").encode())
        if request.headers.get("Authorization") != f"Basic {pair.decode()}":
            return jsonify(error="invalid_client"), 401
        claims, challenge = self.codes.pop(request.form["code"], ({}, ""))
        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
            return jsonify(error="invalid_grant"), 400
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.signing_key or self.key)
        return jsonify(id_token=signed, access_token="unused", token_type="Bearer"), 200


@contextmanager
def running() -> Iterator[Provider]:
    """Run a provider on a free port of loopback."""
    provider, app = Provider(), Flask("provider")

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        provider.calls.append("discovery")
        return jsonify(
            issuer=provider.named or provider.issuer,
            authorization_endpoint=f"{provider.issuer}/authorize",
            token_endpoint=f"{provider.issuer}/token",
            jwks_uri=f"{provider.issuer}/keys",
        )

    @app.get("/keys")
    def keys() -> Response:
        public = provider.key.as_dict(private=False) | {"kid": "one"}
        return Response(json.dumps({"keys": [public]}), mimetype="application/json")

    app.add_url_rule("/token", view_func=provider.token, methods=["POST"])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
