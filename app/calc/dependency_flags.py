"""Single, sole and single-site: how narrowly one part is sourced, each flag with its reason.

Nothing here is typed in: the flags follow from the approved sources of a day. That nobody else
on the market makes a part is the one thing that only people know; it makes a single source a
sole one and says nothing of a part that several suppliers deliver.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class SourcingFlag(StrEnum):
    """What is narrow about the sourcing of a part."""

    NONE_APPROVED = "none_approved"
    SINGLE = "single"
    SOLE = "sole"
    SINGLE_SITE = "single_site"


class SiteKnowledge(StrEnum):
    """Whether a part is made at one place only."""

    ONE = "one"
    SEVERAL = "several"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PartSource:
    """One supplier that may deliver a part on a day.

    `sites`: the supplier's sites from which the part may come, empty where nobody knows;
    `is_sole_on_market`: somebody recorded that nobody else makes it.
    """

    supplier: str
    sites: tuple[str, ...] = ()
    is_sole_on_market: bool = False


@dataclass(frozen=True, slots=True)
class PartFlags:
    """The flags of one part, why each is set, and what contradicts the record."""

    flags: tuple[SourcingFlag, ...]
    why: tuple[str, ...]
    sites: SiteKnowledge
    contradiction: str | None = None


def part_flags(sources: Sequence[PartSource]) -> PartFlags:
    """Return how narrowly a part is sourced.

    Formula: no source → none approved; one → single, and sole where it is recorded that
    nobody else makes it; one source that makes it at one place → single-site.

    Args:
        sources: shape (n,), the suppliers that may deliver the part on the day, each once;
            blocked or unqualified ones left out.
    Returns:
        The flags in the order of the enum with a sentence each; `sites` is unknown where
        the only source has not told its place.
    Raises:
        ValueError: a supplier stands twice.
    Source: house rule, ADR 0040; domain rules §6.1.
    Edge cases: a sole source beside another source is a contradiction and no flag; several
    suppliers are several places, even where all of them hang on one plant upstream.

    >>> [flag.value for flag in part_flags([PartSource("S-1", ("Kiel",))]).flags]
    ['single', 'single_site']
    >>> part_flags([PartSource("S-1"), PartSource("S-2")]).flags
    ()
    """
    names = [source.supplier for source in sources]
    if len(set(names)) < len(names):
        raise ValueError(f"sources: a supplier stands twice among {names}")
    if not sources:
        said = "No supplier is approved and qualified for it on this day."
        return PartFlags((SourcingFlag.NONE_APPROVED,), (said,), SiteKnowledge.UNKNOWN)
    if len(sources) > 1:
        marked = [source.supplier for source in sources if source.is_sole_on_market]
        told = (
            f"{marked[0]} is recorded as the only maker, yet {len(sources)} sources are approved."
            if marked
            else None
        )
        return PartFlags((), (), SiteKnowledge.SEVERAL, told)
    return _of_one(sources[0])


def _of_one(only: PartSource) -> PartFlags:
    flags = [SourcingFlag.SINGLE]
    why = [f"{only.supplier} is the only approved source."]
    if only.is_sole_on_market:
        flags.append(SourcingFlag.SOLE)
        why.append(f"Nobody but {only.supplier} makes it, as recorded with the source.")
    places = sorted(set(only.sites))
    if len(places) == 1:
        flags.append(SourcingFlag.SINGLE_SITE)
        why.append(f"{only.supplier} makes it at {places[0]} only.")
        return PartFlags(tuple(flags), tuple(why), SiteKnowledge.ONE)
    knowledge = SiteKnowledge.SEVERAL if places else SiteKnowledge.UNKNOWN
    return PartFlags(tuple(flags), tuple(why), knowledge)
