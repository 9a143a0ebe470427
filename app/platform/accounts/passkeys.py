"""Passkeys: what a browser is asked, and whether its answer is good. Knows no database.

A passkey that asked for its owner's finger, face or PIN (“user verification”) stands for
both factors; after a password any answer of a registered passkey will do.
"""

from __future__ import annotations

import ipaddress
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.base.errors import InvalidInput
from app.platform.accounts.factors import Key, NewKey

NAME = "Mainstay"
TIMEOUT_MS = 300_000
LONGEST_ANSWER = 20_000
ANSWER_WRONG = "The passkey's answer does not fit. Try again, or use another way."


@dataclass(frozen=True, slots=True)
class Site:
    """Whom passkeys are made for: a host name, and the origin of its pages."""

    host: str
    origin: str

    @property
    def can_have_passkeys(self) -> bool:
        """Whether browsers make passkeys for it: never for a bare IP address."""
        try:
            ipaddress.ip_address(self.host.strip("[]"))
        except ValueError:
            return True
        return False


@dataclass(frozen=True, slots=True)
class Question:
    """What a browser is asked: the options as JSON, and the challenge to remember."""

    options: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Proof:
    """A good answer: how often the passkey has signed, and whether it verified its owner."""

    sign_count: int
    verified_owner: bool


def asked_to_register(
    site: Site, *, owner: uuid.UUID, email: str, name: str, known: Iterable[Key]
) -> Question:
    """Return what to ask a browser so that it makes a passkey; `known` ones are not made twice."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=NAME,
        user_id=owner.bytes,
        user_name=email,
        user_display_name=name,
        timeout=TIMEOUT_MS,
        exclude_credentials=_descriptors(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return Question(options_to_json(options), bytes_to_base64url(options.challenge))


def registered(site: Site, answer: str, *, challenge: str) -> NewKey:
    """Return the passkey that a browser made; raises InvalidInput where the answer is not good."""
    try:
        credential = parse_registration_credential_json(_of_usual_size(answer))
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("E-AUT-25", ANSWER_WRONG) from error
    transports = credential.response.transports or []
    return NewKey(
        credential_id=bytes_to_base64url(made.credential_id),
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        transports=tuple(transport.value for transport in transports),
    )


def asked_to_sign_in(
    site: Site, *, known: Iterable[Key] = (), must_verify: bool = False
) -> Question:
    """Return what to ask a browser: for one of `known`, or for whichever passkey it has.

    Without known ones the passkey stands for both factors and must verify its owner.
    """
    descriptors = _descriptors(known)
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        timeout=TIMEOUT_MS,
        allow_credentials=descriptors or None,
        user_verification=(
            UserVerificationRequirement.PREFERRED
            if descriptors and not must_verify
            else UserVerificationRequirement.REQUIRED
        ),
    )
    return Question(options_to_json(options), bytes_to_base64url(options.challenge))


def credential_of(answer: str) -> str:
    """Return which passkey an answer names, in the form in which it is kept."""
    try:
        credential = parse_authentication_credential_json(_of_usual_size(answer))
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("E-AUT-25", ANSWER_WRONG) from error
    return bytes_to_base64url(credential.raw_id)


def proven(site: Site, answer: str, *, challenge: str, key: Key, owner: uuid.UUID) -> Proof:
    """Return what an answer proves; raises InvalidInput where it is not good."""
    try:
        credential = parse_authentication_credential_json(_of_usual_size(answer))
        named = credential.response.user_handle
        if named and named != owner.bytes:
            raise ValueError("the passkey names somebody else")
        checked = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise InvalidInput("E-AUT-25", ANSWER_WRONG) from error
    return Proof(checked.new_sign_count, checked.user_verified)


def _of_usual_size(answer: str) -> str:
    if len(answer) > LONGEST_ANSWER or not isinstance(json.loads(answer), dict):
        raise ValueError("not the answer of a passkey")
    return answer


def _descriptors(keys: Iterable[Key]) -> list[PublicKeyCredentialDescriptor]:
    names = {transport.value: transport for transport in AuthenticatorTransport}
    return [
        PublicKeyCredentialDescriptor(
            id=base64url_to_bytes(key.credential_id),
            transports=[names[word] for word in key.transports if word in names] or None,
        )
        for key in keys
    ]
