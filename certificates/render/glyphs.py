"""Which characters the certificates' typefaces draw, and how wide: nothing is printed that none of them draws."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont

from certificates.refusals import FontsMissing, GlyphMissing

FONTS_DIR = Path(__file__).resolve().parents[1] / "fonts"
"""The typefaces shipped with this package."""

FAMILY = "Certificate Serif"
SUPPLEMENT = "Certificate Han Supplement"


@dataclass(frozen=True, slots=True)
class FontFile:
    """One file of the set: its CSS family and weight."""

    name: str
    family: str
    weight: int


FONT_FILES = (
    FontFile("NotoSerifSC-Regular.ttf", FAMILY, 400),
    FontFile("NotoSerifSC-Bold.ttf", FAMILY, 700),
    FontFile("HanSupplement-Regular.otf", SUPPLEMENT, 400),
    FontFile("HanSupplement-Bold.otf", SUPPLEMENT, 700),
)

_NEVER_DRAWN = {"\n", "\r", "\t", "\u00a0", "\u00ad", "\u200b"}


@lru_cache(maxsize=4)
def advances(fonts_dir: Path, weight: int = 400) -> dict[int, int]:
    """Advance width of each code point drawn at that weight, in thousandths of the font size.

    Raises FontsMissing when a file of the set is not there.
    """
    widths: dict[int, int] = {}
    for file in FONT_FILES:
        if file.weight != weight:
            continue
        path = font_path(fonts_dir, file)
        with TTFont(path, lazy=True) as font:
            metrics = font["hmtx"].metrics
            scale = 1000 / font["head"].unitsPerEm
            for code_point, glyph in font.getBestCmap().items():
                widths.setdefault(code_point, round(metrics[glyph][0] * scale))
    return widths


def font_path(fonts_dir: Path, file: FontFile) -> Path:
    """The path of one file of the set; FontsMissing when it is not there."""
    path = fonts_dir / file.name
    if not path.is_file():
        raise FontsMissing(file=file.name, folder=str(fonts_dir))
    return path


def missing_glyphs(text: str, fonts_dir: Path = FONTS_DIR) -> list[str]:
    """The characters of ``text`` that no typeface of the set draws, each once, in order of appearance."""
    drawn = advances(fonts_dir)
    return [
        character for character in dict.fromkeys(text) if ord(character) not in drawn and character not in _NEVER_DRAWN
    ]


def require_glyphs(text: str, fonts_dir: Path = FONTS_DIR) -> None:
    """Raise GlyphMissing naming every character of ``text`` that would print as a box."""
    missing = missing_glyphs(text, fonts_dir)
    if missing:
        # A character that is itself invisible or combining is named by its code point alone.
        shown = [one if unicodedata.category(one)[0] not in "CMZ" else "□" for one in missing[:8]]
        raise GlyphMissing(
            characters=" ".join(shown), code_points=", ".join(f"U+{ord(one):04X}" for one in missing[:8])
        )


def width_of(text: str, size: float, fonts_dir: Path = FONTS_DIR, weight: int = 400, spacing: float = 0.0) -> float:
    """Width of one line in the unit of ``size``; ``spacing`` is added after each character, in ems."""
    drawn = advances(fonts_dir, weight)
    return sum(drawn.get(ord(character), 1000) / 1000 + spacing for character in text) * size
