"""What stands around the pages: names, periods, signatures, and the files behind the figures."""

from __future__ import annotations

from app.base import formatting
from app.base.pdf.printable import PaperSize
from app.facts.deliveries.lines.breakdowns import BatchUse
from app.reviews.packs.basis import Basis
from app.reviews.packs.hashing import short_hash
from app.reviews.packs.parts import Frame, SourceFile

PRELIMINARY = "preliminary"
MOST_PLACES = 3
SHORT_VERSION = 8


def frame(basis: Basis, *, house: str, paper_size: PaperSize) -> Frame:
    """Return what stands around every page."""
    return Frame(
        house=house,
        supplier=basis.head.name,
        supplier_line=_supplier_line(basis),
        period=basis.year.words,
        as_of=formatting.day(basis.as_of),
        method=basis.method.label,
        created_on=basis.as_of.isoformat(),
        paper_size=paper_size,
        status="" if basis.is_over else PRELIMINARY,
    )


def signatures(basis: Basis, *, house: str) -> tuple[str, ...]:
    """Return who signs."""
    return (f"for {house or 'the buyer'}, date", f"for {basis.head.name}, date", "remarks")


def circulation(basis: Basis, *, house: str) -> str:
    """Return who may see it."""
    return f"for {basis.head.name} and {house or 'its buyer'} only"


def lineage(basis: Basis) -> tuple[SourceFile, ...]:
    """Return the files that fed the supplier's lines."""
    return tuple(_file(each) for each in basis.batches)


def _file(use: BatchUse) -> SourceFile:
    moment = "" if use.imported_at is None else f"{formatting.moment(use.imported_at)}, "
    return SourceFile(
        name=use.file_name,
        mapping=f"{use.mapping_name} {_version(use.mapping_version)}",
        rows=formatting.number(use.rows_read),
        aside=formatting.number(use.rows_aside) if use.rows_aside else "none",
        imported=f"{moment}{use.imported_by}",
        sha256=short_hash(use.file_sha256),
    )


def _version(version: str) -> str:
    return (
        f"v{version}"
        if version[:1].isdigit() and len(version) <= SHORT_VERSION
        else (version[:SHORT_VERSION])
    )


def _supplier_line(basis: Basis) -> str:
    head = basis.head
    # Some feeds know a supplier by its name only.
    parts = [head.number] if head.number != head.name else []
    if head.category:
        parts.append(head.category)
    places = [", ".join(filter(None, (site.name, site.country))) for site in head.sites]
    if places:
        parts.append(" and ".join(places[:MOST_PLACES]))
        if len(places) > MOST_PLACES:
            parts[-1] += f" and {len(places) - MOST_PLACES} more"
    elif head.country:
        parts.append(head.country)
    return " · ".join(parts)
