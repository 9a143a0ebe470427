"""What there is to see on a first start: the demo company, its figures, one review pack.

Every step is a command of ours in a process of its own, which gives its memory back, and
every step is left out when its result is there. A second start therefore changes nothing.
A house that has begun by itself, with people or a file that waits, gets no demo company.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base import db
from app.base.errors import Conflict
from app.calc.periods import month_index, quarter_label
from app.faces.demo.cast import HOUSE
from app.faces.demo.services import LAST_REVIEW_ON, check_loadable
from app.facts.suppliers.models import Supplier
from app.judgement.scorecards.models import ScorecardSnapshot
from app.reviews.packs.models import Pack
from config import Settings


@dataclass(frozen=True, slots=True)
class Review:
    """Whose review pack of which quarter to print. supplier: its number; period: `2026Q3`."""

    supplier: str
    period: str


def prepare() -> None:
    """Fill an empty database with the demo company, work out the figures, print one pack."""
    if may_have_the_demo():
        run("Loading the demo company", "demo", "load")
    if holds_no(ScorecardSnapshot) and not holds_no(Supplier):
        if holds_the_demo():
            day = LAST_REVIEW_ON.isoformat()
            run(f"Working out the figures of the last review, {day}", "recompute", "--as-of", day)
        run("Working out scorecards and the risk index", "recompute")
        if holds_the_demo():
            run("Judging the alert rules", "alerts", "evaluate")
    if holds_no(Pack):
        with db.reading() as session:
            review = review_to_print(session)
        if review is not None:
            run(
                "Printing a review pack",
                *("packs", "render", "--kind", "qbr", "--processes", "1"),
                *("--supplier", review.supplier, "--period", review.period),
            )


def name_the_house(settings: Settings) -> None:
    """Give the demo company its name in our processes, where no name is set and nobody is real."""
    if settings.house_name:
        return
    with db.reading() as session:
        is_real = session.scalar(select(Supplier.id).where(~Supplier.is_demo).limit(1)) is not None
    if not is_real and (holds_the_demo() or may_have_the_demo()):
        os.environ["MAINSTAY_HOUSE_NAME"] = HOUSE


def may_have_the_demo() -> bool:
    """Tell whether nobody has begun here: no supplier, no import and nobody with an account."""
    if not holds_no(Supplier):
        return False
    with db.reading() as session:
        try:
            check_loadable(session)
        except Conflict:
            return False
    return True


def holds_the_demo() -> bool:
    """Tell whether the demo company is in the database."""
    with db.reading() as session:
        return session.scalar(select(Supplier.id).where(Supplier.is_demo).limit(1)) is not None


def holds_no(table: type[Supplier] | type[ScorecardSnapshot] | type[Pack]) -> bool:
    """Tell whether a table is empty."""
    with db.reading() as session:
        return session.scalar(select(table.id).limit(1)) is None


def review_to_print(session: Session) -> Review | None:
    """Return the demo company's first supplier with its newest quarter; None without demo."""
    found = session.execute(
        select(Supplier.number, ScorecardSnapshot.period_end)
        .join(ScorecardSnapshot, ScorecardSnapshot.supplier_id == Supplier.id)
        .where(Supplier.is_demo, ScorecardSnapshot.period_kind == "quarter")
        .order_by(ScorecardSnapshot.period_end.desc(), Supplier.id)
        .limit(1)
    ).first()
    if found is None:
        return None
    number, end = found
    return Review(number, quarter_label(month_index(end)))


def newest_pack(session: Session, files: Path) -> Path | None:
    """Return the file of the pack made last, None without any."""
    found = session.scalar(select(Pack.public_id).order_by(Pack.id.desc()).limit(1))
    if found is None:
        return None
    return next(files.glob(f"*/*/{found}.pdf"), None)


def run(title: str, *words: str) -> None:
    """Run one of our commands, say what it is for, stop everything when it fails."""
    click.echo(f"{title} …")
    done = subprocess.run([sys.executable, "-m", "flask", *words], check=False)  # noqa: S603 # ours
    if done.returncode != 0:
        raise click.ClickException(f"`flask {' '.join(words)}` failed; see above.")
