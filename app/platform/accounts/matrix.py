"""The matrix of access: which role holds which permission, reaches what, and reads which field.

Reads `matrix.toml`, the one source, and answers from it. Knows no database: whose roles are
meant is the caller's to say.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal

FILE = Path(__file__).with_name("matrix.toml")
PUBLIC = "public"
SYSTEM = "system"
EVERY_FIELD = "*"
# Methods that go with GET: they answer no more than it does.
IMPLIED_METHODS = frozenset({"HEAD", "OPTIONS"})
Way = Literal["read", "write"]


class MatrixError(RuntimeError):
    """The matrix and the application disagree; the message says what to write where."""


class For(StrEnum):
    """Whose a role is; the sets never mix in one account."""

    INTERNAL = "internal"
    SUPPLIER = "supplier"
    MACHINE = "machine"


class Extent(StrEnum):
    """How far a role reaches: `house` is all or own, as the house has set it."""

    NOTHING = "nothing"
    OWN = "own"
    HOUSE = "house"
    ALL = "all"


class Fields(StrEnum):
    """Which fields a role gets of an entity that names no list for it."""

    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class RoleRules:
    """What a role is: its title, what it does in words, its permissions and its reach."""

    name: str
    title: str
    does: str
    whose: For
    reads: Extent
    writes: Extent
    fields: Fields
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class FieldRules:
    """Which fields of an entity roles read and write, and which nobody ever does."""

    never: frozenset[str]
    read: Mapping[str, frozenset[str]]
    write: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The whole file. `routes` maps an endpoint to method → permission; `programs` are the
    endpoints that take a service token."""

    roles: Mapping[str, RoleRules]
    routes: Mapping[str, Mapping[str, str]]
    programs: frozenset[str]
    fields: Mapping[str, FieldRules]

    @property
    def permissions(self) -> frozenset[str]:
        """Every permission that some role holds."""
        return frozenset().union(*(rules.permissions for rules in self.roles.values()))

    def holds(self, roles: Iterable[str], permission: str) -> bool:
        """Tell whether one of the roles holds the permission."""
        return any(permission in self.roles[role].permissions for role in roles)

    def fields_of(
        self, entity: str, roles: Iterable[str], way: Way, every: Iterable[str]
    ) -> frozenset[str]:
        """Return which of `every` field of an entity the roles together read or write."""
        known = frozenset(every)
        rules = self.fields.get(entity, FieldRules(frozenset(), {}, {}))
        lists = rules.read if way == "read" else rules.write
        found: frozenset[str] = frozenset()
        for role in roles:
            found |= self._fields_of_role(role, lists, known)
        return found - rules.never

    def _fields_of_role(
        self, role: str, lists: Mapping[str, frozenset[str]], known: frozenset[str]
    ) -> frozenset[str]:
        if role == SYSTEM:
            return known
        named = lists.get(role)
        if named is None:
            return known if self.roles[role].fields is Fields.ALL else frozenset()
        return known if EVERY_FIELD in named else named & known


@cache
def matrix() -> Matrix:
    """Return the matrix, read once."""
    return read(FILE.read_text(encoding="utf-8"))


def read(text: str) -> Matrix:
    """Return the matrix that a text in TOML describes; raises MatrixError for what it can't be."""
    try:
        content = tomllib.loads(text)
        return Matrix(
            roles={name: _role(name, said) for name, said in content["roles"].items()},
            routes=content["routes"],
            programs=frozenset(content["programs"]["endpoints"]),
            fields={name: _field_rules(said) for name, said in content["fields"].items()},
        )
    except (tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise MatrixError(f"matrix.toml can't be read: {error}") from error


def check_routes(declared: Mapping[str, Mapping[str, str]], *, against: Matrix) -> None:
    """Raise MatrixError unless views and matrix name the same endpoints, methods, permissions."""
    wrong = [
        f'add under [routes]: "{endpoint}" = {_inline(methods)}'
        for endpoint, methods in sorted(declared.items())
        if against.routes.get(endpoint) != methods
    ]
    wrong += [
        f'remove from [routes]: "{endpoint}"; there is no such view'
        for endpoint in sorted(set(against.routes) - set(declared))
    ]
    wrong += [
        f'remove from [programs]: "{endpoint}"; there is no such view'
        for endpoint in sorted(against.programs - set(declared))
    ]
    used = {permission for methods in declared.values() for permission in methods.values()}
    wrong += [
        f"give permission {permission!r} to a role; no one holds it"
        for permission in sorted(used - against.permissions - {PUBLIC})
    ]
    if wrong:
        raise MatrixError("matrix.toml and the views disagree:\n  " + "\n  ".join(wrong))


def check_fields(columns: Mapping[str, Iterable[str]], *, against: Matrix) -> None:
    """Raise MatrixError where the matrix names an entity, field or role that does not exist."""
    wrong = []
    for entity, rules in against.fields.items():
        if entity not in columns:
            wrong.append(f"[fields.{entity}]: there is no such table")
            continue
        named = rules.never.union(*rules.read.values(), *rules.write.values()) - {EVERY_FIELD}
        strange = named - frozenset(columns[entity])
        wrong += [f"[fields.{entity}]: there is no column {name!r}" for name in sorted(strange)]
        roles = (set(rules.read) | set(rules.write)) - set(against.roles)
        wrong += [f"[fields.{entity}]: there is no role {name!r}" for name in sorted(roles)]
    if wrong:
        raise MatrixError("matrix.toml names what does not exist:\n  " + "\n  ".join(wrong))


def _inline(methods: Mapping[str, str]) -> str:
    said = ", ".join(f'{method} = "{name}"' for method, name in sorted(methods.items()))
    return f"{{ {said} }}"


def _role(name: str, said: Mapping[str, Any]) -> RoleRules:  # Any: TOML's values
    return RoleRules(
        name=name,
        title=said["title"],
        does=said["does"],
        whose=For(said["for"]),
        reads=Extent(said["reads"]),
        writes=Extent(said["writes"]),
        fields=Fields(said["fields"]),
        permissions=frozenset(said["permissions"]),
    )


def _field_rules(said: Mapping[str, Any]) -> FieldRules:  # Any: as above
    def lists(way: str) -> dict[str, frozenset[str]]:
        return {role: frozenset(names) for role, names in said.get(way, {}).items()}

    return FieldRules(frozenset(said.get("never", ())), lists("read"), lists("write"))
