"""Letters from templates: strict (a missing fact is an error) and literal (facts are no code).

Plain text only. The templates stand in `templates/mail/`; facts are printed as they are,
on one line each, so that a name can't write paragraphs of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.platform.outbox.values import one_line
from config import ROOT

FOLDER = ROOT / "templates" / "mail"
# Where a link will stand, as the page shows it and the database keeps it.
NO_LINK_YET = "[a link that is made when this mail is sent]"


def written(template: str, facts: Mapping[str, object], *, link: str = NO_LINK_YET) -> str:
    """Return a letter's text; `link` is known to the sender alone."""
    printed = {
        name: one_line(fact) if isinstance(fact, str) else fact for name, fact in facts.items()
    }
    text = _templates().get_template(f"{template}.txt").render({**printed, "link": link})
    return text.strip() + "\n"


@cache
def _templates() -> Environment:
    # Plain text knows no markup to escape, and nothing of it is ever shown as HTML unescaped.
    return Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 # nosec B701
        trim_blocks=True,
        lstrip_blocks=True,
    )
