"""Claims of the demo company: each adds up to its lines, to the cent."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.base.pdf.printable import PaperSize
from app.judgement.contracts.money.annex import claim_annex, claim_sheet
from app.judgement.contracts.money.claims import frozen
from app.judgement.contracts.money.models import ClaimItem, ContractClaim, ContractSaving
from app.judgement.contracts.money.savings import gain_of
from app.judgement.contracts.money_models import GainShare, ImprovementClause

CLAIMED = {
    "RV-2024-017/1": ("settled", Decimal("327.49"), 8, 0),
    "RV-2024-017/2": ("issued", Decimal("24013.23"), 0, 1),
    "LP-2025-021/1": ("draft", Decimal("334.89"), 4, 0),
}


def test_each_claim_and_its_annex_add_up_to_the_cent(session: Session) -> None:
    found = {}
    for claim in session.scalars(select(ContractClaim)):
        said = frozen(claim)
        printed = claim_annex(
            said, state="any", claim_hash=claim.content_hash, house="", paper=PaperSize.A4
        )
        rows = [*printed.rows, *printed.credit_rows]
        assert sum(Decimal(row[-1].replace(",", "")) for row in rows) == claim.total
        sheet = list(claim_sheet(said, claim_hash=claim.content_hash).rows)
        amounts = [Decimal(str(row[12])) for row in sheet[:-2]]
        assert sum(amounts) == sheet[-2][12] == claim.total
        items = select(func.sum(ClaimItem.amount)).where(ClaimItem.claim_id == claim.id)
        assert session.scalar(items) == claim.total
        found[claim.number] = (claim.state, claim.total, len(said.lines), len(said.credits))
    assert found == CLAIMED


def test_the_redesigned_shaft_is_shared_net_of_the_investment(session: Session) -> None:
    saving, share = session.execute(
        select(ContractSaving, GainShare).join(
            GainShare, GainShare.id == ContractSaving.gain_share_id
        )
    ).one()
    gain = gain_of(saving, share, "CHF")
    assert gain is not None
    assert (gain.net, gain.supplier, gain.buyer) == (26500, 10600, 15900)


def test_the_castings_baseline_is_frozen_on_a_year(session: Session) -> None:
    clause = session.scalars(select(ImprovementClause)).one()
    assert (clause.base_value, clause.base_n) == (Decimal("290.390707"), 340920)
