"""Where a redirect may lead: to a path of this application and nowhere else."""

from __future__ import annotations

import re

# One slash, then no second one and no backslash: browsers read both as another host.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def safe_next(target: str | None, *, fallback: str = "/") -> str:
    """Return `target` when it is a path of this application, else `fallback`.

    Refused are other hosts in every spelling (`//e`, `/\\e`, `https:e`, `%2f%2fe`, with
    tabs or line breaks inside).
    """
    if not target or not _OWN_PATH.fullmatch(target):
        return fallback
    lowered = target.lower()
    if lowered.startswith(("/%2f", "/%5c", "/%09", "/%0a", "/%0d")):
        return fallback
    return target
