"""Builds the supplement of rare Han characters that the two main fonts lack: ``python -m certificates.fonts.build``."""

import argparse
import hashlib
import sys
import unicodedata
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).resolve().parent
SOURCE_FAMILY = "Noto Serif CJK SC"
SUPPLEMENT_FAMILY = "Certificate Han Supplement"
WEIGHTS = {"Regular": "NotoSerifCJK-Regular.ttc", "Bold": "NotoSerifCJK-Bold.ttc"}


def is_han(code_point: int) -> bool:
    """True for a unified or compatibility ideograph of any plane."""
    return unicodedata.name(chr(code_point), "").startswith(("CJK UNIFIED IDEOGRAPH", "CJK COMPATIBILITY IDEOGRAPH"))


def missing_han(main_font: Path, source: TTFont) -> list[int]:
    """Code points of Han characters the source draws and the main font does not, ascending."""
    with TTFont(main_font, lazy=True) as main:
        drawn = set(main.getBestCmap())
    return sorted(code_point for code_point in set(source.getBestCmap()) - drawn if is_han(code_point))


def rename(font: TTFont, style: str) -> None:
    """Give the subset a family name of its own, so that no installed font can be taken for it."""
    family, full = SUPPLEMENT_FAMILY, f"{SUPPLEMENT_FAMILY} {style}"
    names = {1: family, 2: style, 3: f"{full};subset", 4: full, 6: full.replace(" ", "")}
    table = font["name"]
    # The licence and copyright records (0, 13, 14) stay; every other record of the source goes.
    table.names = [record for record in table.names if record.nameID in (0, 5, 13, 14) and record.langID == 0x409]
    for name_id, text in names.items():
        table.setName(text, name_id, 3, 1, 0x409)


def build(source_folder: Path, style: str) -> Path:
    """Write one supplement font and return its path."""
    collection = TTCollection(str(source_folder / WEIGHTS[style]), lazy=True)
    source = next(font for font in collection.fonts if font["name"].getDebugName(1).startswith(SOURCE_FAMILY))
    code_points = missing_han(HERE / f"NotoSerifSC-{style}.ttf", source)
    options = subset.Options(
        layout_features=[], name_IDs=["*"], notdef_outline=True, desubroutinize=False, hinting=False, glyph_names=False
    )
    options.drop_tables += ["VORG", "vhea", "vmtx", "BASE", "GPOS", "GSUB", "GDEF", "DSIG"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=code_points)
    subsetter.subset(source)
    rename(source, style)
    # The moment of building must not change the bytes.
    source.recalcTimestamp = False
    target = HERE / f"HanSupplement-{style}.otf"
    source.save(str(target))
    return target


def main(arguments: list[str] | None = None) -> int:
    """Build both weights; print size, character count and SHA-256 of each."""
    parser = argparse.ArgumentParser(prog="python -m certificates.fonts.build", description=__doc__)
    parser.add_argument(
        "--source",
        type=Path,
        default=Path("/usr/share/fonts/opentype/noto"),
        help="folder holding NotoSerifCJK-Regular.ttc and NotoSerifCJK-Bold.ttc (Debian: fonts-noto-cjk, fonts-noto-cjk-extra)",
    )
    chosen = parser.parse_args(arguments)
    for style in WEIGHTS:
        target = build(chosen.source, style)
        with TTFont(target, lazy=True) as made:
            characters = len(made.getBestCmap())
        digest = hashlib.sha256(target.read_bytes()).hexdigest()
        sys.stdout.write(f"{target.name}: {characters} characters, {target.stat().st_size} bytes, sha256 {digest}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
