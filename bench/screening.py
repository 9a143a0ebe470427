"""Screening as a row of the table: every supplier's name against a list of 14,965 entries.

The list is OFAC's where MAINSTAY_REALDATA names the folder of public data, else one of made-up
names of the same size; the suppliers' names are made up, one in a hundred after the list.
"""

from __future__ import annotations

import os
import random
from datetime import date
from pathlib import Path
from time import perf_counter

from sqlalchemy import select, text

from app.base.db import Database
from app.facts.evidence.screening import lists, running
from app.facts.evidence.screening.models import Because, EntryKind
from app.facts.evidence.screening.reading import ListedParty, ListFile, read_list
from app.facts.suppliers.models import Supplier
from app.platform.imports.source_file import SourceFile
from app.platform.jobs.handle import Run
from bench import house, pace
from bench.house import Size

ENTRIES = 14_965
REPETITIONS = 3
EDITION = date(2024, 5, 3)
REAL = Path("sanctions") / "ofac_sdn_2024-05-03.csv"
SYLLABLES = [first + vowel for first in "bcdfghjklmnprstvz" for vowel in "aeiou"]
TRADES = ("Trading", "Steel", "Logistics", "Industries", "Electronics", "Castings", "Holding")
FORMS = ("GmbH", "Ltd", "S.A.", "LLC", "OOO", "S.p.A.", "Co., Ltd")
KEPT = ("screening_decision", "screening_match", "supplier_screening", "screening_run")


def screening(database: Database, size: Size) -> list[float]:
    """Screen every supplier: names from the database, matches and screenings written."""
    dice = random.Random(7)  # noqa: S311 — made-up names
    file, source = _list(dice)
    with database.transaction() as session:
        house.lift_limits(session)
        ids = list(session.scalars(select(Supplier.id).order_by(Supplier.id)))
        session.execute(
            text("UPDATE supplier SET name = :name WHERE id = :id"),
            [{"id": key, "name": _supplier_name(dice, file)} for key in ids],
        )
        row = lists.check(session, file, source=source, edition=EDITION, file_name="bench.csv")
        lists.put_in_force(session, row.public_id)
    return [_screened(database) for _ in range(REPETITIONS)]


def _screened(database: Database) -> float:
    with database.transaction() as session:
        for table in KEPT:
            session.execute(text(f"DELETE FROM {table}"))
    pace.probe()
    begun = perf_counter()
    running.screen(Run.by_hand(), because=Because.CLOCK)
    seconds = perf_counter() - begun
    pace.probe()
    return seconds


def _list(dice: random.Random) -> tuple[ListFile, str]:
    folder = os.environ.get("MAINSTAY_REALDATA")
    if folder:
        given = SourceFile(REAL.name, path=Path(folder) / REAL)
        return read_list(given, lists.layout_of(lists.OFAC)), lists.OFAC
    parties = tuple(
        ListedParty(
            str(number),
            EntryKind.INDIVIDUAL if number % 2 else EntryKind.ENTITY,
            f"{_word(dice)}, {_word(dice)}" if number % 2 else _company(dice),
            (_company(dice),) if number % 4 == 0 else (),
            (),
            "BENCH",
            None,
        )
        for number in range(ENTRIES)
    )
    return ListFile("0" * 64, parties), "bench"


def _supplier_name(dice: random.Random, file: ListFile) -> str:
    if dice.random() < 0.01:
        return f"{dice.choice(file.parties).name.split(',')[0].title()} {dice.choice(FORMS)}"
    return _company(dice)


def _company(dice: random.Random) -> str:
    words = [_word(dice) for _ in range(dice.randint(1, 2))]
    return " ".join([*words, dice.choice(TRADES), dice.choice(FORMS)])


def _word(dice: random.Random) -> str:
    return "".join(dice.choice(SYLLABLES) for _ in range(dice.randint(2, 4))).title()
