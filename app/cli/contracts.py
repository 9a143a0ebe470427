"""`flask contracts`: what is agreed with whom, and which days come next."""

from __future__ import annotations

from datetime import date

import click
from rich.console import Console
from rich.table import Table

from app.base import clock
from app.cli.output import json_option, print_json, reading
from app.judgement.contracts import queries


@click.group("contracts")
def group() -> None:
    """What is agreed with suppliers: contracts, and the days that come next."""


@group.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List the contracts with their next days, by supplier."""
    with reading() as session:
        rows = queries.contract_rows(session, clock.today())
    if as_json:
        print_json({"on": clock.today().isoformat(), "contracts": [_told(row) for row in rows]})
        return
    table = Table("contract", "supplier", "status", "notice by", "bound until", "", box=None)
    for row in rows:
        table.add_row(
            row.label, row.supplier_name, row.contract.status, _day(row.running.notice_by) or "",
            _day(row.running.committed_until) or "",
            "renewal overlooked" if row.is_overlooked else "",
        )  # fmt: skip
    Console().print(table)


def _told(row: queries.ContractRow) -> dict[str, object]:
    terms = row.terms
    return {
        "number": row.contract.number, "title": terms.title, "id": str(row.contract.public_id),
        "supplier": {"number": row.supplier_number, "name": row.supplier_name,
                     "id": str(row.supplier_public_id)},
        "status": row.contract.status,
        "value": None if terms.value is None else f"{terms.value:f}", "currency": terms.currency,
        "starts_on": _day(terms.starts_on), "ends_on": _day(terms.ends_on),
        "auto_renew": terms.auto_renew, "our_notice_days": terms.our_notice_days,
        "notice_by": _day(row.running.notice_by),
        "their_notice_by": _day(row.running.their_notice_by),
        "committed_until": _day(row.running.committed_until),
        "is_overlooked": row.is_overlooked,
    }  # fmt: skip


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
