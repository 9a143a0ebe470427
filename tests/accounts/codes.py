"""An authenticator app for tests, written from RFC 6238 and not from our code."""

from __future__ import annotations

import base64
import hmac
import re
import struct
from datetime import datetime

from tests.web_app import Visitor

STEP_SECONDS = 30
KEY = re.compile(r'class="mono wrap">([A-Z2-7 -]+)<')
RECOVERY_CODE = re.compile(r"<li>([a-z0-9]{6}(?:-[a-z0-9]{6}){3})</li>")


def code_at(key: str, moment: datetime) -> str:
    """Return the six digits that an app shows for a base32 key at a moment."""
    plain = key.replace(" ", "").replace("-", "")
    secret = base64.b32decode(plain + "=" * (-len(plain) % 8))
    counter = struct.pack(">Q", int(moment.timestamp()) // STEP_SECONDS)
    digest = hmac.digest(secret, counter, "sha1")
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def begin_app(browser: Visitor) -> str:
    """Begin to set up an authenticator app; return the key that the page shows."""
    assert browser.post("/account/factors/app/begin").status_code == 303
    found = KEY.search(browser.get("/account/factors/app").text)
    assert found is not None
    return found.group(1)


def set_up_app(browser: Visitor, moment: datetime) -> tuple[str, list[str]]:
    """Set up an authenticator app; return its key and the recovery codes."""
    key = begin_app(browser)
    answer = browser.post("/account/factors/app", {"code": code_at(key, moment)})
    assert answer.status_code == 200, answer.text
    return key, RECOVERY_CODE.findall(answer.text)
