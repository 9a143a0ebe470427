"""What a valid address, name and password is, and how secrets become hashes."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets

from app.base.errors import InvalidInput

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1_024
LONGEST_EMAIL = 254
FEWEST_DIFFERENT_CHARACTERS = 5
SECRET_BYTES = 24
IPV4_PREFIX = 24
IPV6_PREFIX = 48

_EMAIL = re.compile(r"[^@\s\x00-\x1f\"<>(),;:\\]{1,64}@[A-Za-z0-9.-]{1,190}")
# A guesser who knows the product and the house begins with their names and these words.
_COMMON = ("mainstay", "password", "passwort", "administrator")
# The estimate is exact enough for short passwords; longer ones it would only slow down.
ESTIMATED_LENGTH = 72
# Powers of ten of guesses that a new password must withstand.
FEWEST_GUESSES_LOG10 = 9.0
# 24 signs of 32: 120 bits, enough to be kept as a plain hash (ASVS 6.5.2 asks for 112).
_CODE_SIGNS = "abcdefghjkmnpqrstuvwxyz023456789"
CODE_LENGTH = 24
CODE_GROUP = 6


def clean_email(text: str) -> str:
    """Return the address in lower case; refuse what can't be one."""
    email = text.strip().lower()
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise InvalidInput("E-AUT-10", "Give one mail address, such as m.weber@example.com.")
    return email


def name_from_email(email: str) -> str:
    """Return a readable name for an account of which only the address is known."""
    return email.partition("@")[0].replace(".", " ").replace("_", " ").title()


def password_problem(password: str, *, email: str, house_name: str = "") -> str | None:
    """Return what is wrong with a new password and what to do, None when it is good.

    Length decides, no rule of composition. Refused is what guessers try first: the 30,000
    passwords of zxcvbn's list and what is made of them, of keyboard walks, repetitions,
    dates, and of the product's, the house's and the person's own names.
    """
    if len(password) < SHORTEST_PASSWORD:
        return f"At least {SHORTEST_PASSWORD} characters; a few words in a row are fine."
    if len(password) > LONGEST_PASSWORD:
        return f"At most {LONGEST_PASSWORD:,} characters."
    if len(set(password)) < FEWEST_DIFFERENT_CHARACTERS:
        return f"Use at least {FEWEST_DIFFERENT_CHARACTERS} different characters."
    names = (*_COMMON, *_parts(email), *_parts(house_name))
    if _is_made_of_names(password, names):
        return "Too easy to guess: it is made of this product's, your house's or your own name."
    if _guesses_log10(password, names) < FEWEST_GUESSES_LOG10:
        return "Too easy to guess: it is on, or near, the lists that guessers try first."
    return None


def _parts(name: str) -> tuple[str, ...]:
    words = [word for word in re.split(r"[\W_]+", name.lower()) if len(word) > 2]
    return (name.lower(), name.lower().partition("@")[0], *words) if name else ()


def _is_made_of_names(password: str, names: tuple[str, ...]) -> bool:
    rest = password.lower()
    for name in sorted(set(names), key=len, reverse=True):
        rest = rest.replace(name, "")
    return len(rest) < SHORTEST_PASSWORD // 2


def _guesses_log10(password: str, names: tuple[str, ...]) -> float:
    # Loading its lists takes time that only people who choose a password need to wait.
    from zxcvbn import zxcvbn

    estimate = zxcvbn(password[:ESTIMATED_LENGTH], user_inputs=[name for name in names if name])
    return float(estimate["guesses_log10"])


def new_recovery_code() -> str:
    """Return a random code of 120 bits, in groups that can be typed (“abc234-…”)."""
    signs = "".join(secrets.choice(_CODE_SIGNS) for _ in range(CODE_LENGTH))
    return "-".join(signs[at : at + CODE_GROUP] for at in range(0, CODE_LENGTH, CODE_GROUP))


def plain_code(code: str) -> str:
    """Return a recovery code as it is compared: without groups, blanks and capitals."""
    return "".join(sign for sign in code.lower() if sign.isalnum())


def new_secret() -> str:
    """Return a random secret of 192 bits that can stand in an address."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hashed(secret: str) -> str:
    """Return the hash under which a secret, session id or address is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def ip_prefix(address: str | None) -> str:
    """Return the network an address is in (/24, /48): enough for a log, less than a person."""
    if not address:
        return ""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    bits = IPV4_PREFIX if parsed.version == 4 else IPV6_PREFIX
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False))
