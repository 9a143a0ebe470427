"""What other features let be watched, each registered by one line.

The place for dates and breaches that stand in tables of their own: zone drops of annual
statements, breaches of concentration, certificates, requalifications, acceptances of risk,
plans. Each is a `Subject` over a query that tells of all suppliers at once:

    Subject("date:certificate", "Certificate, days to its end", Unit.DAYS, Group.DATE,
            certificates.days_left, low_is_bad=True, endpoint="overview.supplier_facts"),

The presets that wait for one of these ids (`presets.py`) show as soon as it is here.
"""

from __future__ import annotations

from app.judgement.alerts.catalogue import Subject

SUBJECTS: tuple[Subject, ...] = ()
