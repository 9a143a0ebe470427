"""The pages of delivery rules: list, one, add, another version, end. Each change is confirmed
with the number of lines that it judges again, which a job then does."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session

from app.base import clock, db
from app.base.errors import AppError
from app.base.web.access import current_actor, requires
from app.base.web.errors import STATUS_OF_KIND
from app.base.web.exports import Sheet, exported
from app.base.web.lists import Filter, ListShape, ListState, Pages, read_list
from app.facts.deliveries.lines.line_words import EVENT_WORDS
from app.facts.deliveries.rules import keeping, queries, rejudging, wording
from app.facts.deliveries.rules.forms import EndForm, RuleForm, TermsForm
from app.facts.deliveries.rules.keeping import Kept
from app.facts.deliveries.rules.queries import RuleRow
from app.facts.deliveries.rules.reach import count_lines

blueprint = Blueprint("rules", __name__, url_prefix="/rules")

VIEW, EDIT = "suppliers.view", "rules.edit"
STATE_WORDS = {
    "held": ("good", "holds"), "coming": ("info", "coming"), "ended": ("none", "ended"),
}  # fmt: skip
SHAPE = ListShape(
    sorts={"name": False, "whose": False, "from": True},
    default="name",
    filters=(
        Filter("scope", "For", {str(each): words for each, words in wording.SCOPE_WORDS.items()}),
        Filter("state", "State", {each: words for each, (_, words) in STATE_WORDS.items()}),
    ),
)
Write = Callable[[Session], Kept]


@blueprint.get("/")
@requires(VIEW)
def index() -> Response:
    """List the rules."""
    state, today = read_list(SHAPE), clock.today()
    with db.reading() as session:
        rules = _listed(queries.rule_rows(session), state)
    if state.export:
        return exported(_sheet(rules), state.export)
    shown = rules[state.offset : state.offset + state.size]
    return make_response(
        render_template(
            "rules/index.html",
            state=state,
            pages=Pages(state, len(rules)),
            rules=shown,
            today=today,
            state_words=STATE_WORDS,
            words=wording,
        )
    )


@blueprint.get("/<uuid:public_id>")
@requires(VIEW)
def show(public_id: UUID) -> str:
    """Show one rule in words."""
    with db.reading() as session:
        rule = queries.rule_row(session, public_id)
        others = [each for each in queries.rule_rows(session) if each.label == rule.label]
    return render_template(
        "rules/show.html",
        rule=rule,
        others=others,
        is_newest=rule == others[0],
        state=STATE_WORDS[rule.state_on(clock.today())],
        words=wording,
        event_words=EVENT_WORDS,
    )


@blueprint.get("/new")
@requires(EDIT)
def new() -> str:
    """Ask for a rule."""
    return render_template("rules/new.html", form=RuleForm(formdata=None))


@blueprint.post("/new")
@requires(EDIT)
def add() -> Response:
    """Add a rule, once its consequence is confirmed."""
    form = RuleForm()
    return _changed(
        form,
        lambda session: keeping.add(session, form.label.data or "", form.place(), form.draft()),
        asked=lambda: render_template("rules/new.html", form=form),
        title="Add the rule",
    )


@blueprint.get("/<uuid:public_id>/version")
@requires(EDIT)
def version(public_id: UUID) -> str:
    """Ask for what another version of a rule says."""
    form = TermsForm(formdata=None)
    with db.reading() as session:
        rule = queries.rule_row(session, public_id)
    form.show(rule)
    form.valid_from.data, form.valid_to.data = clock.today(), rule.valid_to
    return render_template("rules/version.html", form=form, rule=rule)


@blueprint.post("/<uuid:public_id>/version")
@requires(EDIT)
def follow(public_id: UUID) -> Response:
    """Let another version begin, once its consequence is confirmed."""
    form, rule = TermsForm(), _rule(public_id)
    return _changed(
        form,
        lambda session: keeping.follow(session, public_id, form.draft()),
        asked=lambda: render_template("rules/version.html", form=form, rule=rule),
        title=f"Another version of “{rule.label}”",
    )


@blueprint.get("/<uuid:public_id>/end")
@requires(EDIT)
def ask_end(public_id: UUID) -> str:
    """Ask for a rule's last day."""
    return render_template("rules/end.html", form=EndForm(formdata=None), rule=_rule(public_id))


@blueprint.post("/<uuid:public_id>/end")
@requires(EDIT)
def end(public_id: UUID) -> Response:
    """End or withdraw a rule, once its consequence is confirmed."""
    form, rule = EndForm(), _rule(public_id)
    last_day = form.last_day

    def write(session: Session) -> Kept:
        if last_day is None:
            return keeping.withdraw(session, public_id)
        return keeping.end(session, public_id, on=last_day)

    return _changed(
        form,
        write,
        asked=lambda: render_template("rules/end.html", form=form, rule=rule),
        title=f"{'Withdraw' if last_day is None else 'End'} “{rule.name}”",
    )


def _rule(public_id: UUID) -> RuleRow:
    with db.reading() as session:
        return queries.rule_row(session, public_id)


def _changed(
    form: TermsForm | EndForm, write: Write, *, asked: Callable[[], str], title: str
) -> Response:
    """Do a change that was confirmed; show what it would do before."""
    if not form.validate():
        return make_response(asked(), 422)
    try:
        if not form.confirmed.data:
            kept, lines = _tried(write)
            return make_response(_confirmation(form, kept, title, lines))
        with db.transaction() as session:
            kept = write(session)
            by = current_actor().name
            run_id = rejudging.ask_for(session, kept.reach, what=_what(kept), by=by)
    except AppError as error:
        form.form_errors.append(error.message)
        return make_response(asked(), STATUS_OF_KIND[error.kind])
    flash(f"{title}: done.")
    if run_id is None:
        return make_response(redirect(url_for("rules.index"), 303))
    back = url_for("rules.index")
    return make_response(redirect(url_for("jobs.show", run_id=run_id, back=back), 303))


def _tried(write: Write) -> tuple[Kept, int]:
    """Return what a change would do, with nothing of it kept."""
    with db.transaction() as session:
        kept = write(session)
        lines = count_lines(session, kept.reach)
        session.rollback()
    return kept, lines


def _confirmation(form: TermsForm | EndForm, kept: Kept, title: str, lines: int) -> str:
    hidden = [
        (field.name, field.data)
        for field in form
        if field.name not in ("confirmed", "csrf_token") and field.data not in (None, False, "")
    ]
    return render_template(
        "rules/confirm.html",
        title=title,
        lines=lines,
        fields=[(name, "y" if value is True else value) for name, value in hidden],
        name=kept.name,
    )


def _what(kept: Kept) -> str:
    """Name the run: the same change asked for twice is one."""
    return f"{kept.name}, at {clock.now():%Y-%m-%d %H:%M:%S}"


def _listed(rules: list[RuleRow], state: ListState) -> list[RuleRow]:
    keys: dict[str, Callable[[RuleRow], str]] = {
        "name": lambda rule: rule.label.lower(),
        "whose": lambda rule: rule.whose.lower(),
        "from": lambda rule: "" if rule.valid_from is None else rule.valid_from.isoformat(),
    }
    scopes, states = state.values("scope"), state.values("state")
    today = clock.today()
    kept = [
        rule
        for rule in rules
        if (not scopes or rule.scope in scopes) and (not states or rule.state_on(today) in states)
    ]
    return sorted(kept, key=keys[state.sort], reverse=state.is_falling)


def _sheet(rules: list[RuleRow]) -> Sheet:
    heads = [
        ("rule", "Rule"), ("for", "For"), ("orders_from", "Orders from"), ("orders_to", "To"),
        ("date", "Date"), ("window", "Window"), ("tolerance", "Tolerance"),
        ("splits_allowed", "Splits allowed"), ("accepted_only", "Accepted goods only"),
    ]  # fmt: skip
    rows = [
        [
            rule.name, rule.whose, rule.valid_from, rule.valid_to,
            wording.REFERENCE_WORDS[rule.reference], wording.window_words(rule.terms),
            wording.tolerance_words(rule.terms.under_millionths, rule.terms.over_millionths),
            "yes" if rule.terms.may_split else "no",
            "yes" if rule.terms.accepted_only else "no",
        ]
        for rule in rules
    ]  # fmt: skip
    return Sheet("delivery-rules", heads, rows)
