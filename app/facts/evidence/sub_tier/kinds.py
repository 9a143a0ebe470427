"""What a name upstream can be the name of."""

from __future__ import annotations

from enum import StrEnum


class SpellingKind(StrEnum):
    """What a name is the name of."""

    COMPANY = "company"
    PLANT = "plant"
    MATERIAL = "material"
