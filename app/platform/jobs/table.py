"""A job as the timetable writes it down: name, function, when, what to do about missed periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.platform.jobs.calendar import When
from app.platform.jobs.ledger import MOST_ATTEMPTS
from app.platform.jobs.working import Function

LOOK_BACK = timedelta(days=35)


class CatchUp(StrEnum):
    """What becomes of periods that passed while nothing ran.

    latest: the newest run covers them. each: every one is made up for, up to the look-back.
    """

    LATEST = "latest"
    EACH = "each"


@dataclass(frozen=True, slots=True)
class Job:
    """A job that can be run by name.

    title: what it does, for people. when: None for what only people ask for. look_back: how
    far `each` makes up for missed periods; those before are listed as skipped. slice_size: how
    many items the job takes at a time. attempts: how often it is tried. is_offered: may be
    started from the page of jobs. is_quick: short and often, not to wait behind long work.
    """

    name: str
    title: str
    function: Function
    when: When | None = None
    catch_up: CatchUp = CatchUp.LATEST
    look_back: timedelta = LOOK_BACK
    slice_size: int | None = None
    attempts: int = MOST_ATTEMPTS
    is_offered: bool = False
    is_quick: bool = False


# Job name → job, in the order in which people read them.
JobTable = Mapping[str, Job]


def table_of(*jobs: Job) -> dict[str, Job]:
    """Return a table of these jobs; a name may stand in it once."""
    found = {job.name: job for job in jobs}
    if len(found) != len(jobs):
        raise ValueError("two jobs of one name")
    return found
