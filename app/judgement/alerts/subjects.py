"""Every subject of the house by its id, in the order in which people choose."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.judgement.alerts import date_subjects, measure_subjects, neighbours, sign_subjects
from app.judgement.alerts.catalogue import Subject

ALL: Mapping[str, Subject] = MappingProxyType(
    {
        each.id: each
        for each in (
            *measure_subjects.SUBJECTS,
            *sign_subjects.SUBJECTS,
            *date_subjects.SUBJECTS,
            *neighbours.SUBJECTS,
        )
    }
)


def subject_of(subject_id: str) -> Subject | None:
    """Return a subject; None where nobody tells of it any more."""
    return ALL.get(subject_id)
