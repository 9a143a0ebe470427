"""The annex of a pack: each measure as a sum, and the order lines behind the leading one."""

from __future__ import annotations

from app.base import formatting
from app.base.formatting import EN_DASH
from app.facts.deliveries.lines import line_words
from app.facts.deliveries.lines.counted_lines import CountedLine
from app.judgement.scorecards.explaining import explained
from app.reviews.packs.basis import AnnexLines, Basis
from app.reviews.packs.building import wording
from app.reviews.packs.content import Annex
from app.reviews.packs.parts import MOST_ROWS_OF_CELLS, Column, Table

SUMS = (
    Column("Measure", 22, is_number=False),
    Column("How it is worked out", 42, is_number=False),
    Column("With the numbers put in", 36, is_number=False),
)
LINES = (
    Column("Order line, part", 21, is_number=False),
    Column("Due", 9),
    Column("Window", 19, is_number=False),
    Column("Outcome", 15, is_number=False),
    Column("What happened", 36, is_number=False),
)


def annex(basis: Basis, found: AnnexLines) -> Annex:
    """Return the annex of a pack."""
    return Annex(_reading(basis, found), _sums(basis), _tables(basis, found))


def _reading(basis: Basis, found: AnnexLines) -> str:
    told = (
        f"{wording.label(basis.primary)} of the {basis.year.words}: each measure with the numbers "
        "put in, then order lines with what was received and why they count as they do."
    )
    if len(found.lines) == found.total:
        return f"{told} All {formatting.count(found.total, 'line')} stand here."
    return (
        f"{told} {formatting.number(len(found.lines))} of {formatting.number(found.total)} lines "
        "stand here, missed ones first; the rest stands in the list behind the figure, on screen "
        "and as a file, without a limit."
    )


def _sums(basis: Basis) -> Table:
    rows = []
    for part in basis.year.scored.result.parts:
        each = explained(basis.year[part.measure_id or part.id])
        said = each.put_in or wording.statement(each.unknown)
        more = f"; {each.unknown}" if each.put_in and each.unknown else ""
        rows.append((each.label, each.formula, f"{said}{more}"))
    return Table("Each measure as a sum", "", SUMS, tuple(rows))


def _tables(basis: Basis, found: AnnexLines) -> tuple[Table, ...]:
    """Return the lines in tables so short that each cell is printed whole."""
    rows = [_row(each) for each in found.lines]
    if not rows:
        missing = f"No line was due in the {basis.year.words}."
        return (Table("Order lines", "", LINES, (), missing),)
    starts = range(0, len(rows), MOST_ROWS_OF_CELLS)
    return tuple(
        Table(
            "Order lines" if start == 0 else "Order lines, continued",
            "",
            LINES,
            tuple(rows[start : start + MOST_ROWS_OF_CELLS]),
        )
        for start in starts
    )


def _row(each: CountedLine) -> tuple[str, ...]:
    line = each.line
    number = line.label if line.schedule_no == "1" else f"{line.label} / {line.schedule_no}"
    part = line.part_name or line.part_number or ""
    return (
        f"{number} · {part}" if part else number,
        formatting.quantity(line.quantity_due),
        _window(each),
        line_words.outcome_words(line),
        each.story,
    )


def _window(each: CountedLine) -> str:
    end = each.line.window_end_on
    if end is None:
        return EN_DASH
    opens = "to" if each.opens_on is None else f"{formatting.day(each.opens_on)} {EN_DASH}"
    return f"{opens} {formatting.day(end)}"
