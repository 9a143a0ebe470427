"""Whatever is sent to whichever address: never a 500, never more than was asked for.

The walks are complete by construction: addresses come from the application's map, names of
parameters from what each page asks for, names of fields from the source.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import AnyConverter, Rule

from tests.web_app import Visitor

ROOT = Path(__file__).resolve().parents[2]
FIELD = re.compile(
    r"""form\.get(?:list)?\(\s*["'](\w+)["']|^    (\w+) = \w*Field\(""", re.MULTILINE
)
LIST_PARAMETERS = {"page", "size", "sort", "q", "format"}
# What is decided before a statement is made; the other walks put every page to both engines.
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NUMBERS = [
    "9223372036854775808", "-9223372036854775809", "-1", "1e308", "1e999", "NaN", "Infinity",
    "0x10", "1_000", "²", "١٢", "", " ", "9" * 400,
]  # fmt: skip
TEXTS = ["((((a+)+)+)+$", "%_\\", "a\0b", "\ud7ff\U0010ffff", "'; --", "x" * 5_000, "/etc/passwd"]
# These end the session of who walks, or hand somebody's account out.
ENDING = re.compile(r"sign_out|session|password|disable|dismiss|end_|erase")


def source() -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "app").rglob("*.py"))
    )


@cache
def fields() -> list[str]:
    return sorted({first or second for first, second in FIELD.findall(source())})


def rules(app: Flask, method: str) -> list[Rule]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or set())
        and rule.endpoint != "static"
        # Health says 503 where the house is not well, and it says so to everybody.
        and not rule.rule.startswith(("/healthz", "/readyz", "/metrics"))
    ]


def address(app: Flask, rule: Rule, number: int = 0) -> str:
    """An address of the rule whose objects don't exist."""
    values: dict[str, object] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        if isinstance(converter, AnyConverter):
            values[name] = min(converter.items)
            continue
        kind = type(converter).__name__
        values[name] = {"RowKey": number, "UUIDConverter": UUID(int=number)}.get(kind, "x")
    adapter = app.url_map.bind("localhost")
    built = adapter.build(rule.endpoint, values, method=None, force_external=False)
    assert isinstance(built, str)
    return built


def names_object(rule: Rule) -> bool:
    """Tell whether an address names an object, not only one of a few kinds."""
    return any(not isinstance(each, AnyConverter) for each in rule._converters.values())


def bad(browser: Visitor, path: str, **given: Any) -> list[tuple[str, int]]:
    answer = browser.client.open(path, buffered=True, **given)
    return [(path[:200], answer.status_code)] if answer.status_code >= 500 else []


def test_the_walk_knows_the_fields_that_the_source_reads() -> None:
    assert {"email", "password", "reason", "file", "tolerate"} <= set(fields())


class Asked(ImmutableMultiDict[str, str]):
    """Parameters of an address that note which names a page asks for."""

    names: ClassVar[set[str]] = set()

    def get(self, key: str, *given: Any, **named: Any) -> Any:  # Any: as the library's own
        """Note the name."""
        self.names.add(key)
        return super().get(key, *given, **named)

    def getlist(self, key: str, *given: Any) -> list[Any]:
        """Note the name."""
        self.names.add(key)
        return super().getlist(key, *given)

    def __getitem__(self, key: str) -> Any:
        self.names.add(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.names.add(str(key))
        return super().__contains__(key)


def test_no_parameter_of_any_page_is_an_error_of_ours(
    app: Flask, insider: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.request_class, "parameter_storage_class", Asked)
    found: list[tuple[str, int]] = []
    tried: set[str] = set()
    for rule in rules(app, "GET"):
        if rule.arguments or ENDING.search(rule.endpoint):
            continue
        Asked.names.clear()
        found += bad(insider, rule.rule)
        done: set[str] = set()
        # What one parameter says may make the page ask for another.
        while names := sorted(Asked.names - done):
            for name in names:
                values = [*NUMBERS[:2], *TEXTS[1:4]] if name in LIST_PARAMETERS else NUMBERS[3:4]
                for value in values:
                    found += bad(insider, rule.rule, query_string={name: value})
            done |= set(names)
        tried |= done
    assert found == []
    assert {*LIST_PARAMETERS, "window", "state"} <= tried


def test_an_object_that_can_not_be_is_not_there(app: Flask, insider: Visitor) -> None:
    found = []
    for rule in rules(app, "GET"):
        if not names_object(rule) or ENDING.search(rule.endpoint):
            continue
        for number in (0, 1, 2**31, 2**63 - 1, 2**63, 2**64):
            kinds = {type(rule._converters[name]).__name__ for name in rule.arguments}
            if number >= 2**63 and "RowKey" in kinds:
                path = re.sub(r"<int:\w+>", str(number), rule.rule)
                path = re.sub(r"<uuid:\w+>", str(UUID(int=1)), path)
                path = re.sub(r"<\w+>", "x", path)
            else:
                path = address(app, rule, number)
            answer = insider.get(path)
            if answer.status_code not in (200, 302, 303, 400, 403, 404):
                found.append((path, answer.status_code))
            if number > 1 and answer.status_code == 200:
                found.append((path, 200))
    assert found == []


def test_no_field_of_any_form_is_an_error_of_ours(app: Flask, insider: Visitor) -> None:
    token = insider.token()
    found = []
    for rule in rules(app, "POST"):
        if ENDING.search(rule.endpoint):
            continue
        for value in [*NUMBERS[:1], *NUMBERS[3:4], *TEXTS[2:3]]:
            body = dict.fromkeys(fields(), value) | {"csrf_token": token}
            found += bad(insider, address(app, rule), method="POST", data=body)
    assert found == []


@pytest.mark.parametrize("name", ["page", "size", "sort", "q", "format"])
def test_the_same_parameter_twice_is_refused(app: Flask, insider: Visitor, name: str) -> None:
    for path in ("/suppliers/", "/imports/", "/jobs/"):
        assert (path, insider.get(f"{path}?{name}=1&{name}=2").status_code) == (path, 400)


@ON_SQLITE
def test_trace_is_answered_nowhere(app: Flask, insider: Visitor) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        path = address(app, rule)
        answer = insider.client.open(path, method="TRACE", headers={"Sec-Fetch-Site": "none"})
        assert (path, answer.status_code in (400, 404, 405)) == (path, True)
        assert "Sec-Fetch-Site" not in answer.text


@ON_SQLITE
def test_head_is_get_without_a_body(app: Flask, insider: Visitor) -> None:
    for rule in rules(app, "GET"):
        if rule.arguments or ENDING.search(rule.endpoint):
            continue
        head = insider.client.head(rule.rule)
        assert (rule.rule, head.data) == (rule.rule, b"")
        assert head.status_code == insider.get(rule.rule).status_code


@ON_SQLITE
@pytest.mark.parametrize(
    "path",
    [
        "/%252e%252e%252fetc/passwd", "/static/%252e%252e%252f%252e%252e%252fconfig.py",
        "/static/..%2f..%2f..%2fconfig.py", "/static/../../../config.py",
        "/static/..\\..\\config.py",
        "/static//etc/passwd", "/static/%00", "/.git/config", "/suppliers/%2e%2e/%2e%2e/config.py",
        "/imports/templates/..%2f..%2fconfig.py", "/imports/templates/%252e%252e",
    ],
)  # fmt: skip
def test_an_address_is_decoded_once_and_leads_nowhere_else(insider: Visitor, path: str) -> None:
    answer = insider.get(path)
    assert answer.status_code in (301, 302, 308, 404)
    assert "SettingsError" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize("text", ["((((a+)+)+)+$", "a" * 200 + "!", "%" * 200, "_" * 200])
def test_a_search_text_is_no_expression(app: Flask, insider: Visitor, text: str) -> None:
    for path in ("/search", "/suppliers/"):
        assert insider.get(path, query_string={"q": text}).status_code == 200


@ON_SQLITE
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(100_000))),
            id="fields",
        ),
        pytest.param(("application/x-www-form-urlencoded", b"a=" + b"x" * 10_000_000), id="10 MB"),
        pytest.param(
            (
                "multipart/form-data; boundary=x",
                b"".join(
                    b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n1\r\n'
                    for _ in range(15_000)
                )
                + b"--x--\r\n",
            ),
            id="parts",
        ),
        pytest.param(
            (
                "multipart/form-data; boundary=x",
                b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n'
                + b"x" * 600_000
                + b"\r\n--x--\r\n",
            ),
            id="one large part",
        ),
    ],
)
def test_a_body_of_too_much_is_refused_at_every_door(
    app: Flask, insider: Visitor, body: tuple[str, bytes]
) -> None:
    kind, content = body
    refused = set()
    for rule in rules(app, "POST"):
        if ENDING.search(rule.endpoint):
            continue
        path = address(app, rule)
        answer = insider.client.post(path, data=content, content_type=kind)
        # Some doors ask for the token before they look at anything else.
        assert (path, answer.status_code in (400, 401, 413)) == (path, True)
        refused.add(answer.status_code)
    assert 413 in refused, "no door refused it for its size"


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
def test_every_export_is_a_download_of_its_type(app: Flask, insider: Visitor, kind: str) -> None:
    types = {
        "csv": "text/csv",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "json": "application/json",
    }
    exports = set()
    for rule in rules(app, "GET"):
        if rule.arguments or ENDING.search(rule.endpoint):
            continue
        answer = insider.get(f"{rule.rule}?format={kind}")
        if answer.mimetype == types[kind] and answer.status_code == 200:
            exports.add(rule.endpoint)
            assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "no-store"
    assert {"overview.portfolio", "imports.index"} <= exports
