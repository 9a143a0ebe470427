"""The pages of accounts; each group of them has a module of its own."""

from __future__ import annotations

from app.platform.accounts import (
    factor_views,
    password_views,
    session_views,
    sign_in_views,
    sso_views,
)
from app.platform.accounts.blueprint import blueprint

__all__ = [
    "blueprint",
    "factor_views",
    "password_views",
    "session_views",
    "sign_in_views",
    "sso_views",
]
