"""The whole timetable in one table, and jobs that compose siblings.

`JOBS` says what can be run by name and when the clock asks for it. Three doors, one
function: the web button, the command line and the scheduler all call these.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from app.base import clock, db, formatting
from app.base.outbound import origins
from app.calc.periods import parse_period
from app.calc.windows import last_month, last_quarter
from app.facts.deliveries.rules import rejudging
from app.facts.evidence.backup_suppliers import services as backup_suppliers
from app.facts.evidence.screening import running as screening
from app.facts.suppliers.standings import services as standings
from app.judgement.alerts import evaluation, telling
from app.judgement.alerts import warned as alerted
from app.judgement.contracts import events as contract_events
from app.judgement.contracts import services as contract_terms
from app.judgement.fmea.living import escalating, suggesting, warned
from app.judgement.risk_index import ranges
from app.platform.audit.anchoring import anchor_job
from app.platform.jobs.calendar import Daily, Every, Hourly, Monthly, Quarterly
from app.platform.jobs.handle import Run
from app.platform.jobs.table import CatchUp, Job, JobTable, table_of
from app.platform.outbox import webhooks
from app.platform.outbox.sending import send_due
from app.recompute import default_as_of, recompute, recompute_job
from app.reviews.packs.printing import print_packs_job, quarter_packs_job
from app.upkeep import backup_job, housekeeping_job, shorten_log_job
from config import Settings

__all__ = ["JOBS", "default_as_of", "recompute"]

Arguments = dict[str, Any]  # Any: JSON
Progress = Callable[[int, int | None], None]

RECOMPUTE_HOUR = 2


def compose() -> None:
    """Let features hear of those above them: FMEA suggestions of alerts' warning times."""
    warned.hear(alerted.watch)


def load_demo_job(arguments: Arguments, run: Run) -> Arguments:
    """Load the demo company as a job, with its figures as of its last review and of today.

    Arguments: `by` (who asked). Refused beside real users or their data.
    """
    from app.faces.demo import generator
    from app.faces.demo import services as demo

    steps, by = _Steps(run.progress, total=5), arguments.get("by", "job")
    with db.reading() as session:
        demo.check_loadable(session, by=by)
    rows = generator.build()
    steps.done()
    with db.transaction() as session:
        demo.load(session, by=by, rows=rows)
    steps.done()
    recompute(demo.LAST_REVIEW_ON)
    steps.done()
    result = recompute()
    ranges.draw_ranges(demo.LAST_REVIEW_ON)
    ranges.draw_ranges()
    steps.done()
    evaluation.evaluate()
    steps.done()
    return {"summary": result.summary, "links": [{"href": "/", "label": "Look around"}]}


def month_snapshot_job(arguments: Arguments, run: Run) -> Arguments:
    """Publish everybody's cards and indexes as of a month's last day.

    Arguments: `period` (`2026-10`), none for the month that ended last.
    """
    return _snapshot(arguments.get("period") or last_month(_yesterday()), run)


def quarter_snapshot_job(arguments: Arguments, run: Run) -> Arguments:
    """Publish everybody's cards and indexes as of a quarter's last day.

    Arguments: `period` (`2026Q3`), none for the quarter that ended last.
    """
    return _snapshot(arguments.get("period") or last_quarter(_yesterday()), run)


def _snapshot(label: str, run: Run) -> Arguments:
    last = parse_period(label, as_of=date.max).ends_on
    return recompute_job({"as_of": last.isoformat()}, run)


def _yesterday() -> date:
    """The last day that is over: a period that ends today has not ended yet."""
    return clock.last_closed_day()


def webhooks_job(arguments: Arguments, run: Run) -> Arguments:
    """Make the calls of webhooks that are due."""
    sending = webhooks.send_due(origins(Settings.from_env().outbound))
    return {"summary": sending.summary, "rows_out": sending.sent}


def standings_job(arguments: Arguments, run: Run) -> Arguments:
    """Let the status of suppliers follow the standings that hold today."""
    with db.transaction() as session:
        run.guard(session)
        changed = standings.settle_statuses(session, clock.today())
    told = "No standing began or ended."
    if changed:
        told = f"{formatting.count(changed, 'supplier')} changed status with a standing."
    return {"summary": told, "rows_out": changed}


def risk_ranges_job(arguments: Arguments, run: Run) -> Arguments:
    """Draw how far every published index, its rank and its band may stray.

    Arguments: `day` (`2026-10-31`), none for the newest published one.
    """
    asked = arguments.get("day")
    drawn = ranges.draw_ranges(None if asked is None else date.fromisoformat(asked))
    told = f"{formatting.count(drawn, 'range')} drawn."
    return {"summary": told, "rows_out": drawn}


def risk_watch_job(arguments: Arguments, run: Run) -> Arguments:
    """Tell owners of overdue actions, escalate after a week, raise reviews of what ran out."""
    with db.transaction() as session:
        run.guard(session)
        found = escalating.watch(session, clock.today())
    return {"summary": found.words, "rows_out": found.told + found.escalated + found.raised}


def contracts_job(arguments: Arguments, run: Run) -> Arguments:
    """Let agreed terms begin, record renewals that nobody decided on, end what ran out.

    Arguments: `day` (`2026-10-31`), none for today in the house's time zone.
    """
    asked = arguments.get("day")
    today = clock.today() if asked is None else date.fromisoformat(asked)
    with db.transaction() as session:
        run.guard(session)
        begun = contract_terms.begin_agreed(session, today)
        found = contract_events.watch(session, today)
    told = (
        f"{formatting.count(begun, 'amendment')} began, "
        f"{formatting.count(found.rolled_over, 'renewal')} overlooked, {found.ended} ended."
    )
    return {"summary": told, "rows_out": begun + found.rolled_over + found.ended}


def backups_watch_job(arguments: Arguments, run: Run) -> Arguments:
    """Remind owners of backup suppliers whose stage is late or whose rotation is due."""
    with db.transaction() as session:
        run.guard(session)
        told = backup_suppliers.remind(session, clock.today())
    return {"summary": f"{formatting.count(told, 'reminder')} sent.", "rows_out": told}


def risk_quarter_job(arguments: Arguments, run: Run) -> Arguments:
    """Note what the facts suggest at a quarter's end; raise reviews where it drifted.

    Arguments: `period` (`2026Q3`), none for the quarter that ended last.
    """
    label = arguments.get("period") or last_quarter(_yesterday())
    with db.transaction() as session:
        run.guard(session)
        ends_on = parse_period(label, as_of=date.max).ends_on
        noted, raised = suggesting.note_quarter(session, ends_on)
    told = f"{label}: {formatting.count(noted, 'row')} noted, {formatting.count(raised, 'review')}"
    return {"summary": f"{told} raised.", "rows_out": noted + raised}


def outbox_job(arguments: Arguments, run: Run) -> Arguments:
    """Hand waiting messages to the mail server."""
    settings = Settings.from_env()
    sending = send_due(settings.mail, base_url=settings.base_url)
    return {"summary": sending.summary, "rows_out": sending.sent}


JOBS: JobTable = table_of(
    Job(
        "recompute",
        "Recompute everything",
        recompute_job,
        when=Daily(RECOMPUTE_HOUR),
        is_offered=True,
    ),
    Job(
        "month_snapshot",
        "Snapshot of the month",
        month_snapshot_job,
        when=Monthly(day=3, hour=4),
        catch_up=CatchUp.EACH,
        is_offered=True,
    ),
    Job(
        "quarter_snapshot",
        "Snapshot of the quarter",
        quarter_snapshot_job,
        when=Quarterly(day=5, hour=4),
        catch_up=CatchUp.EACH,
        is_offered=True,
    ),
    Job(
        "quarter_packs",
        "Packs of the quarter’s end",
        quarter_packs_job,
        when=Quarterly(day=5, hour=5),
        catch_up=CatchUp.EACH,
        is_offered=True,
    ),
    Job(
        "standings",
        "Let standings begin and end",
        standings_job,
        when=Daily(0, 20),
        is_offered=True,
        is_quick=True,
    ),
    Job(
        "risk_ranges",
        "How sure risk indexes are",
        risk_ranges_job,
        when=Daily(RECOMPUTE_HOUR, 50),
        is_offered=True,
    ),
    Job(
        "risk_watch",
        "Watch actions and acceptances",
        risk_watch_job,
        when=Daily(5, 10),
        is_offered=True,
        is_quick=True,
    ),
    Job(
        "contracts",
        "Watch contracts",
        contracts_job,
        when=Daily(0, 30),
        is_offered=True,
        is_quick=True,
    ),
    Job(
        "backups_watch",
        "Watch backup suppliers",
        backups_watch_job,
        when=Daily(5, 20),
        is_offered=True,
        is_quick=True,
    ),
    Job(
        "risk_quarter",
        "Compare ratings with the facts",
        risk_quarter_job,
        when=Quarterly(day=6, hour=4),
        catch_up=CatchUp.EACH,
        is_offered=True,
    ),
    Job(
        screening.JOB,
        "Screen suppliers against sanctions lists",
        screening.screening_job,
        when=Hourly(40),
        is_offered=True,
    ),
    Job("backup", "Back up", backup_job, when=Daily(1), is_offered=True),
    Job("housekeeping", "Housekeeping", housekeeping_job, when=Daily(3, 30), is_offered=True),
    Job("outbox", "Send mail", outbox_job, when=Every(60), is_offered=True, is_quick=True),
    Job(
        "audit_anchor",
        "Anchor the audit log",
        anchor_job,
        when=Hourly(),
        is_offered=True,
        is_quick=True,
    ),
    Job(
        "shorten_log",
        "Write the database’s log back",
        shorten_log_job,
        when=Hourly(30),
        is_quick=True,
    ),
    Job("alerts", "Judge the alert rules", evaluation.evaluate_job, when=Daily(3), is_offered=True),
    Job("alerts_tell", "Tell of alerts", telling.tell_job, when=Every(600), is_quick=True),
    Job(
        "alerts_digest",
        "Digests of alerts",
        telling.digest_job,
        when=Daily(6),
        is_offered=True,
        is_quick=True,
    ),
    Job("webhooks", "Call webhooks", webhooks_job, when=Every(60), is_offered=True, is_quick=True),
    Job("packs", "Print packs", print_packs_job),
    Job(rejudging.JOB, "Judge lines again", rejudging.judge_again_job),
    Job("load_demo", "Load the demo company", load_demo_job, attempts=1),
)


class _Steps:
    """Counts finished steps for whoever watches."""

    def __init__(self, progress: Progress | None, *, total: int) -> None:
        self._progress, self._total, self._count = progress, total, 0

    def done(self) -> None:
        self._count += 1
        if self._progress is not None:
            self._progress(self._count, self._total)
