"""Risk meetings as people read them."""

from __future__ import annotations

from app.reviews.meetings.agenda import Section
from app.reviews.meetings.models import CommitmentState, MeetingState

SECTION_WORDS = {
    Section.COMMITMENTS: "Still owed from earlier meetings",
    Section.HIGH: "New or changed high risks",
    Section.OVERDUE: "Overdue actions",
    Section.ACCEPTANCES: "Acceptances that end",
    Section.DRIFTED: "Ratings that data contradict",
    Section.REVIEWS: "Reviews due",
    Section.ALERTS: "Alerts left open",
}
STATE_WORDS = {
    MeetingState.PLANNED: ("info", "planned"),
    MeetingState.HELD: ("watch", "held, minutes open"),
    MeetingState.CLOSED: ("good", "closed"),
}
COMMITMENT_WORDS = {
    CommitmentState.OPEN: ("info", "open"),
    CommitmentState.DONE: ("good", "done"),
    CommitmentState.DROPPED: ("none", "dropped"),
}
