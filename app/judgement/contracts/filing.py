"""Files what a list says of contracts: as drafts beside what stands, and takes it back.

A contract that nobody knows is opened with a first draft; a draft is written; of one that is
in force an amendment is begun. Nothing here submits, and nothing takes force.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.base import clock
from app.base.db import Base
from app.base.errors import Conflict
from app.calc.contract_dates import NoticeKind
from app.facts.suppliers.models import Supplier, SupplierKind
from app.judgement.contracts import drafting, services
from app.judgement.contracts.models import (
    Contract,
    ContractKind,
    ContractStatus,
    ContractTerms,
    TermsState,
)
from app.judgement.contracts.values import (
    Problem,
    TermsRefused,
    TermsSaid,
    check_terms,
)
from app.platform.imports.kinds import Counts
from app.platform.imports.problems import Code
from app.platform.sources import images
from app.platform.sources.models import BeforeImage

Ids = Mapping[str, Mapping[tuple[str, ...], int]]
ContractKey = tuple[int | None, str]
HEAD = tuple(TermsSaid.__dataclass_fields__)
# What a new version of the terms can't be without.
NEEDED = ("title", "our_party", "their_party", "currency", "starts_on")
ASKED_AT_ONCE = 1_000
T = TypeVar("T")


class Act(StrEnum):
    """What a row does."""

    OPEN = "open"
    WRITE = "write"
    AMEND = "amend"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says: whose contract, and the columns of its terms that the file gives."""

    key: ContractKey
    columns: Mapping[str, Any]  # Any: a column's value


@dataclass(frozen=True, slots=True)
class Stands:
    """What stands of a contract: the version being worked on, else the newest agreed.

    agreed: what an amendment follows, None while nothing was approved.
    """

    contract: Contract
    terms: ContractTerms
    waits: bool
    agreed: ContractTerms | None


@dataclass(frozen=True, slots=True)
class Step:
    """What filing a row means, or why it can't be."""

    act: Act
    key: ContractKey
    terms: TermsSaid | None
    stands: Stands | None = None
    problems: tuple[Problem, ...] = ()


def steps_of(session: Session, said: Sequence[Said]) -> list[Step]:
    """Return for each row what filing it would do, beside what stands."""
    keys = [each.key for each in said]
    stands, ours = _standing(session, keys), _own_warehouses(session, keys)
    return [_step(each, stands.get(each.key), is_ours=each.key[0] in ours) for each in said]


def count(counts: Counts, step: Step) -> None:
    """Count a step among new, changed and unchanged contracts."""
    if step.act is Act.OPEN:
        counts.new += 1
    elif step.act is Act.NOTHING:
        counts.unchanged += 1
    else:
        counts.changed += 1


def publish(session: Session, batch_id: int, said: Sequence[Said]) -> Counts:
    """Write the drafts that the rows stand for; raises Conflict where one can't be by now."""
    counts = Counts()
    for step in steps_of(session, said):
        if step.problems:
            raise Conflict(
                Code.BATCH_STATE,
                f"Contract {step.key[1]}: {step.problems[0].message} It changed since the"
                " preview; send the file again.",
            )
        _file(session, batch_id, step)
        count(counts, step)
    return counts


def undo(session: Session, batch_id: int) -> None:
    """Take a batch's drafts back; Conflict where somebody went on with one of them."""
    rows = session.execute(
        select(BeforeImage.row_id, BeforeImage.before).where(
            BeforeImage.batch_id == batch_id,
            BeforeImage.table_name == ContractTerms.__tablename__,
        )
    ).all()
    _refuse_if_used(session, batch_id)
    for row_id, before in rows:
        terms = session.get(ContractTerms, row_id)
        contract = None if terms is None else session.get(Contract, terms.contract_id)
        if terms is None or contract is None:
            raise Conflict(Code.UNDO, "A draft of it was dropped since. Drop the others by hand.")
        after = _version_after(terms, before)
        if terms.version != after or terms.state not in drafting.OPEN:
            raise Conflict(
                Code.UNDO,
                f"Contract {contract.number} was changed or submitted since. Undo the later"
                " import, or mend it by hand.",
            )
        if before is None:
            drafting.discard(session, contract, seen_version=terms.version)
    images.restore(session, batch_id, Base.metadata.tables[ContractTerms.__tablename__])
    session.expire_all()


def _file(session: Session, batch_id: int, step: Step) -> None:
    said, stands = step.terms, step.stands
    if said is None or step.act is Act.NOTHING:
        return
    if stands is None:
        supplier_id, number = step.key
        contract = services.open_contract(session, supplier_id or 0, number, said)
        terms = drafting.version_of(session, contract, 1)
        _note(session, batch_id, contract)
        _note(session, batch_id, terms)
        return
    seen = stands.terms.version
    session.refresh(stands.contract, with_for_update=True)
    session.refresh(stands.terms)
    if step.act is Act.AMEND:
        why = f"Import #{batch_id} says something else."
        terms = drafting.amend(session, stands.contract, reason=why)
        _note(session, batch_id, terms)
        seen = terms.version
    else:
        terms = stands.terms
        table = Base.metadata.tables[ContractTerms.__tablename__]
        one = select(table.c.id).where(table.c.id == terms.id)
        images.remember(session, batch_id, table, one, clock.now())
    drafting.write_terms(session, stands.contract, said, seen_version=seen)


def _note(session: Session, batch_id: int, row: Any) -> None:  # Any: a mapped row
    images.remember_inserted(session, batch_id, row.__tablename__, [row.id], clock.now())


def _version_after(terms: ContractTerms, before: Mapping[str, Any] | None) -> int:
    """Return the count of changes that the import left: an amendment was begun and written."""
    if before is not None:
        return int(before["version"]) + 1
    return 1 if terms.sequence == 1 else 2


def _refuse_if_used(session: Session, batch_id: int) -> None:
    table = Base.metadata.tables[Contract.__tablename__]
    for name, number in images.foreign_uses(session, batch_id, table):
        if name != ContractTerms.__tablename__:
            raise Conflict(
                Code.UNDO,
                f"{number:,} rows of {name.replace('_', ' ')} hang on contracts of #{batch_id}."
                " Take those out first.",
            )


def _step(said: Said, stands: Stands | None, *, is_ours: bool) -> Step:
    terms = _terms_said(said, stands)
    if stands is not None and terms is not None and terms == _now(stands, terms):
        return Step(Act.NOTHING, said.key, terms, stands)
    problems = [*_refusals(said, stands, terms, is_ours=is_ours), *_faults(terms, stands)]
    if stands is None:
        act = Act.OPEN
    else:
        act = Act.WRITE if stands.terms.state in drafting.OPEN else Act.AMEND
    return Step(act, said.key, terms, stands, tuple(problems))


def _terms_said(said: Said, stands: Stands | None) -> TermsSaid | None:
    """Return the head of the terms as the file wants it; None where what it needs is missing."""
    values = {} if stands is None else {name: getattr(stands.terms, name) for name in HEAD}
    values |= {name: value for name, value in said.columns.items()
               if value is not None or name not in NEEDED}  # fmt: skip
    if stands is None:
        values.setdefault("kind", ContractKind.OTHER)
        values.setdefault("notice_kind", NoticeKind.CALENDAR)
    if any(values.get(name) is None for name in NEEDED):
        return None
    values["kind"] = ContractKind(values["kind"])
    values["notice_kind"] = NoticeKind(values["notice_kind"])
    return replace(TermsSaid(**values), from_on=_from_on(said, stands, values))


def _from_on(said: Said, stands: Stands | None, values: Mapping[str, Any]) -> Any:  # Any: a day
    """Return from when the terms hold: the first ones from the contract's first day on."""
    if stands is None or (stands.terms.sequence == 1 and stands.terms.state in drafting.OPEN):
        return values["starts_on"]
    given = said.columns.get("from_on")
    if given is not None:
        return given
    if stands.terms.state in drafting.OPEN:
        return stands.terms.from_on
    return max(clock.today(), stands.terms.from_on)


def _now(stands: Stands, wanted: TermsSaid) -> TermsSaid:
    """Return what stands, to be compared; when an amendment would hold is no change by itself."""
    values = {name: getattr(stands.terms, name) for name in HEAD}
    values["kind"] = ContractKind(values["kind"])
    values["notice_kind"] = NoticeKind(values["notice_kind"])
    if stands.terms.state not in drafting.OPEN:
        values["from_on"] = wanted.from_on
    return TermsSaid(**values)


def _refusals(
    said: Said, stands: Stands | None, terms: TermsSaid | None, *, is_ours: bool
) -> Iterator[Problem]:
    key, number = ("contract_no",), said.key[1]
    if is_ours:
        yield Problem("E-CTR-20", ("supplier_no",), "is our own warehouse; it has no contract.")
    if stands is None:
        return
    if stands.contract.status not in (ContractStatus.DRAFT, ContractStatus.ACTIVE):
        yield Problem(
            "E-CTR-22", key, f"{number} is {stands.contract.status}; nothing in it changes."
        )
    elif stands.waits:
        said_so = f"{number} waits for approval. Have that decided or withdrawn first."
        yield Problem("E-CTR-27", key, said_so)
    elif stands.terms.state == TermsState.AGREED:
        yield Problem(
            "E-CTR-23",
            key,
            f"an amendment of {number} begins later. Use its page.",
        )


def _faults(terms: TermsSaid | None, stands: Stands | None) -> Iterable[Problem]:
    if terms is None:
        return ()
    follows = None if stands is None else stands.agreed
    number = "" if stands is None else stands.contract.number
    try:
        check_terms(terms, follows=follows, number=number)
    except TermsRefused as error:
        return error.problems
    return ()


def _standing(session: Session, keys: Sequence[ContractKey]) -> dict[ContractKey, Stands]:
    """Return what stands of the contracts that are known, by supplier and number."""
    wanted, rows = set(keys), defaultdict[ContractKey, list[Any]](list)
    numbers = sorted({number for _, number in keys})
    for some in _slices(numbers):
        found = session.execute(
            select(Contract, ContractTerms)
            .join(ContractTerms, ContractTerms.contract_id == Contract.id)
            .where(
                Contract.number.in_(some),
                or_(
                    ContractTerms.sequence == Contract.sequence,
                    ContractTerms.state.in_((*drafting.OPEN, TermsState.AGREED)),
                ),
            )
            .order_by(ContractTerms.sequence)
        )
        for contract, terms in found:
            if (key := (contract.supplier_id, contract.number)) in wanted:
                rows[key].append((contract, terms))
    return {key: _newest(session, found) for key, found in rows.items()}


def _newest(session: Session, found: Sequence[Any]) -> Stands:
    contract, terms = next(
        (each for each in reversed(found) if each[1].state in drafting.OPEN), found[-1]
    )
    waits = terms.state == TermsState.PROPOSED and drafting.waits(session, terms)
    agreed = [each for _, each in found if each.state not in drafting.OPEN]
    return Stands(contract, terms, waits, max(agreed, key=lambda each: each.from_on, default=None))


def _own_warehouses(session: Session, keys: Sequence[ContractKey]) -> set[int | None]:
    ids = sorted({key[0] for key in keys if key[0] is not None})
    ours = select(Supplier.id).where(Supplier.kind != SupplierKind.SUPPLIER)
    return {
        key for some in _slices(ids) for key in session.scalars(ours.where(Supplier.id.in_(some)))
    }


def _slices(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for first in range(0, len(items), ASKED_AT_ONCE):
        yield items[first : first + ASKED_AT_ONCE]
