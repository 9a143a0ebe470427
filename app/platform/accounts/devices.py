"""A browser in words, from what it says about itself. It may lie: the words decide nothing."""

from __future__ import annotations

# The first that fits; browsers name those they resemble, too.
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_words(agent: str) -> str:
    """Return a browser and its system in words.

    >>> device_words("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox on Linux'
    >>> device_words("")
    'Unknown browser'
    """
    browser = next((words for sign, words in _BROWSERS if sign in agent), "Unknown browser")
    system = next((words for sign, words in _SYSTEMS if sign in agent), None)
    return browser if system is None else f"{browser} on {system}"
