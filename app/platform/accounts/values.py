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
# Words that stand in front of every guesser's list when the product is known.
_EASY = ("mainstay", "password", "passwort", "letmein", "administrator", "qwertyuiop", "123456789")


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
    """Return what is wrong with a new password and what to do, None when it is good."""
    if len(password) < SHORTEST_PASSWORD:
        return f"At least {SHORTEST_PASSWORD} characters; a few words in a row are fine."
    if len(password) > LONGEST_PASSWORD:
        return f"At most {LONGEST_PASSWORD:,} characters."
    if len(set(password)) < FEWEST_DIFFERENT_CHARACTERS:
        return f"Use at least {FEWEST_DIFFERENT_CHARACTERS} different characters."
    rest = password.lower()
    for word in sorted((*_EASY, email.partition("@")[0], house_name.lower()), key=len)[::-1]:
        if len(word) > 2:
            rest = rest.replace(word, "")
    if len(rest) < SHORTEST_PASSWORD // 2:
        return "Too easy to guess: it is made of this product's, your house's or your own name."
    return None


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
