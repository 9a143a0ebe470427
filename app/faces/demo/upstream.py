"""What the demo company knows upstream: spellings of one plant, mines behind it, a circle, two
backups that went cold.

The story that three independent sources share one plant stands in `stories`; here one more
source hangs on the same plant under another spelling, which nobody has merged yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from app.faces.demo.cast import BUYERS
from app.faces.demo.rows import Rows
from app.facts.evidence.models import SubTierLink
from app.facts.evidence.sub_tier.kinds import SpellingKind
from app.facts.evidence.sub_tier.models import UpstreamSpelling
from app.facts.suppliers.models import SHARE_SCALE, ApprovedSource, Part, SourceRole

TIANLAN = "Tianlan Rare Earth Sintering Co., Ltd"
OTHER_SPELLING = ("TIANLAN Rare-Earth Sintering Co Ltd", "Baotou, plant 2")
MINE = ("Bayan Mining Group", "Bayan Obo")
AUDIT = "Supplier audit, June 2026"
DECIDED_AT = datetime(2026, 9, 14, 8, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Told:
    """A link as a supplier told it; `via`: company and plant that it delivers to."""

    number: str
    name: str
    site: str
    country: str
    material: str
    via: tuple[str, str] = ("", "")
    is_supplier: str | None = None


# One source writes the plant its own way; two magnet makers told what lies behind theirs.
LINKS = (
    Told("V-10574", *OTHER_SPELLING, "CHN", "Sintered NdFeB powder"),
    Told("V-10574", *MINE, "CHN", "Neodymium oxide", OTHER_SPELLING),
    Told("V-10716", *MINE, "CHN", "Neodymium oxide", (TIANLAN, "Plant 1, Baotou")),
    Told("V-10328", "Hofors Tråd AB", "Hofors", "SWE", "Spring steel wire"),
    Told("V-10613", "Hofors Trad AB", "Hofors", "SWE", "Spring steel wire"),
    Told("V-10194", "Hofors Tråd AB", "Hofors", "SWE", "Bearing steel"),
    Told("V-10319", "Hofors Tråd AB", "Hofors", "SWE", "Bearing steel"),
    Told("V-10405", "Rheinpolymer AG", "Wesseling", "DEU", "Polyamide 6.6"),
    Told("V-10496", "Rheinpolymer AG", "Wesseling", "DEU", "Polyamide 6.6"),
    Told("V-10214", "Rheinpolymer AG", "Wesseling", "DEU", "Polyamide 66"),
    # Each buys from the other: boards against drivers.
    Told("V-10178", "Hsinchu Ridge Devices Co., Ltd", "Hsinchu", "TWN", "Gate drivers",
         is_supplier="V-10458"),
    Told("V-10458", "Nordlys Elektronik AS", "Trondheim", "NOR", "Test boards",
         is_supplier="V-10178"),
    Told("V-10458", "Kaohsiung Substrate Corp.", "Kaohsiung", "TWN", "Package substrates"),
    Told("V-10585", "Kaohsiung Substrate Corp.", "Kaohsiung", "TWN", "Package substrates"),
)  # fmt: skip


def add_chains(rows: Rows, suppliers: Mapping[str, int]) -> None:
    """Add links beside those of the story, and one spelling that somebody decided on."""
    for told in LINKS:
        rows.add(
            SubTierLink,
            supplier_id=suppliers[told.number],
            upstream_name=told.name,
            upstream_site=told.site,
            upstream_country=told.country,
            material=told.material,
            part_id=None,
            source=AUDIT,
            via_name=told.via[0],
            via_site=told.via[1],
            upstream_supplier_id=suppliers[told.is_supplier] if told.is_supplier else None,
        )
    for row in rows.of(SubTierLink):
        row.setdefault("via_name", "")
        row.setdefault("via_site", "")
        row.setdefault("upstream_supplier_id", None)
    rows.add(
        UpstreamSpelling,
        public_id=UUID("5f0c2a54-9f3e-4a58-9a51-2d1c6a1b7f10"),
        kind=SpellingKind.MATERIAL,
        company="",
        spelling="Polyamide 66",
        means="Polyamide 6.6",
        is_same=True,
        score=89,
        reason="Two ways of writing PA 6.6, asked Aurora Polímeros.",
        decided_by=BUYERS[0],
        decided_at=DECIDED_AT,
    )


def add_cold_backups(rows: Rows, suppliers: Mapping[str, int]) -> None:
    """Approve two sources that nobody ever ordered the part from."""
    for number, name, weeks in (("V-10716", "Sensor magnet", 22), ("V-10756", "Hex screw", 6)):
        supplier_id = suppliers[number]
        taken = {row["part_id"] for row in rows.of(ApprovedSource)
                 if row["supplier_id"] == supplier_id}  # fmt: skip
        part = next(row for row in rows.of(Part)
                    if row["name"].startswith(name) and row["id"] not in taken)  # fmt: skip
        like = next(row for row in rows.of(ApprovedSource) if row["supplier_id"] == supplier_id)
        rows.add(
            ApprovedSource,
            **{key: like[key] for key in ("site_id", "currency", "recover_days", "valid_from")},
            part_id=part["id"],
            supplier_id=supplier_id,
            role=SourceRole.EMERGENCY,
            is_sole=False,
            target_share=5 * SHARE_SCALE // 100,
            qualified_on=like["qualified_on"],
            requalification_weeks=weeks,
            price=None,
            valid_to=None,
        )
