"""Events as sentences: who did what to which object."""

from __future__ import annotations

from collections.abc import Mapping

from app.platform.audit import marking
from app.platform.audit.queries import Difference, EventRow

# What somebody did, before the object's name; an act without words is named as it is.
ACTS = {
    "create": "added",
    "change": "changed",
    "delete": "removed",
    "import.stage": "read the file of",
    "import.hold": "was asked how to read the file of",
    "import.publish": "published",
    "import.undo": "took back",
    "import.discard": "discarded",
    "demo.load": "loaded the demo company as",
    "demo.remove": "removed the demo company,",
    "job.request": "asked for",
    "person.erase": "erased",
    "person.disable": "switched off",
    "role.grant": "granted a role:",
    "role.revoke": "took a role away:",
    "supplier.block": "blocked",
    "supplier.unblock": "unblocked",
}
NOUNS = {
    "source_batch": "import",
    "schedule_line": "order line",
    "purchase_order": "order",
    "job_run": "run",
}
SOURCES = {
    "ui": "pages",
    "api": "API",
    "import": "import",
    "job": "job",
    "cli": "command line",
    "migration": "migration",
}
FEW = 3


def sentence(row: EventRow, labels: Mapping[tuple[str, str], str]) -> str:
    """Return an event in one sentence, without its values."""
    act = ACTS.get(row.action)
    done = act if act is not None else f"did “{row.action}” on"
    return f"{done} {thing(row, labels)}"


def thing(row: EventRow, labels: Mapping[tuple[str, str], str]) -> str:
    """Return what an event is about: the noun, and the name where it has one."""
    label = labels.get((row.entity, row.entity_id)) or _label_in(row)
    return f"{noun(row.entity)} {label or '#' + row.entity_id}"


def noun(entity: str) -> str:
    """Return what one of an entity is called."""
    mark = marking.mark_of(entity)
    return mark.noun if mark is not None else NOUNS.get(entity, entity.replace("_", " "))


def in_short(differences: tuple[Difference, ...]) -> str:
    """Return the first fields of a change in one line."""
    told = [f"{field_words(each.name)} {_moved(each)}" for each in differences[:FEW]]
    more = len(differences) - FEW
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


def field_words(name: str) -> str:
    """Return a field's name as words."""
    return name.removesuffix("_id").replace("_", " ")


def _moved(each: Difference) -> str:
    if each.before and each.after:
        return f"{each.before} → {each.after}"
    return each.after or f"{each.before} → nothing"


def _label_in(row: EventRow) -> str | None:
    """Return the name that an event itself tells, for an object that is gone."""
    mark = marking.mark_of(row.entity)
    for each in row.differences:
        if mark is not None and each.name == mark.label:
            return each.before or each.after
    return None
