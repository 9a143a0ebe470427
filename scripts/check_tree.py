"""Check what no other tool checks: lock files, links in the documents, names of this machine.

Prints one line per finding and ends with 1 if there is any. `make check` runs it.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOST = re.compile(r"https?://|--(extra-)?index-url|--find-links|@ file:", re.IGNORECASE)
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
NAME = re.compile(r"^[A-Za-z0-9._-]+")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
ELSEWHERE = ("http://", "https://", "mailto:")


def main() -> int:
    """Print the findings; return 1 if there is any."""
    found = [*lock_findings(), *link_findings(), *machine_findings()]
    for finding in found:
        print(finding)
    print(f"{len(found)} findings in locks, links and paths.")
    return 1 if found else 0


def lock_findings() -> Iterator[str]:
    """Yield what is wrong with the lock files: hosts named, dependencies not locked."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime = project["project"]["dependencies"]
    tools = project["dependency-groups"]["dev"]
    wanted = {"requirements.lock": runtime, "requirements-dev.lock": [*runtime, *tools]}
    for name, dependencies in wanted.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        for number, line in enumerate(text.splitlines(), start=1):
            if HOST.search(line):
                yield f"{name}:{number}: names a host or a place: {line.strip()}"
        locked = {plain_name(found) for found in PINNED.findall(text)}
        for dependency in dependencies:
            if plain_name(dependency) not in locked:
                yield f"{name}: {dependency} of pyproject.toml is not locked; run `make lock`"


def plain_name(requirement: str) -> str:
    """Return a requirement's package name in its normal form.

    >>> plain_name("Psycopg[binary]>=3.2")
    'psycopg'
    """
    match = NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", match.group(0)).lower() if match else ""


def link_findings() -> Iterator[str]:
    """Yield links in the documents that lead nowhere."""
    for document in tracked("*.md"):
        text = CODE_BLOCK.sub("", document.read_text(encoding="utf-8"))
        for target in links_in(text):
            if target.startswith(ELSEWHERE):
                continue
            path, _, anchor = target.partition("#")
            place = (document.parent / path).resolve() if path else document
            where = document.relative_to(ROOT)
            if not place.exists():
                yield f"{where}: the link {target} leads nowhere"
            elif anchor and place.suffix == ".md" and anchor not in anchors_of(place):
                yield f"{where}: {target}: there is no heading #{anchor}"


def links_in(text: str) -> Iterator[str]:
    """Yield the targets of a document's links and pictures."""
    for link, picture in LINK.findall(text):
        yield link or picture


def anchors_of(document: Path) -> set[str]:
    """Return the anchors that a document's headings make."""
    text = CODE_BLOCK.sub("", document.read_text(encoding="utf-8"))
    return {anchor_of(heading) for heading in HEADING.findall(text)}


def anchor_of(heading: str) -> str:
    """Return the anchor of one heading.

    >>> anchor_of("Lead time: `ltv_A` and ltv_B")
    'lead-time-ltv_a-and-ltv_b'
    """
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.strip().replace(" ", "-")


def machine_findings() -> Iterator[str]:
    """Yield tracked files that name a path of the machine they were written on."""
    for path in tracked("*"):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if str(ROOT) + "/" in text:
            yield f"{path.relative_to(ROOT)}: names this folder, {ROOT}"


def tracked(pattern: str) -> list[Path]:
    """Return the files under version control that match `pattern`."""
    command = ["git", "ls-files", "-z", "--", pattern]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603 # fixed arguments
    found = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [path for path in found if path.is_file()]


if __name__ == "__main__":
    sys.exit(main())
