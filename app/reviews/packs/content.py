"""Everything a printed scorecard or a review pack says, as frozen data without the database.

The builders fill these from snapshots; the templates print them as they are. The content hash
is over these values, so that a reprint in another year can be compared with the first.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TypeVar

from app.base.pdf.printable import PaperSize
from app.reviews.packs.hashing import content_hash, short_hash
from app.reviews.packs.parts import (
    Action,
    Attention,
    Definition,
    Dimension,
    Figure,
    Frame,
    KeyFigure,
    LeftOut,
    MeasureRow,
    Miss,
    Panel,
    ScoreTotal,
    SourceFile,
    Standing,
    Table,
)

# Enough of the log's head to compare a sheet of paper with the log.
HEAD_DIGITS = 12
# What a definition takes beyond its letters: the rest of its last line and the space below.
LINE_OF_DEFINITION = 45


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What every printed document has.

    frame: what stands around each page. definitions: how its numbers are made.
    dispute: how long the figures may be disputed, one sentence.
    signatures: who signs (“for Adler Pumps SE, date”), usually three.
    content_hash: sha256 of all this, set by `sealed`. audit_head: head of the audit log when
    it was frozen, may be empty.
    """

    frame: Frame
    definitions: tuple[Definition, ...]
    dispute: str
    signatures: tuple[str, ...]
    content_hash: str = ""
    audit_head: str = ""

    @property
    def paper_size(self) -> PaperSize:
        """The sheet."""
        return self.frame.paper_size

    @property
    def short_hash(self) -> str:
        """The first digits of the content hash, as the footer prints them."""
        return short_hash(self.content_hash)

    @property
    def short_audit_head(self) -> str:
        """The log's last event and the first digits of its hash, as the footer prints them."""
        seq, _, digest = self.audit_head.partition(" ")
        return f"{seq} {digest[:HEAD_DIGITS]}"

    @property
    def definitions_left(self) -> tuple[Definition, ...]:
        """The first of two columns of definitions."""
        return in_two_columns(self.definitions)[0]

    @property
    def definitions_right(self) -> tuple[Definition, ...]:
        """The second of two columns of definitions."""
        return in_two_columns(self.definitions)[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorecardSheet(Document):
    """The one-page printed scorecard, handed to the supplier.

    standing: grade and score.
    key_figures: up to five. rows, total: the scorecard; the contributions add up to the total.
    otif, defects: the two charts by month. risk: the index as a staircase.
    misses: up to three, the worst; no_misses: printed when there are none.
    actions: up to four, may be empty.
    Its definitions are up to four short ones, with exclusions and tolerances.
    """

    standing: Standing
    key_figures: tuple[KeyFigure, ...]
    rows: tuple[MeasureRow, ...]
    total: ScoreTotal
    otif: Panel
    defects: Panel
    risk: Panel
    misses: tuple[Miss, ...]
    actions: tuple[Action, ...]
    no_misses: str = "No line was missed in the period."

    @property
    def title(self) -> str:
        """The document's title."""
        return f"Supplier scorecard · {self.frame.supplier} · {self.frame.period}"

    @property
    def row_count(self) -> int:
        """How many table rows it prints."""
        return len(self.rows) + len(self.misses) + len(self.actions)


@dataclass(frozen=True, slots=True)
class Summary:
    """The page that the head of procurement reads.

    sentences: the one paragraph, a sentence each. key_figures: up to five.
    risk: the index as a staircase. attention: what needs the meeting, worst first.
    periods: the quarter beside the twelve months. decisions: what is to be decided, may be
    empty. promises: those of the last review with their proof, None where there was none.
    """

    sentences: tuple[str, ...]
    key_figures: tuple[KeyFigure, ...]
    risk: Panel
    attention: tuple[Attention, ...]
    periods: Table
    decisions: tuple[str, ...] = ()
    promises: Table | None = None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The scorecard page. reading: one line on how to read it. rows, total: as on the sheet.
    notes: what explains the grade, caps and missing data, in sentences.
    lost: bars of the points each measure costs, weight × (100 − points) ÷ 100, most first.
    """

    reading: str
    rows: tuple[MeasureRow, ...]
    total: ScoreTotal
    notes: tuple[str, ...]
    lost: Panel


@dataclass(frozen=True, slots=True)
class Delivery:
    """The delivery page.

    reading: what the page says, one or two sentences. otif: the chart by month.
    figures: the ways of counting, the contractual one first. causes: misses by what happened.
    ages: open past-due lines by age. left_out: lines that do not count, by reason.
    months: the figures by month. scale: what the strips span (“70 – 100 %, target dashed”).
    """

    reading: str
    otif: Panel
    figures: tuple[Figure, ...]
    causes: Panel
    ages: Panel
    left_out: tuple[LeftOut, ...]
    months: Table
    scale: str

    @property
    def is_sparse(self) -> bool:
        """Whether there is so little to show that another section may share its page."""
        return self.otif.chart is None and not self.months.rows


@dataclass(frozen=True, slots=True)
class Quality:
    """The quality page. reading; defects: the chart by month; figures: PPM, lots, first pass;
    parts: rejects by part; months: the figures by month.
    """

    reading: str
    defects: Panel
    figures: tuple[Figure, ...]
    parts: Panel
    months: Table

    @property
    def is_sparse(self) -> bool:
        """Whether there is so little to show that another section may share its page."""
        return self.defects.chart is None and not self.months.rows


@dataclass(frozen=True, slots=True)
class LeadTime:
    """The lead-time page. reading; taken: days from order to complete; lateness: days against
    the reference date; figures: both variabilities under their own names, percentiles;
    notes: what the figures leave out (open lines), in sentences; parts: lead time by part.
    """

    reading: str
    taken: Panel
    lateness: Panel
    figures: tuple[Figure, ...]
    notes: tuple[str, ...]
    parts: Table

    @property
    def is_sparse(self) -> bool:
        """Whether there is so little to show that another section may share its page."""
        return self.taken.chart is None and not self.parts.rows


@dataclass(frozen=True, slots=True)
class Risk:
    """The risk page.

    reading; index: the staircase, imbalance included; dimensions: one row each.
    notes: floors that raise the band, coverage, the band if the missing were 0 / 100.
    moved: why it moved since the last snapshot, None where there is none before.
    asks: what to ask the supplier for, so that unknown dimensions become known.
    """

    reading: str
    index: Panel
    dimensions: tuple[Dimension, ...]
    notes: tuple[str, ...]
    moved: Table | None
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resilience:
    """The page of continuity and contracts.

    reading: what the page says, a few sentences. rubric: what each part of the readiness earns
    and why. times: how long until supply is back, stated, shown, demanded, and our stock.
    exercises: the newest that were done. contracts: those that hold, with their next days.
    promised: what was promised beside what was measured. claims: what went out.
    """

    reading: str
    rubric: Table
    times: Table
    exercises: Table
    contracts: Table
    promised: Table
    claims: Table

    @property
    def tables(self) -> tuple[Table, ...]:
        """Its tables, as they are printed."""
        return (
            self.rubric, self.times, self.exercises, self.contracts, self.promised, self.claims,
        )  # fmt: skip

    @property
    def is_sparse(self) -> bool:
        """Whether there is nothing but its reading, which then stands on the risk page."""
        return not any(table.rows for table in self.tables)


@dataclass(frozen=True, slots=True)
class Misses:
    """The worst misses. reading: how many there are in all and how these were chosen;
    lines: the order lines, worst first; missing: printed when there are none;
    is_fact: it is known that there are none, no data are missing.
    """

    reading: str
    lines: tuple[Miss, ...]
    missing: str = ""
    is_fact: bool = False

    @property
    def is_sparse(self) -> bool:
        """Whether there is so little to show that another section may share its page."""
        return not self.lines


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPack(Document):
    """The quarterly review pack, about eleven pages.

    occasion: “Quarterly business review, Q4 2026”. prepared_for: who meets, where, when; may
    be empty. circulation: who may see it (“for Kestrel Castings GmbH and Adler Pumps SE”).
    lineage: the files the figures rest on.
    """

    occasion: str
    prepared_for: str
    circulation: str
    standing: Standing
    summary: Summary
    scorecard: Scorecard
    delivery: Delivery
    quality: Quality
    lead_time: LeadTime
    risk: Risk
    resilience: Resilience
    misses: Misses
    lineage: tuple[SourceFile, ...]

    @property
    def title(self) -> str:
        """The document's title."""
        return f"{self.occasion} · {self.frame.supplier}"

    @property
    def row_count(self) -> int:
        """How many table rows it prints."""
        tables = (
            self.summary.periods,
            self.summary.promises,
            self.delivery.months,
            self.quality.months,
            self.lead_time.parts,
            self.risk.moved,
            *self.resilience.tables,
        )
        return (
            len(self.scorecard.rows)
            + len(self.delivery.figures)
            + len(self.quality.figures)
            + len(self.lead_time.figures)
            + len(self.risk.dimensions)
            + len(self.misses.lines)
            + len(self.lineage)
            + sum(len(table.rows) for table in tables if table is not None)
        )


@dataclass(frozen=True, slots=True)
class Annex:
    """The annex: each measure as a sum, then order lines. reading says what stands here and
    where the rest is.
    """

    reading: str
    sums: Table
    lines: tuple[Table, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnexedReviewPack(ReviewPack):
    """A review pack with the lines behind its figures as an annex."""

    annex: Annex


Content = TypeVar("Content", bound=Document)


def sealed(content: Content) -> Content:
    """Return the content with its hash in it, ready to be printed."""
    return dataclasses.replace(content, content_hash=content_hash(content))


def in_two_columns(
    definitions: tuple[Definition, ...],
) -> tuple[tuple[Definition, ...], tuple[Definition, ...]]:
    """Return the definitions in reading order, in two columns as equal as they can be."""
    lengths = [len(each.term) + len(each.text) + LINE_OF_DEFINITION for each in definitions]

    def longer_column(cut: int) -> int:
        return max(sum(lengths[:cut]), sum(lengths[cut:]))

    cut = min(range(len(definitions) + 1), key=longer_column)
    return definitions[:cut], definitions[cut:]
