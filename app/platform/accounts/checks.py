"""What somebody gives at the door, checked and counted: password, code, passkey.

Each try is counted before it is looked at, so that no wrong one goes uncounted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import flask
from flask import request

from app.base import clock, db
from app.base.errors import InvalidInput
from app.platform.accounts import factors, identity, noting, passkeys, queries, steps, tries
from app.platform.accounts.models import TryKind
from app.platform.accounts.passkeys import ANSWER_WRONG, Question, Site
from app.platform.accounts.queries import Person
from app.platform.audit.security import Kind

CHALLENGE_KEY = "challenge"
CHALLENGE_LASTS = timedelta(minutes=5)
DIGITS_OF_A_CODE = 6
RECOVERY_CODE = "recovery code"
CODE_WRONG = "The code is wrong or was used already."


@dataclass(frozen=True, slots=True)
class Signed:
    """Whose passkey answered, and whether it verified its owner."""

    person: Person
    verified_owner: bool


def count(
    kind: TryKind,
    *,
    account: str,
    known_device: str | None = None,
    who: Person | None = None,
) -> None:
    """Count a try and note a refusal; raises TooManyTries."""
    try:
        with db.transaction() as session:
            tries.note_try(
                session,
                kind,
                account=account,
                network=steps.network(),
                known_device=known_device,
            )
    except tries.TooManyTries:
        noting.note(noting.THROTTLED[kind], who or account)
        raise


def password_of(email: str, password: str) -> Person | None:
    """Return whose password it is; None for a wrong one and for an unknown address alike."""
    count(TryKind.PASSWORD, account=email, known_device=steps.known_device(email))
    with db.reading() as session:
        person = queries.person_by_email(session, email)
    # Hashing takes its time on purpose, so it happens outside any transaction.
    if not identity.is_right_password(person, password) or person is None:
        noting.note(Kind.SIGN_IN_FAILED, email)
        return None
    with db.transaction() as session:
        tries.forget_tries(session, TryKind.PASSWORD, account=email, network=steps.network())
    return person


def code_of(person: Person, code: str) -> str | None:
    """Use a code up; return what it was (“code”, “recovery code”), None for a wrong one."""
    account = str(person.public_id)
    count(TryKind.SECOND_FACTOR, account=account, who=person)
    with db.reading() as session:
        found = factors.authenticator(session, person.id)
    plain = "".join(code.split())
    if len(plain) == DIGITS_OF_A_CODE and plain.isascii() and plain.isdigit():
        what = _authenticator_code(person, plain, found)
    else:
        what = _recovery_code(person, code)
    if what is None:
        noting.note(Kind.FACTOR_FAILED, person)
        return None
    with db.transaction() as session:
        tries.forget_tries(session, TryKind.SECOND_FACTOR, account=account)
    if what == RECOVERY_CODE:
        noting.note(Kind.RECOVERY_USED, person)
    return what


def site() -> Site:
    """Return whom passkeys are made for: the host of this page."""
    origin = request.host_url.rstrip("/")
    return Site(urlsplit(origin).hostname or "", origin)


def ask(question: Question) -> str:
    """Remember a question's challenge for this browser and return what to ask it."""
    flask.session[CHALLENGE_KEY] = {
        "challenge": question.challenge,
        "at": clock.now().isoformat(),
    }
    return question.options


def asked_challenge() -> str:
    """Return the challenge that this browser was asked, once; raises InvalidInput."""
    kept = flask.session.pop(CHALLENGE_KEY, None)
    if kept is None:
        raise InvalidInput("E-AUT-25", ANSWER_WRONG)
    at = datetime.fromisoformat(kept["at"])
    if clock.now() - at > CHALLENGE_LASTS:
        raise InvalidInput("E-AUT-25", ANSWER_WRONG)
    # A visitor's cookie can be kept and sent again: the database knows what was answered.
    with db.transaction() as session:
        is_new = factors.use_challenge(
            session, kept["challenge"], expires_at=at + 2 * CHALLENGE_LASTS
        )
    if not is_new:
        raise InvalidInput("E-AUT-25", ANSWER_WRONG)
    return str(kept["challenge"])


def passkey_of(answer: str, *, owner: Person | None = None) -> Signed:
    """Return who answered with a passkey; `owner` is whose it must be, when that is known.

    Raises InvalidInput where the answer is not good, TooManyTries after too many.
    """
    credential = passkeys.credential_of(answer)
    count(TryKind.SECOND_FACTOR, account=f"passkey {credential}")
    challenge = asked_challenge()
    with db.reading() as session:
        key = factors.passkey_by_credential(session, credential)
        person = None if key is None else queries.person_by_id(session, key.user_id)
    is_other = owner is not None and person is not None and owner.id != person.id
    if key is None or person is None or not person.is_active or is_other:
        noting.note(Kind.FACTOR_FAILED, person, what="passkey of nobody known")
        raise InvalidInput("E-AUT-25", ANSWER_WRONG)
    proof = passkeys.proven(site(), answer, challenge=challenge, key=key, owner=person.public_id)
    with db.transaction() as session:
        factors.note_passkey_use(session, passkey_id=key.id, sign_count=proof.sign_count)
        tries.forget_tries(session, TryKind.SECOND_FACTOR, account=f"passkey {credential}")
    return Signed(person, proof.verified_owner)


def _authenticator_code(
    person: Person, code: str, found: factors.Authenticator | None
) -> str | None:
    if found is None or not found.is_confirmed:
        return None
    counter = identity.totp_counter(code, found.sealed_secret, found.last_counter)
    if counter is None:
        return None
    with db.transaction() as session:
        is_new = factors.use_counter(session, user_id=person.id, counter=counter)
    return "code" if is_new else None


def _recovery_code(person: Person, code: str) -> str | None:
    with db.transaction() as session:
        is_good = factors.use_recovery_code(session, user_id=person.id, code=code)
    return RECOVERY_CODE if is_good else None
