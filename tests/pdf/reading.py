"""Reads back what a printed file shows and holds, without the library that printed it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pikepdf

ACTIVE = {"/JS", "/JavaScript", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/AA", "/Filespec"}
_MAPPED = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")


def page_texts(pdf: bytes) -> list[str]:
    """Return the text of each page; a run of glyphs stands on its own line."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return ["\n".join(_runs(page.obj, page.obj)) for page in document.pages]


def active_keys(pdf: bytes) -> set[str]:
    """Return the keys that would make a file act or carry others."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found: set[str] = set()
        for each in document.objects:
            if isinstance(each, pikepdf.Stream | pikepdf.Dictionary):
                found |= ACTIVE & {str(key) for key in each.keys()}  # noqa: SIM118 # not a dict
                found |= ACTIVE & {str(each.get("/S")), str(each.get("/Type"))}
        return found | (ACTIVE & {str(key) for key in document.Root.keys()})  # noqa: SIM118


def outside_links(pdf: bytes) -> list[str]:
    """Return the addresses a reader could be sent to."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [
            str(each["/URI"])
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and "/URI" in each
        ]


def colours(pdf: bytes) -> set[tuple[float, ...]]:
    """Return every colour that is set, as its components."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {
            tuple(float(value) for value in operands)  # type: ignore[arg-type] # numbers only
            for page in document.pages
            for content in _contents(page.obj)
            for operands, operator in pikepdf.parse_content_stream(content)
            if str(operator) in {"rg", "RG", "k", "K", "g", "G"}
        }


def fonts(pdf: bytes) -> set[str]:
    """Return the names of the fonts embedded, without the subset's tag."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {
            str(each["/BaseFont"]).split("+")[-1]
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and "/BaseFont" in each
        }


def is_tagged(pdf: bytes) -> bool:
    """Return whether the file carries the structure that is read aloud."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return bool(document.Root.MarkInfo.Marked)


def alternative_texts(pdf: bytes) -> list[str]:
    """Return what is read aloud for the pictures."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [
            str(each["/Alt"])
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and "/Alt" in each
        ]


def _contents(holder: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Yield a page and the drawings it holds."""
    yield holder
    for each in _forms(holder):
        yield from _contents(each)


def _forms(holder: pikepdf.Object) -> list[pikepdf.Object]:
    resources = holder.get("/Resources", pikepdf.Dictionary())
    named = resources.get("/XObject", pikepdf.Dictionary())
    return [
        named[key]
        for key in named.keys()  # noqa: SIM118 # not a dict
        if named[key].get("/Subtype") == "/Form" and str(key)[1:2] == "x"
    ]


def _runs(holder: pikepdf.Object, page: pikepdf.Object) -> Iterator[str]:
    resources = holder.get("/Resources", page.get("/Resources"))
    maps = {
        str(name): _unicode_map(font)
        for name, font in resources.get("/Font", pikepdf.Dictionary()).items()
    }
    mapping: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(holder):
        if str(operator) == "Tf":
            mapping = maps.get(str(operands[0]), {})
        elif str(operator) == "TJ":
            yield "".join(
                _decoded(bytes(part), mapping)
                for part in operands[0]  # type: ignore[union-attr] # an array of strings
                if isinstance(part, pikepdf.String)
            )
        elif str(operator) == "Tj":
            yield _decoded(bytes(operands[0]), mapping)  # type: ignore[arg-type] # a string
        elif str(operator) == "Do":
            form = resources["/XObject"][str(operands[0])]
            if form.get("/Subtype") == "/Form":
                yield from _runs(form, page)


def _decoded(glyphs: bytes, mapping: dict[int, str]) -> str:
    pairs = (glyphs[i : i + 2] for i in range(0, len(glyphs), 2))
    return "".join(mapping.get(int.from_bytes(pair, "big"), "?") for pair in pairs)


def _unicode_map(font: pikepdf.Object) -> dict[int, str]:
    if "/ToUnicode" not in font:
        return {}
    source = font["/ToUnicode"].read_bytes()
    found = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", source, re.DOTALL):
        for glyph, letters in _MAPPED.findall(block):
            found[int(glyph, 16)] = bytes.fromhex(letters.decode()).decode("utf-16-be")
    return found
