"""The fonts of a printed page and the system libraries that set them.

A page is set in fonts we name and find ourselves, through a font configuration of our own,
so that what is printed does not depend on what else a machine has installed.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

SANS_PACKAGE = "font_source_sans_pro"
SYSTEM_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


@dataclass(frozen=True, slots=True)
class SystemFont:
    """A font of a system package: its file, the package, and what it is needed for."""

    file: str
    package: str
    needed_for: str


SIGNS = SystemFont("DejaVuSans.ttf", "fonts-dejavu-core", "signs, Arabic and Hebrew names")
FALLBACKS = (
    SystemFont(
        "wqy-microhei.ttc",
        "fonts-wqy-microhei",
        "Chinese, Japanese and Korean names",
    ),
    SystemFont("Symbola_hint.ttf", "fonts-symbola", "symbols and emoji"),
)

# Per library: its file names by platform, its package, and what happens without it.
LIBRARIES = (
    (
        ("libpango-1.0.so.0", "libpango-1.0.dylib"),
        "libpango-1.0-0",
        "Pango is missing: nothing can be printed.",
    ),
    (
        ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"),
        "libpangoft2-1.0-0",
        "PangoFT2 is missing: nothing can be printed.",
    ),
    (
        ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
        "libharfbuzz-subset0",
        "HarfBuzz-Subset is missing: a page takes six times as long and its bytes differ.",
    ),
)

# The text font has three of the five signs of state; all five are taken from one font, so
# that they are of one size.
CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
{folders}
  <cachedir>{cache}</cachedir>
  <selectfont><rejectfont><glob>*</glob></rejectfont></selectfont>
  <selectfont><acceptfont>
{accepted}
  </acceptfont></selectfont>
  <match target="scan">
    <test name="family"><string>Source Sans Pro</string></test>
    <edit name="charset" mode="assign"><minus>
      <name>charset</name>
      <charset><range><int>0x25A0</int><int>0x25FF</int></range></charset>
    </minus></edit>
  </match>
</fontconfig>
"""


def check_environment() -> list[str]:
    """Return what the machine lacks for printing, each with the command that mends it.

    An empty list means that printing can start. To be called before: without any font the
    layout engine does not fail, it crashes.
    """
    problems = [
        f"{words} {_command(package)}"
        for names, package, words in LIBRARIES
        if not any(_loads(name) for name in names)
    ]
    if not sans_files():
        problems.append(
            "The font Source Sans Pro is missing: install the pinned packages again "
            "(pip install --require-hashes -r requirements.lock)."
        )
    if find(SIGNS) is None:
        problems.append(f"The font DejaVu Sans is missing. {_command(SIGNS.package)}")
    return problems


def check_scripts() -> list[str]:
    """Return the scripts that would print as empty boxes, each with the mending command."""
    return [
        f"There is no font for {font.needed_for}. {_command(font.package)}"
        for font in FALLBACKS
        if find(font) is None
    ]


def sans_files() -> list[Path]:
    """Return the files of the text font, in a fixed order."""
    found = importlib.util.find_spec(SANS_PACKAGE)
    if found is None or not found.submodule_search_locations:
        return []
    folder = Path(next(iter(found.submodule_search_locations))) / "files"
    weights = ("Regular", "It", "Semibold", "Bold")
    files = [folder / f"SourceSansPro-{weight}.ttf" for weight in weights]
    return [file for file in files if file.is_file()]


def find(font: SystemFont) -> Path | None:
    """Return where a system font is installed, or None."""
    for folder in SYSTEM_FOLDERS:
        found = sorted(folder.rglob(font.file)) if folder.is_dir() else []
        if found:
            return found[0]
    return None


def font_files() -> list[Path]:
    """Return every font file a page may be set in."""
    dejavu = find(SIGNS)
    names = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSansMono.ttf")
    family = [dejavu.with_name(name) for name in names] if dejavu else []
    others = [find(font) for font in FALLBACKS]
    return [*sans_files(), *(file for file in (*family, *others) if file and file.is_file())]


def write_configuration(folder: Path) -> Path:
    """Write a font configuration that knows our fonts only, and return its path."""
    files = font_files()
    folders = sorted({file.parent for file in files})
    path = folder / "fonts.conf"
    path.write_text(
        CONFIGURATION.format(
            folders="\n".join(f"  <dir>{escape(str(each))}</dir>" for each in folders),
            accepted="\n".join(f"    <glob>{escape(str(file))}</glob>" for file in files),
            cache=escape(str(folder / "cache")),
        ),
        encoding="utf-8",
    )
    return path


def _command(package: str) -> str:
    if sys.platform == "darwin":
        return "Install it: brew install pango font-dejavu"
    return f"Install it: apt-get install -y {package}"


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True
