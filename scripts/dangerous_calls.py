"""Find calls that turn text into code: SQL, templates, markup, shell, objects. Own rules.

    python scripts/dangerous_calls.py          prints one line per finding, ends with 1 if any

A line that is right all the same carries the rule's name and the reason in a comment:

    cursor.execute(f"PRAGMA cache_size={SIZE}")  # allowed: built-sql: a constant of ours

An AST walk of our own, because the general tools for this weigh 290 MB installed and pin two
dozen packages; offline by nature. `tests/architecture/test_dangerous_calls.py` shows for
every rule what it finds and what it lets through.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Not the benchmark and the revisions: their statements are made of their own words, and no
# request reaches them.
PYTHON = ("app", "scripts")
ALLOWED = re.compile(r"#\s*allowed:\s*([a-z-]+):\s*(\S.{7,})")
RUNS_SQL = {"execute", "executemany", "exec_driver_sql", "executescript", "scalars", "scalar"}
RUNS_CODE = {"eval", "exec", "compile", "__import__"}
SHELLS = {("os", "system"), ("os", "popen"), ("subprocess", "getoutput"),
          ("subprocess", "getstatusoutput")}  # fmt: skip
UNPACKS = {"pickle", "cPickle", "marshal", "shelve", "dill", "jsonpickle"}
WEAK = {("hashlib", "md5"), ("hashlib", "sha1")}

TEMPLATE_RULES = {
    "unescaped": re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE),
    "inline-script": re.compile(r"<script(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']", re.IGNORECASE),
    "inline-style": re.compile(r"<style\b|\sstyle\s*=\s*[\"']", re.IGNORECASE),
}
SCRIPT_RULES = {
    "markup-from-text": re.compile(
        r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|srcdoc)\b|document\.write"
    ),
    "code-from-text": re.compile(
        r"\beval\s*\(|new\s+Function\s*\(|set(?:Timeout|Interval)\s*\(\s*[\"'`]"
    ),
    "kept-in-browser": re.compile(r"\b(?:local|session)Storage\b|indexedDB"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A place, the rule it breaks, and the line."""

    path: str
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.text.strip()[:100]}"


def main() -> int:
    """Print the findings; return 1 if there is any."""
    found = list(findings(ROOT))
    for finding in found:
        print(finding)
    print(f"{len(found)} dangerous calls.")
    return 1 if found else 0


def findings(root: Path) -> Iterator[Finding]:
    """Yield what breaks a rule in the house below `root`."""
    for folder in PYTHON:
        for path in sorted((root / folder).rglob("*.py")):
            yield from in_python(path.read_text(encoding="utf-8"), str(path.relative_to(root)))
    for path in (root / "config.py", root / "wsgi.py"):
        yield from in_python(path.read_text(encoding="utf-8"), path.name)
    for path in sorted((root / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"} and "pdf" not in path.parts:
            yield from in_lines(path, root, TEMPLATE_RULES)
    for path in sorted((root / "templates" / "pdf").rglob("*.html")):
        # On paper styles stand in the page; no script runs there.
        yield from in_lines(path, root, {"unescaped": TEMPLATE_RULES["unescaped"]})
    for path in sorted((root / "app" / "base" / "static").rglob("*.js")):
        yield from in_lines(path, root, SCRIPT_RULES)


def in_lines(path: Path, root: Path, rules: dict[str, re.Pattern[str]]) -> Iterator[Finding]:
    """Yield what breaks a rule in a template or a script."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for rule, pattern in rules.items():
            if pattern.search(line):
                yield Finding(str(path.relative_to(root)), number, rule, line)


def in_python(source: str, name: str) -> Iterator[Finding]:
    """Yield what breaks a rule in a Python file, but for lines that say why they may."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        for rule in rules_broken_by(node):
            first, last = node.lineno, node.end_lineno or node.lineno  # type: ignore[attr-defined] # expressions and imports have both
            around = lines[max(0, first - 2) : last]
            if not any(is_allowed(line, rule) for line in around):
                yield Finding(name, first, rule, lines[first - 1])


def is_allowed(line: str, rule: str) -> bool:
    """Tell whether a line says that it breaks a rule on purpose, and why."""
    said = ALLOWED.search(line)
    return said is not None and said.group(1) == rule


def rules_broken_by(node: ast.AST) -> Iterator[str]:
    """Yield the names of the rules that one node breaks."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        names = [alias.name for alias in node.names]
        modules = names if isinstance(node, ast.Import) else [node.module or ""]
        if any(module.partition(".")[0] in UNPACKS for module in modules):
            yield "objects-from-bytes"
    if isinstance(node, ast.Call):
        yield from _rules_broken_by_call(node)


def _rules_broken_by_call(call: ast.Call) -> Iterator[str]:
    owner, name = _name_of(call.func)
    first = call.args[0] if call.args else None
    if (name in RUNS_SQL or (name == "text" and owner in (None, "sa", "sqlalchemy"))) and (
        first is not None and _is_built(first)
    ):
        yield "built-sql"
    if name in {"Markup", "escape_silent"} and first is not None and not _is_literal(first):
        yield "markup-from-text"
    if name in {"render_template_string", "from_string"}:
        yield "template-from-text"
    if owner is None and name in RUNS_CODE:
        yield "code-from-text"
    if (owner, name) in SHELLS or any(
        word.arg == "shell" and getattr(word.value, "value", True) for word in call.keywords
    ):
        yield "shell"
    if name in {"format", "format_map"} and not _has_literal_owner(call.func):
        yield "format-of-text"
    if owner == "yaml" and name in {"load", "load_all", "unsafe_load", "full_load"}:
        yield "objects-from-bytes"
    if (owner, name) in WEAK:
        yield "weak-hash"


def _name_of(called: ast.expr) -> tuple[str | None, str]:
    """Return what is called: the name before the dot, if it is a plain one, and the name."""
    if isinstance(called, ast.Name):
        return None, called.id
    if isinstance(called, ast.Attribute):
        owner = called.value
        return (owner.id if isinstance(owner, ast.Name) else "…"), called.attr
    return None, ""


def _is_literal(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant)


def _is_built(value: ast.expr) -> bool:
    """Whether a text is put together from parts that are not all written there."""
    if isinstance(value, ast.JoinedStr):
        parts = [part.value for part in value.values if isinstance(part, ast.FormattedValue)]
        return not all(_is_constant(part) for part in parts)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Mod):
        return not (_is_literal(value.left) and _is_literal(value.right))
    if isinstance(value, ast.Call):
        return _name_of(value.func)[1] in {"format", "join", "replace"}
    return False


def _has_literal_owner(called: ast.expr) -> bool:
    """Whether `.format` is called on a text written there, or on a constant of the module."""
    if not isinstance(called, ast.Attribute):
        # A function called `format`: no method of a text.
        return True
    owner = called.value
    if isinstance(owner, ast.Subscript):
        owner = owner.value
    return _is_literal(owner) or _is_constant(owner)


def _is_constant(value: ast.expr) -> bool:
    """Whether a name is written as a constant of a module is."""
    if isinstance(value, ast.Attribute):
        return value.attr.isupper()
    return isinstance(value, ast.Name) and value.id.isupper()


if __name__ == "__main__":
    sys.exit(main())
