"""Statements by hand, proxies beside them, and what the index makes of both."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.base.db import Database
from app.base.errors import Conflict, InvalidInput, NotFound
from app.calc.financial import AltmanModel, AltmanZone
from app.calc.financial_proxy import ProxyKind
from app.facts.evidence import queries as evidence
from app.facts.evidence.finance import queries, services
from app.facts.evidence.finance.services import Told
from app.facts.suppliers.models import Supplier
from app.judgement.risk_index import dimensions
from app.judgement.risk_index import queries as risks
from app.judgement.risk_index.explanations import sentence
from app.platform.audit.models import AuditEvent
from app.platform.audit.services import ReasonNeeded
from app.platform.records.models import Attachment
from tests.builders import facts
from tests.conftest import NOW, TODAY

REASON = "the auditor corrected the balance sheet"
# X1 0.10, X2 0.20, X3 0.13, X4 30/60: Z″ 2.7066, the shared oracle.
FIGURES = {
    "working_capital": Decimal(10), "total_assets": Decimal(100), "retained_earnings": Decimal(20),
    "ebit": Decimal(13), "book_value_equity": Decimal(30), "total_liabilities": Decimal(60),
}  # fmt: skip


def told(year: int = 2025, **figures: Decimal | None) -> Told:
    return Told(date(year, 12, 31), "EUR", "Annual report", FIGURES | figures)


def other(session: Session, **given: object) -> Supplier:
    return facts.supplier(session, **({"financial_kind": "other"} | given))


def financial(session: Session, of: Supplier, as_of: date = TODAY) -> dimensions.Dimension:
    card = risks.risk_card(session, of.id, as_of).card
    return next(each for each in card.dimensions if each.id == "financial")


def test_a_statement_is_entered_once_a_year(database: Database) -> None:
    with database.transaction() as session:
        of = other(session)
        services.enter_statement(session, of.id, told())
        with pytest.raises(Conflict, match="of 31 Dec 2025 is there already"):
            services.enter_statement(session, of.id, told())
        (row,) = queries.statements_of(session, of.id)
        assert (row.version, row.figures["ebit"], row.figures["sales"]) == (1, Decimal(13), None)
        found = financial(session, of)
        assert found.inputs["score"] == pytest.approx(2.7066, abs=1e-9)
        assert found.inputs["zone"] == "safe"


def test_what_cannot_be_is_refused_and_what_may_be_negative_is_not(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = other(session)
        for wrong, said in (
            (told(total_assets=Decimal(0)), "they lie above 0"),
            (told(total_liabilities=Decimal(-1)), "Total liabilities: −1.00 is below 0"),
            (told(2026), "lies after today"),
            (Told(date(1969, 12, 31), "EUR", "x", FIGURES), "lies before 1970"),
            (Told(date(2025, 12, 31), "EUR", "x", dict.fromkeys(FIGURES)), "No figure is given"),
        ):
            with pytest.raises(InvalidInput, match=said):
                services.enter_statement(session, of.id, wrong)
        services.enter_statement(session, of.id, told(retained_earnings=Decimal(-20)))
        assert financial(session, of).inputs["score"] == pytest.approx(2.7066 - 1.304, abs=1e-9)


def test_without_liabilities_the_score_is_undefined_not_infinite(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of = other(session)
        services.enter_statement(session, of.id, told(total_liabilities=Decimal(0)))
        found = financial(session, of)
        assert (found.risk, found.reason) == (None, "liabilities_not_positive")


def test_a_correction_needs_a_reason_and_the_log_keeps_what_stood_before(
    sqlite_only: Database,
) -> None:
    with sqlite_only.transaction() as session:
        of = other(session)
        services.enter_statement(session, of.id, told())
        day, better = date(2025, 12, 31), told(ebit=Decimal(9))
        with pytest.raises(ReasonNeeded):
            services.amend_statement(session, of.id, day, better, version=1, reason="x")
    with sqlite_only.transaction() as session:
        services.amend_statement(session, of.id, day, better, version=1, reason=REASON)
    with sqlite_only.transaction() as session:
        with pytest.raises(Conflict, match="changed while you were correcting it"):
            services.amend_statement(session, of.id, day, told(), version=1, reason=REASON)
        change = session.scalars(
            select(AuditEvent).where(
                AuditEvent.entity == "financial_statement", AuditEvent.action == "change"
            )
        ).one()
        assert change.reason == REASON
        stood, stands = (
            json.loads(text or "{}") for text in (change.before_json, change.after_json)
        )
        assert (Decimal(stood["ebit"]), Decimal(stands["ebit"])) == (Decimal(13), Decimal(9))


def test_evidence_is_a_file_of_this_supplier(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of, foreign = other(session), other(session)
        ids = [_file(session, each.id) for each in (of, foreign)]
        with pytest.raises(NotFound):
            services.enter_statement(
                session, of.id, Told(date(2025, 12, 31), "EUR", "x", FIGURES, ids[1])
            )
        services.enter_statement(
            session, of.id, Told(date(2025, 12, 31), "EUR", "x", FIGURES, ids[0])
        )
        assert queries.statements_of(session, of.id)[0].evidence_file == ids[0]


def _file(session: Session, supplier_id: int) -> UUID:
    public_id = uuid4()
    session.add(
        Attachment(
            public_id=public_id, entity="supplier", entity_id=supplier_id,
            supplier_id=supplier_id, display_name="balance.pdf", media_type="application/pdf",
            sha256="0" * 64, size=1, uploaded_by="test", uploaded_at=NOW,
        )
    )  # fmt: skip
    session.flush()
    return public_id


def test_the_emerging_market_form_stands_in_for_z2_only(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of, maker = other(session), other(session, financial_kind="private_manufacturer")
        for each in (of, maker):
            services.enter_statement(session, each.id, told(sales=Decimal(100)))
            services.set_market(session, each.id, is_emerging=True, reason=REASON)
        assert financial(session, of).inputs["model"] == AltmanModel.EM
        assert financial(session, of).inputs["score"] == pytest.approx(5.9566, abs=1e-9)
        assert financial(session, maker).inputs["model"] == AltmanModel.Z1


def test_a_proxy_speaks_only_where_no_statement_counts(database: Database) -> None:
    with database.transaction() as session:
        of = other(session)
        _declare(session, of, ProxyKind.PAYMENT, "30")
        stands_in = financial(session, of)
        assert (stands_in.risk, stands_in.reason) == (60.0, None)
        assert (stands_in.inputs["lower"], stands_in.inputs["upper"]) == (40.0, 80.0)
        assert "payment behaviour, days beyond terms, “30” of 1 Oct 2026" in sentence(stands_in)
        services.enter_statement(session, of.id, told(2023))
        assert financial(session, of).risk == 60.0
        services.enter_statement(session, of.id, told(2025))
        newest = financial(session, of)
        assert "proxy" not in newest.inputs
        # Between the safe cut 2.60 at 25 and 4.60 at 5: 25 − 20·0.1066/2.
        assert newest.risk == pytest.approx(23.934, abs=1e-9)


def test_a_proxy_serves_a_bank_and_an_unknown_kind_and_raises_no_floor(
    sqlite_only: Database,
) -> None:
    with sqlite_only.transaction() as session:
        for kind in ("financial_institution", None):
            of = other(session, financial_kind=kind)
            _declare(session, of, ProxyKind.RATING, "D")
            assert financial(session, of).risk == 100.0
            read = risks.gather(session, TODAY, supplier_ids=[of.id])
            told, _ = dimensions.financial((), kind=kind, as_of=TODAY, beside=read.beside[of.id])
            facts_of_floors = dimensions.floor_facts(told.inputs, dimensions.dependency([]).inputs)
            assert facts_of_floors.is_in_distress is None


def test_a_withdrawn_proxy_counts_nowhere_and_cannot_be_withdrawn_twice(
    sqlite_only: Database,
) -> None:
    with sqlite_only.transaction() as session:
        of, foreign = other(session), other(session)
        proxy = _declare(session, of, ProxyKind.RATING, "BB")
        with pytest.raises(Conflict, match="is declared already"):
            _declare(session, of, ProxyKind.RATING, "B")
        with pytest.raises(NotFound):
            services.withdraw_proxy(session, foreign.id, proxy, reason=REASON)
        services.withdraw_proxy(session, of.id, proxy, reason=REASON)
        assert financial(session, of).risk is None
        with pytest.raises(Conflict, match="withdrawn already"):
            services.withdraw_proxy(session, of.id, proxy, reason=REASON)
        _declare(session, of, ProxyKind.RATING, "B")
        assert financial(session, of).risk == 65.0


def _declare(session: Session, of: Supplier, kind: ProxyKind, observed: str) -> UUID:
    return services.declare_proxy(
        session, of.id, kind=kind, observed=observed, observed_on=date(2026, 10, 1),
        source="Bureau", note=None,
    ).public_id  # fmt: skip


def test_a_zone_drop_is_found_once_it_came_in(sqlite_only: Database) -> None:
    with sqlite_only.transaction() as session:
        of, steady = other(session), other(session)
        for each, ebit in ((of, 0), (steady, 13)):
            services.enter_statement(session, each.id, told(2024))
            services.enter_statement(session, each.id, told(2025, ebit=Decimal(ebit)))
        (drop,) = queries.financial_zone_drops(session, since=TODAY)
        assert (drop.supplier_id, drop.zone_before, drop.zone) == (
            of.id, AltmanZone.SAFE, AltmanZone.GREY,
        )  # fmt: skip
        assert drop.score == pytest.approx(1.833, abs=1e-9)
        assert queries.financial_zone_drops(session, since=date(2026, 11, 22)) == []
        assert queries.financial_zone_drops(session, since=TODAY, as_of=date(2025, 6, 1)) == []
        # By July 2027 the statement is stale: no news.
        assert queries.financial_zone_drops(session, since=TODAY, as_of=date(2027, 7, 1)) == []


def test_a_merged_supplier_s_statements_are_those_of_the_one_it_went_into(
    sqlite_only: Database,
) -> None:
    with sqlite_only.transaction() as session:
        of, gone = other(session), other(session)
        services.enter_statement(session, gone.id, told())
        gone.effective_supplier_id = of.id
        session.flush()
        assert list(evidence.statements(session, as_of=TODAY)) == [of.id]
        assert len(queries.statements_of(session, of.id)) == 1
