"""The press: one template engine, one style sheet, one set of fonts, used for many documents.

Lives in a child process; the only importer of WeasyPrint. Loads no image, style sheet or
attachment but the assets it was given by name.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import weasyprint
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint.text.fonts import FontConfiguration

from app.base.pdf.printable import PaperSize, Printable
from app.base.pdf.text import printable, printed

STYLE = "base.css"
SHEETS = {
    PaperSize.A4: "@page { size: A4 }",
    PaperSize.LETTER: "@page { size: Letter; margin: 10mm 17mm 12mm }",
}
SCHEME = "asset:"


class NamedAssets(weasyprint.URLFetcher):  # type: ignore[misc] # the library is untyped
    """Fetches what was given by name and denies everything else."""

    def __init__(self, assets: Mapping[str, Path]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._assets = assets

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Return a named asset; any other address is refused unread. Any: untyped library."""
        file = self._assets.get(url.removeprefix(SCHEME)) if url.startswith(SCHEME) else None
        if file is None:
            raise PermissionError(f"a printed page loads named assets only, not {url[:60]}")
        return weasyprint.urls.URLFetcherResponse(url, file.read_bytes())


@dataclass(slots=True)
class Press:
    """Prints contents through the templates of one folder."""

    templates: Path
    assets: Mapping[str, Path] = field(default_factory=dict)
    _engine: Environment = field(init=False)
    _fonts: Any = field(init=False)  # Any here and below: WeasyPrint is untyped
    _fetcher: NamedAssets = field(init=False)
    _styles: dict[PaperSize, list[Any]] = field(init=False)

    def __post_init__(self) -> None:
        logging.getLogger("weasyprint").setLevel(logging.ERROR)
        self._engine = Environment(
            loader=FileSystemLoader(self.templates),
            undefined=StrictUndefined,
            autoescape=True,
            finalize=printed,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._fonts = FontConfiguration()
        self._fetcher = NamedAssets(self.assets)
        base = self._parsed((self.templates / STYLE).read_text(encoding="utf-8"))
        self._styles = {size: [base, self._parsed(rule)] for size, rule in SHEETS.items()}

    def print(self, template: str, content: Printable) -> bytes:
        """Return `content` as PDF, laid out by `template`."""
        source = printable(self._engine.get_template(template).render(content=content))
        document = weasyprint.HTML(string=source, base_url="", url_fetcher=self._fetcher)
        pdf: bytes = document.write_pdf(
            font_config=self._fonts,
            stylesheets=self._styles[PaperSize(content.paper_size)],
            pdf_identifier=content.content_hash.encode("ascii"),
            pdf_tags=True,  # a tenth slower, and a screen reader can follow it
        )
        return pdf

    def _parsed(self, rules: str) -> Any:
        return weasyprint.CSS(
            string=rules, base_url="", url_fetcher=self._fetcher, font_config=self._fonts
        )
