"""Reads of roles and tokens: who holds what now, what was given and taken, by whom."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, column, func, or_, select, table
from sqlalchemy.orm import Session

from app.base import clock, scope
from app.base.errors import NotFound
from app.platform.accounts.grant_models import ApiToken, Role, RoleGrant
from app.platform.accounts.models import User
from app.platform.accounts.roles import Held

# Tables of features above, known by name: who is below which category, merged into whom.
_category = table("category", column("id"), column("parent_id"), column("name"))
_supplier = table(
    "supplier", column("id"), column("effective_supplier_id"), column("number"), column("name")
)
_site = table("site", column("id"), column("name"), column("owner_key"))
OWN_SITE = 0
WHY = "what a scope names is looked up before, or for, nobody's reach"


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A grant as the people page shows it; scope in words."""

    id: int
    public_id: uuid.UUID
    user_id: int
    role: str
    category: str | None
    site: str | None
    supplier: str | None
    object_types: tuple[str, ...] | None
    value_limit: Decimal | None
    limit_currency: str | None
    from_on: date
    until_on: date | None
    reason: str
    granted_by: str
    granted_at: datetime
    is_independent: bool | None
    revoked_by: str | None
    revoked_at: datetime | None
    revoked_because: str | None

    def is_held(self, on: date) -> bool:
        """Tell whether the grant is in force on a day."""
        is_over = self.until_on is not None and self.until_on < on
        return self.revoked_at is None and self.from_on <= on and not is_over


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A service token as its page shows it; never the token."""

    public_id: uuid.UUID
    name: str
    hint: str
    scopes: tuple[str, ...]
    made_by: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    last_used_from: str | None
    revoked_by: str | None
    revoked_at: datetime | None
    revoked_because: str | None

    def is_good(self, at: datetime) -> bool:
        """Tell whether the token still opens anything."""
        return self.revoked_at is None and self.expires_at > at


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a scope may name."""

    id: int
    name: str


def in_force(on: date) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a grant is in force on a day."""
    return (
        RoleGrant.revoked_at.is_(None),
        RoleGrant.from_on <= on,
        or_(RoleGrant.until_on.is_(None), RoleGrant.until_on >= on),
    )


def held_by(session: Session, user_id: int) -> tuple[Held, ...]:
    """Return the roles that an account holds today, with their scopes looked up."""
    return held_by_all(session, [user_id]).get(user_id, ())


def held_by_all(
    session: Session, user_ids: Collection[int] | None = None
) -> dict[int, tuple[Held, ...]]:
    """Return the roles held today by account (None: of all accounts)."""
    statement = select(RoleGrant).where(*in_force(clock.today())).order_by(RoleGrant.id)
    if user_ids is not None:
        statement = statement.where(RoleGrant.user_id.in_(user_ids))
    found: dict[int, list[Held]] = defaultdict(list)
    for grant in session.scalars(statement):
        found[grant.user_id].append(_held(session, grant))
    return {user_id: tuple(held) for user_id, held in found.items()}


def holders_of(session: Session, role: Role) -> list[int]:
    """Return the active accounts that hold a role today."""
    return list(
        session.scalars(
            select(User.id)
            .where(
                User.is_active,
                User.id.in_(
                    select(RoleGrant.user_id).where(
                        RoleGrant.role == role, *in_force(clock.today())
                    )
                ),
            )
            .order_by(User.id)
        )
    )


def grants_of(session: Session, user_id: int) -> list[GrantRow]:
    """Return what an account was ever given, the newest first."""
    return _grant_rows(session, RoleGrant.user_id == user_id)


def all_grants(session: Session) -> list[GrantRow]:
    """Return every grant in force today."""
    return _grant_rows(session, *in_force(clock.today()))


def grant_by_public_id(session: Session, public_id: uuid.UUID) -> GrantRow:
    """Return one grant, or raise NotFound."""
    found = _grant_rows(session, RoleGrant.public_id == public_id)
    if not found:
        raise NotFound("E-ACC-03", "There is no such role.")
    return found[0]


def tokens(session: Session) -> list[TokenRow]:
    """Return all service tokens, the newest first."""
    rows = session.scalars(select(ApiToken).order_by(ApiToken.id.desc()))
    return [token_row(row) for row in rows]


def categories(session: Session) -> list[Choice]:
    """Return the categories that a buyer may be given."""
    with scope.unscoped(session, WHY):
        rows = session.execute(select(_category.c.id, _category.c.name).order_by(_category.c.name))
        return [Choice(*row) for row in rows]


def own_sites(session: Session) -> list[Choice]:
    """Return the house's own sites."""
    statement = select(_site.c.id, _site.c.name).where(_site.c.owner_key == OWN_SITE)
    with scope.unscoped(session, WHY):
        rows = session.execute(statement.order_by(_site.c.name))
        return [Choice(*row) for row in rows]


def supplier_numbered(session: Session, number: str) -> int:
    """Return the supplier with this number; raises NotFound."""
    with scope.unscoped(session, WHY):
        found = session.scalar(select(_supplier.c.id).where(_supplier.c.number == number.strip()))
    if found is None:
        raise NotFound("E-ACC-04", f"There is no supplier with the number {number!r}.")
    return int(found)


def below(session: Session, category_id: int) -> frozenset[int]:
    """Return a category with all categories below it."""
    tree = select(_category.c.id).where(_category.c.id == category_id).cte(recursive=True)
    # UNION, not UNION ALL: a circle by mistake must end too.
    tree = tree.union(select(_category.c.id).join(tree, _category.c.parent_id == tree.c.id))
    with scope.unscoped(session, WHY):
        return frozenset(session.scalars(select(tree.c.id)))


def with_merged(session: Session, supplier_id: int) -> frozenset[int]:
    """Return a supplier with those that were merged into it."""
    goes_by = func.coalesce(_supplier.c.effective_supplier_id, _supplier.c.id)
    with scope.unscoped(session, WHY):
        merged = session.scalars(select(_supplier.c.id).where(goes_by == supplier_id))
        return frozenset(merged) | {supplier_id}


def _held(session: Session, grant: RoleGrant) -> Held:
    return Held(
        role=grant.role,
        supplier_ids=None if grant.supplier_id is None else with_merged(session, grant.supplier_id),
        category_ids=None if grant.category_id is None else below(session, grant.category_id),
        site_ids=None if grant.site_id is None else frozenset({grant.site_id}),
        object_types=None if grant.object_types is None else frozenset(grant.object_types),
        value_limit=grant.value_limit,
        limit_currency=grant.limit_currency,
        until_on=grant.until_on,
    )


def _grant_rows(session: Session, *where: ColumnElement[bool]) -> list[GrantRow]:
    statement = (
        select(
            RoleGrant,
            _category.c.name.label("category"),
            _site.c.name.label("site"),
            _supplier.c.name.label("supplier"),
        )
        .outerjoin(_category, _category.c.id == RoleGrant.category_id)
        .outerjoin(_site, _site.c.id == RoleGrant.site_id)
        .outerjoin(_supplier, _supplier.c.id == RoleGrant.supplier_id)
        .where(*where)
        .order_by(RoleGrant.id.desc())
    )
    with scope.unscoped(session, WHY):
        return [
            _grant_row(grant, category, site, supplier)
            for grant, category, site, supplier in session.execute(statement)
        ]


def _grant_row(
    grant: RoleGrant, category: str | None, site: str | None, supplier: str | None
) -> GrantRow:
    types = grant.object_types
    return GrantRow(
        id=grant.id,
        public_id=grant.public_id,
        user_id=grant.user_id,
        role=grant.role,
        category=category,
        site=site,
        supplier=supplier,
        object_types=None if types is None else tuple(types),
        value_limit=grant.value_limit,
        limit_currency=grant.limit_currency,
        from_on=grant.from_on,
        until_on=grant.until_on,
        reason=grant.reason,
        granted_by=grant.granted_by,
        granted_at=grant.granted_at,
        is_independent=grant.is_independent,
        revoked_by=grant.revoked_by,
        revoked_at=grant.revoked_at,
        revoked_because=grant.revoked_because,
    )


def token_row(row: ApiToken) -> TokenRow:
    """Return a token as its page shows it."""
    return TokenRow(
        public_id=row.public_id,
        name=row.name,
        hint=row.hint,
        scopes=tuple(row.scopes),
        made_by=row.made_by,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        last_used_from=row.last_used_from,
        revoked_by=row.revoked_by,
        revoked_at=row.revoked_at,
        revoked_because=row.revoked_because,
    )
