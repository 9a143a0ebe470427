"""What ratings are read by: the scales and the Action Priority matrix, shipped or stored.

Knows which version holds and turns its content into the values of `calc`. A version that was
active never changes; ratings name the versions that they were given by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.errors import NotFound
from app.calc.fmea_matrix import (
    CONSENSUS,
    DETECTION_BANDS,
    OCCURRENCE_BANDS,
    SCALE,
    ActionMatrix,
    reversals,
)
from app.calc.fmea_scales import AIAG_PROCESS, DIMENSIONS, SUPPLY_CHAIN, Scales
from app.judgement.fmea.standard_models import FmeaMatrix, FmeaScale, Standard
from app.judgement.snapshots import methods

Json = dict[str, Any]  # Any: what JSON can hold
Model = Any  # one of the two mapped classes, whose columns are the same

MATRIX_NAME = "Action Priority"
SUPPLY_CHAIN_NAME = "Supply chain"
PROCESS_NAME = "Process FMEA"
LONGEST_PROVENANCE = 1000
CONSENSUS_PROVENANCE = (
    "The Action Priority of the AIAG & VDA FMEA handbook, first edition of 2019, for design and"
    " process FMEA alike. The handbook itself was not at hand: the table is verified by"
    " consensus, identical in all 1,000 cells to three independent public encodings. It must"
    " not be used for FMEA-MSR, which rates other things."
)
PROVENANCE = {
    SUPPLY_CHAIN_NAME: "Written for supply chains: severity by what stops here, occurrence by"
    " events in a supplier's year, detection by the warning time against the time to survive.",
    PROCESS_NAME: "In the sense of the tables of the AIAG manual, 4th edition, for process"
    " FMEA, in our own words. Tables of the 3rd edition read otherwise; don't mix them.",
}


def matrix_content(matrix: ActionMatrix, provenance: str) -> Json:
    """Return a matrix as it is stored."""
    rows = {str(s): list(cells) for s, cells in zip(SCALE, matrix.rows, strict=True)}
    return {"rows": rows, "provenance": provenance}


def matrix_of(content: Json) -> ActionMatrix:
    """Return a stored matrix; raises ValueError where it is not sound."""
    return ActionMatrix(tuple(tuple(content["rows"][str(s)]) for s in SCALE))


def scales_content(scales: Scales, provenance: str) -> Json:
    """Return scales as they are stored."""
    texts = {
        name: {str(rating): text for rating, text in scales.of(name).items()} for name in DIMENSIONS
    }
    return {**texts, "provenance": provenance}


def scales_of(content: Json) -> Scales:
    """Return stored scales; raises ValueError where a meaning is missing."""
    return Scales(
        **{
            name: {int(rating): text for rating, text in content[name].items()}
            for name in DIMENSIONS
        }
    )


def _check_matrix(content: Json) -> None:
    turned = reversals(matrix_of(content))
    if turned:
        more = "" if len(turned) == 1 else f"; and {len(turned) - 1} more"
        raise ValueError(f"{turned[0]}{more}. A priority must not fall as a rating gets worse")


def _check_scales(content: Json) -> None:
    scales_of(content)


def _matrix_described(content: Json) -> Json:
    said: Json = {"provenance": content["provenance"]}
    for severity in reversed(SCALE):
        for (low, high), cell in zip(OCCURRENCE_BANDS, content["rows"][str(severity)], strict=True):
            said[f"S {severity}, O {_span(low, high)}"] = cell
    return said


def _scales_described(content: Json) -> Json:
    said: Json = {"provenance": content["provenance"]}
    for name in DIMENSIONS:
        for rating in reversed(SCALE):
            said[f"{name} {rating}"] = content[name][str(rating)]
    return said


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


@dataclass(frozen=True, slots=True)
class StandardKind:
    """One of the two standards: its table, its words, what makes its content sound.

    shipped: content by name, as it comes with the application. checked: raises ValueError.
    described: the content field by field, as somebody approves it.
    """

    type: str
    words: str
    noun: str
    model: Model
    shipped: Mapping[str, Json]
    checked: Callable[[Json], None]
    described: Callable[[Json], Json]
    path: str


MATRIX = StandardKind(
    type="fmea_matrix",
    words="Priority matrices of FMEA",
    noun="matrix",
    model=FmeaMatrix,
    shipped={MATRIX_NAME: matrix_content(CONSENSUS, CONSENSUS_PROVENANCE)},
    checked=_check_matrix,
    described=_matrix_described,
    path="/fmea/matrix/",
)
SCALES = StandardKind(
    type="fmea_scale",
    words="Rating scales of FMEA",
    noun="scales",
    model=FmeaScale,
    shipped={
        SUPPLY_CHAIN_NAME: scales_content(SUPPLY_CHAIN, PROVENANCE[SUPPLY_CHAIN_NAME]),
        PROCESS_NAME: scales_content(AIAG_PROCESS, PROVENANCE[PROCESS_NAME]),
    },
    checked=_check_scales,
    described=_scales_described,
    path="/fmea/scales/",
)
# By the last part of their pages' address.
KINDS = {"matrix": MATRIX, "scales": SCALES}


def in_force(session: Session, kind: StandardKind, name: str) -> Standard:
    """Return the version of a standard that holds: the newest active one, else the shipped."""
    found: Standard | None = session.scalar(
        select(kind.model)
        .where(kind.model.name == name, kind.model.state == "active")
        .order_by(kind.model.version.desc())
        .limit(1)
    )
    if found is not None:
        return found
    if name not in kind.shipped:
        raise NotFound("E-FME-02", f"There are no {kind.noun} called “{name[:60]}”.")
    shipped: Standard = methods.shipped(kind.model, name=name, content=kind.shipped[name])
    return shipped


def by_id(session: Session, kind: StandardKind, key: int) -> Standard:
    """Return a stored version; raises NotFound."""
    found: Standard | None = session.get(kind.model, key)
    if found is None:
        raise NotFound("E-FME-02", f"There is no such version of the {kind.noun}.")
    return found


def versions(session: Session, kind: StandardKind) -> list[Standard]:
    """Return every version: those in force, stored or shipped, then drafts and older ones."""
    stored: Sequence[Standard] = session.scalars(
        select(kind.model).order_by(kind.model.name, kind.model.version.desc())
    ).all()
    names = {each.name for each in stored if each.state == "active"}
    fresh = [in_force(session, kind, name) for name in kind.shipped if name not in names]
    return [*fresh, *stored]


def names(session: Session, kind: StandardKind) -> list[str]:
    """Return the names that can be rated by, the shipped ones first."""
    stored = session.scalars(
        select(kind.model.name).where(kind.model.state == "active").distinct()
    ).all()
    return [*kind.shipped, *sorted(set(stored) - set(kind.shipped))]


def scales_in_force(session: Session, name: str) -> Scales:
    """Return the scales of a name that hold."""
    return scales_of(in_force(session, SCALES, name).content)


def band_words(bands: Sequence[tuple[int, int]] = DETECTION_BANDS) -> list[str]:
    """Return bands of ratings as people read them (“7–10”)."""
    return [_span(low, high) for low, high in bands]
