"""The own rules against text that becomes code: the house obeys, and each rule can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import dangerous_calls

ROOT = Path(__file__).resolve().parents[2]

BREACHES = {
    'session.execute(text(f"SELECT {x}"))': "built-sql",
    'text("SELECT " + name)': "built-sql",
    'sa.text("SELECT %s" % name)': "built-sql",
    'connection.execute("DELETE FROM a WHERE b = %s" % value)': "built-sql",
    'cursor.execute("SELECT {}".format(value))': "built-sql",
    'cursor.executemany(f"INSERT INTO {table}", rows)': "built-sql",
    "Markup(name)": "markup-from-text",
    'markupsafe.Markup(f"<b>{name}</b>")': "markup-from-text",
    "render_template_string(text)": "template-from-text",
    "environment.from_string(text)": "template-from-text",
    "eval(text)": "code-from-text",
    "exec(text)": "code-from-text",
    "__import__(name)": "code-from-text",
    "subprocess.run(command, shell=True)": "shell",
    "subprocess.run(command, shell=flag)": "shell",
    "os.system(command)": "shell",
    "name.format(x=1)": "format-of-text",
    "row.greeting.format_map(facts)": "format-of-text",
    "yaml.load(text)": "objects-from-bytes",
    "import pickle": "objects-from-bytes",
    "from pickle import loads": "objects-from-bytes",
    "hashlib.md5(content)": "weak-hash",
    "hashlib.sha1(content)": "weak-hash",
}
HARMLESS = (
    'session.execute(text("SELECT 1"))',
    'cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")',
    "session.execute(select(User).where(User.id == key))",
    'Markup("&nbsp;")',
    "subprocess.run(command, shell=False)",
    '"{} of {}".format(a, b)',
    "SENTENCE.format(name=name)",
    "CAPS[reason].format(floor=floor)",
    "format(value, '.1f')",
    "re.compile(pattern)",
    "hashlib.sha256(content)",
)
TEMPLATES = {
    "{{ name | safe }}": "unescaped",
    "{% autoescape false %}": "unescaped",
    "<script>go()</script>": "inline-script",
    '<a href="#" onclick="go()">': "inline-script",
    '<p style="color: red">': "inline-style",
    "<style>p { color: red }</style>": "inline-style",
}
SCRIPTS = {
    "node.innerHTML = name": "markup-from-text",
    "node.insertAdjacentHTML('beforeend', name)": "markup-from-text",
    "document.write(name)": "markup-from-text",
    "eval(name)": "code-from-text",
    "new Function(name)": "code-from-text",
    "setTimeout('go()', 1)": "code-from-text",
    "localStorage.setItem('a', b)": "kept-in-browser",
}


def rules_in(source: str) -> list[str]:
    return [finding.rule for finding in dangerous_calls.in_python(source, "x.py")]


def test_the_house_turns_no_text_into_code() -> None:
    assert [str(finding) for finding in dangerous_calls.findings(ROOT)] == []


@pytest.mark.parametrize("source", BREACHES)
def test_a_dangerous_call_is_found(source: str) -> None:
    assert BREACHES[source] in rules_in(source)


@pytest.mark.parametrize("source", HARMLESS)
def test_a_harmless_call_is_let_through(source: str) -> None:
    assert rules_in(source) == []


@pytest.mark.parametrize("line", TEMPLATES)
def test_a_template_that_lets_markup_or_scripts_in_is_found(line: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(line, encoding="utf-8")
    found = dangerous_calls.in_lines(page, tmp_path, dangerous_calls.TEMPLATE_RULES)
    assert [finding.rule for finding in found] == [TEMPLATES[line]]


@pytest.mark.parametrize("line", SCRIPTS)
def test_a_script_that_makes_markup_or_code_of_text_is_found(line: str, tmp_path: Path) -> None:
    script = tmp_path / "page.js"
    script.write_text(line, encoding="utf-8")
    found = dangerous_calls.in_lines(script, tmp_path, dangerous_calls.SCRIPT_RULES)
    assert [finding.rule for finding in found] == [SCRIPTS[line]]


def test_a_line_may_break_a_rule_for_a_reason_that_it_names() -> None:
    said = "# allowed: code-from-text: our own constant\n"
    assert rules_in(said + "eval(TEXT)") == []
    assert rules_in("eval(TEXT)  " + said) == []
    assert rules_in("# allowed: code-from-text:\neval(TEXT)") == ["code-from-text"]
    assert rules_in("# allowed: shell: our own constant\neval(TEXT)") == ["code-from-text"]
