"""The default scoring method: weights, anchors and bands as shipped.

Content, not code: a house publishes its own version of it. Rule, tested: a measure exactly
on its target earns at least 90 points, so a supplier that meets every target is an A.
"""

from __future__ import annotations

from app.calc.grading import DEFAULT_BANDS
from app.calc.quality import DEFAULT_LIMIT_PPM
from app.calc.scoring import Anchors, ScoredMeasure, ScoringMethod

PERCENT = 100

OTIF_ANCHORS = Anchors(((80, 0), (90, 50), (95, 90), (98, 100)), scale=PERCENT)
LTV_DAYS_ANCHORS = Anchors(((0, 100), (2, 90), (5, 50), (10, 0)))
LTV_CV_ANCHORS = Anchors(((5, 100), (15, 90), (30, 50), (60, 0)), scale=PERCENT)
DISRUPTIONS_ANCHORS = Anchors(((0, 100), (1, 50), (3, 0)))
PPM_ANCHORS = Anchors(((0, 100), (1, 90), (2, 75), (5, 40), (10, 0)), relative_to_limit=True)
LOT_ACCEPT_ANCHORS = Anchors(((90, 0), (100, 100)), scale=PERCENT)
SCAR_ANCHORS = Anchors(((50, 0), (95, 100)), scale=PERCENT)
PRICE_ANCHORS = Anchors(((0, 100), (5, 0)), scale=PERCENT)
INVOICE_ANCHORS = Anchors(((90, 0), (99, 100)), scale=PERCENT)
ACK_HOURS_ANCHORS = Anchors(((24, 100), (48, 80), (120, 0)))
READINESS_ANCHORS = Anchors(((0, 0), (80, 90), (100, 100)))

DEFAULT_METHOD = ScoringMethod(
    measures=(
        ScoredMeasure("otif", "otif_line", "delivery", 25, OTIF_ANCHORS, target=95),
        ScoredMeasure("ltv_A", "ltv_A", "delivery", 5, LTV_DAYS_ANCHORS, target=2),
        ScoredMeasure("disruptions", "disruptions", "delivery", 5, DISRUPTIONS_ANCHORS, target=0),
        ScoredMeasure(
            "ppm", "ppm", "quality", 20, PPM_ANCHORS, target=1, default_limit=DEFAULT_LIMIT_PPM
        ),
        ScoredMeasure("lot_accept", "lot_accept", "quality", 5, LOT_ACCEPT_ANCHORS, target=99),
        ScoredMeasure("scar", "scar_ontime", "quality", 10, SCAR_ANCHORS, target=95),
        ScoredMeasure("price", "price_variance", "commercial", 10, PRICE_ANCHORS, target=0),
        ScoredMeasure("invoice", "invoice_accuracy", "commercial", 5, INVOICE_ANCHORS, target=99),
        ScoredMeasure("service", "ack_hours", "service", 10, ACK_HOURS_ANCHORS, target=24),
        ScoredMeasure("readiness", "readiness", "continuity", 5, READINESS_ANCHORS, target=80),
    ),
    bands=DEFAULT_BANDS,
)
"""Delivery 35, quality 35, commercial 15, service 10, continuity 5 (domain rules §4.1–4.2).

`disruptions` counts line stops and premium freight that the supplier caused; `ppm` is read
in multiples of its limit (contract, else segment, else 50); `price_variance` is paid over
contract price − 1; `ack_hours` the hours to acknowledge an order.
"""
