"""The import kind of FMEA worksheets: lines to modes, effects, causes and controls.

A line names its register by number or title; one that is not there is opened where the line
names a supplier. Scores are whole numbers from 1 to 10 or say that there is none; printed RPNs
and priorities are compared and never believed. What a file rates is added to the history.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.calc.fmea import action_priority, row_scores, rpn
from app.judgement.fmea import lines, publishing
from app.judgement.fmea.lines import Said
from app.judgement.fmea.models import LONGEST_TEXT, LONGEST_TITLE
from app.judgement.fmea.values import is_unscored, rating_fault
from app.platform.imports.kinds import (
    Chunk,
    Counts,
    Field,
    FieldType,
    NamedSupplier,
    RowFault,
    RowWarning,
)
from app.platform.imports.mapping import Mapping
from app.platform.imports.models import StagedRow
from app.platform.imports.problems import Code, Fault, Problem, Warned, quoted
from app.platform.imports.table_kind import TableKind, TableStager

TEXT = FieldType.TEXT


def _score(name: str, words: str) -> Field:
    return Field(name, TEXT, f"{words}, 1 to 10; N/A or empty: not rated.", "7",
                 rule=rating_fault)  # fmt: skip


def _text(
    name: str, words: str, example: str, *, is_key: bool = False, longest: int = LONGEST_TEXT
) -> Field:
    return Field(name, TEXT, words, example, is_key=is_key, longest=longest,
                 default="" if is_key else None)  # fmt: skip


class FmeaKind(TableKind):
    """Worksheets of FMEA registers."""

    name = "fmea"
    title = "FMEA worksheets"
    noun = "line"
    table = "fmea_cause"
    help = (
        "One line is one cause of a failure mode, with one effect and one control of each kind;"
        " further ones stand on further lines that repeat the rest. RPN and priority are"
        " compared, not believed."
    )
    key_columns = ("id",)
    fields = (
        Field("register", TEXT, "Number or title of the register.", "Castings", True, True),
        _text("supplier_no", "Supplier, to open a register that is not there yet.", "S-0042",
              longest=LONGEST_TITLE),
        _text("step", "Step or function that fails.", "Ship by sea", longest=LONGEST_TITLE),
        Field("mode", TEXT, "Failure mode.", "Port is closed", True, True),
        _text("effect", "Effect of the mode.", "Line stops", is_key=True),
        _score("severity", "S of the effect"),
        _text("cause", "Cause of the mode.", "Strike", is_key=True),
        _text("prevention", "Control that prevents the cause.", "Second port", is_key=True),
        _score("occurrence", "O of the cause"),
        _text("detection_control", "Control that notices it in time.", "News read weekly",
              is_key=True),
        _score("detection", "D of the control, or of the cause without any"),
        _text("rpn", "RPN as printed; compared.", "", longest=LONGEST_TITLE),
        _text("priority", "Action Priority as printed; compared.", "", longest=LONGEST_TITLE),
        _text("action", "Recommended action, or response.", "Fly the urgent parts"),
    )  # fmt: skip

    def open(self, mapping: Mapping) -> LineStager:
        """Return the object that takes the chunks of one file."""
        return LineStager(self, mapping)

    def check(self, chunk: Chunk) -> Iterator[RowFault | RowWarning]:
        """Yield registers that are not there, controls without a cause, wrong printed figures."""
        yield from publishing.unknown_registers(chunk)
        causes = chunk.column("cause")
        for name in ("prevention", "detection_control"):
            for index, text in enumerate(chunk.column(name)):
                if text and not causes[index]:
                    said = "stands without a cause; name the cause that it is about."
                    yield RowFault(index, name, Fault(Code.REQUIRED, said))
        yield from _wrong_figures(chunk)

    def preview(self, session: Session, batch_id: int, mapping: Mapping) -> Counts:
        """Count what publishing would do, by line."""
        # What is written here is taken back by the engine.
        return publishing.publish(session, batch_id, _staged(session, batch_id, mapping))

    def publish(self, session: Session, batch_id: int, mapping: Mapping) -> Counts:
        """Write the lines into their registers, and a rating for each row that moved."""
        return publishing.publish(session, batch_id, _staged(session, batch_id, mapping))

    def undo(self, session: Session, batch_id: int) -> Counter[str]:
        """Take the batch back, as long as nobody changed its registers since."""
        publishing.undo(session, batch_id)
        return Counter()

    def suppliers_named(
        self, session: Session, batch_id: int, mapping: Mapping
    ) -> list[NamedSupplier]:
        """Return whose registers the lines write in."""
        return publishing.suppliers_named(session, _numbered(session, batch_id))


class LineStager(TableStager):
    """Takes the lines of one file; finds scores that contradict each other over the file."""

    def __init__(self, kind: FmeaKind, mapping: Mapping) -> None:
        super().__init__(kind, mapping)
        self._scores: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)

    def stage(self, session: Session, batch_id: int, chunk: Chunk) -> None:
        """Write the good lines to staging, and note what they rate."""
        super().stage(session, batch_id, chunk)
        for row_no, said in zip(chunk.row_nos, _lines(chunk), strict=True):
            for key, value in lines.scored(said):
                if value is not None:
                    self._scores[key].append((row_no, value))

    def finish(self, session: Session, batch_id: int) -> Sequence[Problem]:
        """Report lines with the same key, and lines that rate one thing otherwise."""
        problems = list(super().finish(session, batch_id))
        for key, found in self._scores.items():
            first_no, first = found[0]
            for row_no, value in found[1:]:
                if value != first:
                    said = (
                        f"rates {quoted(key[-1])} {value}, row {first_no:,} rates it {first}."
                        " Make both the same."
                    )
                    place = f"Row {row_no:,}, '{key[0]}': {said}"
                    problems.append(Problem(row_no, key[0], str(value), Code.DISAGREE, place))
        for problem in problems:
            session.execute(
                delete(StagedRow).where(
                    StagedRow.batch_id == batch_id, StagedRow.row_no == problem.row_no
                )
            )
        return problems


def _lines(chunk: Chunk) -> list[Said]:
    names = list(chunk.columns)
    return [
        lines.said_of(dict(zip(names, values, strict=True)))
        for values in zip(*chunk.columns.values(), strict=True)
    ]


def _numbered(session: Session, batch_id: int) -> list[tuple[int, Said]]:
    rows = session.execute(
        select(StagedRow.row_no, StagedRow.content)
        .where(StagedRow.batch_id == batch_id)
        .order_by(StagedRow.row_no)
    )
    return [(row_no, lines.said_of(content)) for row_no, content in rows]


def _staged(session: Session, batch_id: int, mapping: Mapping) -> lines.File:
    given = frozenset(field for field in lines.RATED if mapping.gives(field))
    said = [said for _, said in _numbered(session, batch_id)]
    return lines.File(tuple(said), given)


def _wrong_figures(chunk: Chunk) -> Iterator[RowWarning]:
    """Yield printed RPNs and priorities that are neither the line's nor its row's."""
    if not (chunk.has("rpn") or chunk.has("priority")):
        return
    file = lines.File(tuple(_lines(chunk)), frozenset(lines.RATED))
    rows = lines.row_scores_of(file)
    both: tuple[tuple[str, Callable[..., object]], ...] = (
        ("rpn", rpn), ("priority", action_priority)
    )  # fmt: skip
    for name, computed in both:
        for index, printed in enumerate(chunk.column(name)):
            if printed is None or is_unscored(str(printed)):
                continue
            said = file.lines[index]
            own = row_scores([said.severity], said.occurrence, [said.detection])
            right = [computed(own), computed(rows[said.row])]
            if _figure(printed) not in map(_figure, right):
                told = right[1] if right[1] is not None else right[0]
                better = "the row is not fully rated" if told is None else f"it is {told}"
                reason = f"says {quoted(printed)}, but {better}; not believed."
                yield RowWarning(index, name, Warned.WRONG_FIGURE, reason)


def _figure(value: object) -> str:
    text = str(value).strip().upper()
    return text.removesuffix(".0")


KINDS = (FmeaKind(),)
