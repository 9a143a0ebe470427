"""Which names upstream mean the same: the decisions of people, resolved. Names stand as told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.facts.evidence.sub_tier.kinds import SpellingKind
from app.facts.evidence.sub_tier.models import UpstreamSpelling

Pair = frozenset[str]
Means = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Spellings:
    """What spellings mean: (company, spelling) → meaning, by kind; and pairs that are two."""

    means: Mapping[SpellingKind, Means] = field(default_factory=dict)
    different: Mapping[SpellingKind, frozenset[tuple[str, Pair]]] = field(default_factory=dict)

    def company(self, name: str) -> str:
        """Return the company that a name means."""
        return self._followed(SpellingKind.COMPANY, "", name)

    def plant(self, company: str, site: str) -> str:
        """Return the plant that a name means, of a company that is resolved already."""
        return self._followed(SpellingKind.PLANT, company, site)

    def material(self, name: str) -> str:
        """Return the material that a name means."""
        return self._followed(SpellingKind.MATERIAL, "", name)

    def are_different(self, kind: SpellingKind, company: str, one: str, other: str) -> bool:
        """Tell whether somebody decided that two spellings are two things."""
        return (company, frozenset((one, other))) in self.different.get(kind, frozenset())

    def _followed(self, kind: SpellingKind, company: str, name: str) -> str:
        known = self.means.get(kind)
        if not known:
            return name
        # Services keep chains free of circles; whatever else wrote here must not hang a page.
        seen = {name}
        while (following := known.get((company, name))) is not None and following not in seen:
            seen.add(following)
            name = following
        return name


def spellings(session: Session) -> Spellings:
    """Return what people decided on spellings."""
    s = UpstreamSpelling
    columns = (s.kind, s.company, s.spelling, s.means, s.is_same)
    return resolved((SpellingKind(row[0]), *row[1:]) for row in session.execute(select(*columns)))


def resolved(rows: Iterable[tuple[SpellingKind, str, str, str, bool]]) -> Spellings:
    """Return the decisions by kind; plants go with the company that theirs was merged into."""
    told = list(rows)
    companies: dict[tuple[str, str], str] = {
        (company, spelling): means
        for kind, company, spelling, means, is_same in told
        if kind is SpellingKind.COMPANY and is_same
    }
    of_companies = Spellings({SpellingKind.COMPANY: companies})
    means: dict[SpellingKind, dict[tuple[str, str], str]] = {kind: {} for kind in SpellingKind}
    different: dict[SpellingKind, set[tuple[str, Pair]]] = {kind: set() for kind in SpellingKind}
    for kind, company, spelling, meaning, is_same in told:
        owner = of_companies.company(company) if company else ""
        if is_same:
            means[kind][owner, spelling] = meaning
        else:
            different[kind].add((owner, frozenset((spelling, meaning))))
    return Spellings(means, {kind: frozenset(pairs) for kind, pairs in different.items()})
