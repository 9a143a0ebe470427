"""Rules to begin with: the early warnings that every house should hear of.

Thresholds are house rules and can be changed by another version of a rule. A preset whose
subject nobody registers waits for it.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.calc.alerting import Limits, Operator
from app.calc.contract_dates import CRITICAL_LADDER
from app.judgement.alerts.models import Severity
from app.judgement.alerts.subjects import ALL as SUBJECTS

BELOW, AT_MOST, ABOVE, AT_LEAST = Operator
WATCH, WARNING, ALARM = Severity
# Dates on a ladder are read from its first rung on; each rung raises anew.
LADDER_FROM = CRITICAL_LADDER[0]


@dataclass(frozen=True, slots=True)
class Preset:
    """A rule ready to be taken in."""

    key: str
    name: str
    subject: str
    limits: Limits
    severity: Severity


def _sign(key: str, name: str, severity: Severity) -> Preset:
    return Preset(key, name, f"sign:{key}", Limits(AT_LEAST, 1, least_n=10), severity)


ALL = (
    Preset("otif_below_sla", "OTIF below the agreed level, two months", "measure:otif_line:month",
           Limits(BELOW, 0.90, clear=0.92, least_n=10, duration=2), ALARM),
    _sign("degradation", "OTIF trend falls", WARNING),
    _sign("out_of_control", "OTIF outside its p-chart", WARNING),
    _sign("ewma", "OTIF drifts (EWMA)", WATCH),
    _sign("cusum", "OTIF drifts (CUSUM)", WATCH),
    _sign("lateness_up", "P90 of lateness up by half", WATCH),
    _sign("ppm_step", "Rejects step up", WARNING),
    _sign("churn_up", "Promise churn up by half", WATCH),
    Preset("past_due", "Past due above 5 % of the open value", "open:past_due_share",
           Limits(ABOVE, 0.05, clear=0.03, least_n=5), WARNING),
    Preset("scar_overdue", "Corrective action overdue", "action:scar_overdue",
           Limits(AT_LEAST, 1, good_to_clear=1), WARNING),
    Preset("scar_repeat", "Corrective action repeats", "action:scar_repeat",
           Limits(AT_LEAST, 1, good_to_clear=1), WARNING),
    Preset("band_up", "Supply risk band up", "index:band_up",
           Limits(AT_LEAST, 1, good_to_clear=1), WARNING),
    Preset("statement_stale", "Annual statement older than 18 months", "date:statement_age",
           Limits(ABOVE, 548, good_to_clear=1), WATCH),
    Preset("standing_ends", "Standing ends within 30 days", "date:standing",
           Limits(AT_MOST, 30, good_to_clear=1), WATCH),
    Preset("exception_ends", "Order exception ends within 30 days", "date:order_exception",
           Limits(AT_MOST, 30, good_to_clear=1), WATCH),
    Preset("event_hit", "Hit by a serious event", "event:hit",
           Limits(AT_LEAST, 2, good_to_clear=1), ALARM),
    Preset("zone_drop", "Altman zone drops", "financial:zone_drop",
           Limits(AT_LEAST, 1, good_to_clear=1), ALARM),
    Preset("concentration", "Concentration above its limit", "concentration:breaches",
           Limits(AT_LEAST, 1, good_to_clear=1), WATCH),
    Preset("notice_deadline", "Notice deadline of a contract", "date:notice",
           Limits(AT_MOST, LADDER_FROM, good_to_clear=1), ALARM),
    Preset("contract_ends", "Contract ends", "date:contract_end",
           Limits(AT_MOST, LADDER_FROM, good_to_clear=1), WARNING),
    Preset("acceptance_ends", "Accepted risk ends", "date:acceptance",
           Limits(AT_MOST, LADDER_FROM, good_to_clear=1), WATCH),
    Preset("risk_action_overdue", "Action against a risk overdue", "action:risk_overdue",
           Limits(AT_LEAST, 1, good_to_clear=1), WARNING),
    Preset("certificate_ends", "Certificate ends", "date:certificate",
           Limits(AT_MOST, LADDER_FROM, good_to_clear=1), WARNING),
    Preset("plan_review", "Review of a continuity plan", "date:review",
           Limits(AT_MOST, LADDER_FROM, good_to_clear=1), WATCH),
    Preset("plan_exercise", "Exercise of a continuity plan", "date:exercise",
           Limits(AT_MOST, LADDER_FROM, good_to_clear=1), WATCH),
)  # fmt: skip


def known() -> tuple[Preset, ...]:
    """Return the presets whose subject is registered."""
    return tuple(each for each in ALL if each.subject in SUBJECTS)
