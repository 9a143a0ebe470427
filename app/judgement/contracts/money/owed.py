"""What lines and obligations owe in a period, and what of it stands."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.calc.cents import coin_places
from app.calc.service_credits import Credit
from app.judgement.contracts.money.figures import Figure
from app.judgement.contracts.money.held_terms import Banded, HeldTerms
from app.judgement.contracts.money.judged_lines import JudgedLine
from app.judgement.contracts.money.queries import credit_key
from app.judgement.contracts.money.windows import Window
from app.judgement.scorecards.register import BY_ID, Group


@dataclass(frozen=True, slots=True)
class OwedLine:
    """A late line in its period: what it owes by itself, what the shared cap and a credit leave.

    owed: under its own cap. amount: what stands in the end; None where it is not known.
    """

    judged: JudgedLine
    owed: Decimal | None
    cut_by_cap: Decimal
    amount: Decimal | None
    note: str | None
    claimed_in: str | None

    @property
    def is_charged(self) -> bool:
        """Whether it stands in the sum."""
        return self.judged.apart is None and bool(self.amount)


@dataclass(frozen=True, slots=True)
class OwedCredit:
    """The service credit of an obligation for a window, and what of it stands.

    is_cumulative: whether damages for the same failure are owed beside it.
    """

    banded: Banded
    window: Window
    figure: Figure
    spend: Decimal | None
    credit: Credit
    amount: Decimal | None
    note: str | None
    claimed_in: str | None
    is_over: bool
    is_cumulative: bool

    @property
    def key(self) -> str:
        """What it is claimed under."""
        return credit_key(self.banded.obligation.measure, self.window)

    @property
    def is_delivery(self) -> bool:
        """Whether late lines are the same failure."""
        return BY_ID[self.banded.obligation.measure].group is Group.DELIVERY


def places_of(terms: HeldTerms | None) -> int:
    """Return how many decimals amounts under some terms have."""
    return coin_places("" if terms is None else terms.row.currency)
