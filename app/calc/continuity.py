"""Continuity of supply: how ready a supplier's plan is, and whether its times agree.

Readiness is a rubric of 100 points in eight parts; each says what it earns and why. Missing
is None: a part that nobody knows earns nothing, and says so apart from one that earns zero.
"""

from __future__ import annotations

from enum import StrEnum


class ExerciseKind(StrEnum):
    """How a plan is exercised, the least first."""

    NOTIFICATION = "notification"
    WALKTHROUGH = "walkthrough"
    TABLETOP = "tabletop"
    FUNCTIONAL = "functional"
    FULL = "full"


class Topic(StrEnum):
    """What a supplier is asked about its continuity."""

    EXISTS = "exists"
    COVERS = "covers"
    TESTED = "tested"
    TARGETS = "targets"


class Answer(StrEnum):
    """What it answers."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
