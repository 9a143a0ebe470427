"""Row scope: what an actor doesn't reach is not there. One hook on the session, for all models.

Every mapped class says how it hangs on a supplier (`__scope__ = scope.of_supplier()`) or why it
doesn't. The session of an actor who doesn't reach everything adds the matching condition to
every select, update and delete, checks what a flush writes and every row it refers to, and
refuses statements that it can't narrow: Core tables, text, rows inserted in bulk. Sessions of
actors who reach everything are left alone and cost nothing.
"""

from app.base.scope.session import (
    is_limited,
    limit,
    narrowed,
    out_of_reach,
    readable_ids,
    require_writable,
    tables_of_suppliers,
    unscoped,
    writable_ids,
)
from app.base.scope.ties import (
    Tie,
    UnscopedStatement,
    inside,
    named_by,
    of_supplier,
    open_to_all,
    owned,
    shared,
    the_supplier,
    through,
    ties,
    use,
)

__all__ = [
    "Tie",
    "UnscopedStatement",
    "inside",
    "is_limited",
    "limit",
    "named_by",
    "narrowed",
    "of_supplier",
    "open_to_all",
    "out_of_reach",
    "owned",
    "readable_ids",
    "require_writable",
    "shared",
    "tables_of_suppliers",
    "the_supplier",
    "through",
    "ties",
    "unscoped",
    "use",
    "writable_ids",
]
