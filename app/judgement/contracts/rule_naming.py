"""The delivery rule that an obligation names: it must stand, and be able to judge its lines."""

from __future__ import annotations

import re

from sqlalchemy.orm import Session

from app.facts.deliveries.rules.queries import RuleRow, rule_named
from app.facts.suppliers.queries import heads_of
from app.judgement.contracts.models import Contract
from app.judgement.contracts.values import refused

# As verdicts name a rule: its label and its version.
RULE = re.compile(r".{1,32} v[0-9]{1,6}", re.ASCII)


def rule_to_name(session: Session, contract: Contract, name: str) -> RuleRow:
    """Return the rule that an obligation of a contract names; raises TermsRefused at `rule`."""
    rule = rule_named(session, name) if RULE.fullmatch(name) else None
    if rule is None:
        raise refused(
            "E-CTR-15",
            ("rule",),
            f"There is no delivery rule “{name[:60]}”. Write it down under “Delivery rules” "
            "first, or leave this empty.",
        )
    supplier = heads_of(session, [contract.supplier_id])[contract.supplier_id].number
    is_others = rule.supplier_number not in (None, supplier)
    if is_others or rule.contract not in (None, contract.number):
        raise refused(
            "E-CTR-15",
            ("rule",),
            f"{rule.name} is for {rule.whose}: it judges no line under contract "
            f"{contract.number}. Name another rule, or leave this empty.",
        )
    return rule
