"""The certificate as a page and as a PDF, from its frozen facts and nothing else."""

import math
from datetime import datetime, time, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from certificates.facts import CertificateFacts
from certificates.refusals import TextTooLong
from certificates.render.fitting import fit_line, fit_name
from certificates.render.glyphs import FONTS_DIR, require_glyphs
from certificates.render.guilloche import GOLD, Ring, Tint, background, hypotrochoid, pattern_of
from certificates.render.metadata import PdfMetadata
from certificates.render.qr import qr_code
from certificates.render.wording import body_en, body_zh, date_en, date_zh, register_note, table_rows, validity

if TYPE_CHECKING:
    from weasyprint import Document

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
SCALES = (1.0, 0.93, 0.86, 0.8, 0.74, 0.68, 0.62)
"""Sizes of the two paragraphs tried in turn until the page holds them."""
QR_MILLIMETRES = 22.5
SEAL_NAME = "seal"
_CHINA = timezone(timedelta(hours=8))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def render_html(
    facts: CertificateFacts, fonts_dir: Path = FONTS_DIR, *, scale: float = 1.0, with_seal: bool = False
) -> str:
    """The certificate as one self-contained HTML page (pattern, QR code and style inside).

    ``scale`` shrinks the two paragraphs; ``with_seal`` refers to the seal picture as ``memory:seal``. Raises
    GlyphMissing when a name or any other text holds a character no typeface draws, NameTooLong.
    """
    for text in _texts(facts):
        require_glyphs(text, fonts_dir)
    level = facts.edition.level
    pattern = pattern_of(None if level is None else level.rank)
    holder = facts.holder
    shown_en = holder.name_en if holder.name_en_confirmed and holder.name_en != holder.name_zh else None
    validity_zh, validity_en = validity(facts)
    register_zh, register_en = register_note(facts)
    spacing = 0.12 if len(holder.name_zh) <= 6 else 0.02
    return (
        _environment()
        .get_template("certificate.html")
        .render(
            facts=facts,
            tint=pattern.tint.full,
            scale=scale,
            style=Markup((TEMPLATES / "certificate.css").read_text(encoding="utf-8")),  # noqa: S704  # our own file
            pattern=Markup(background(pattern, centre=(148.5, 93.0), radius=68.0)),  # noqa: S704  # numbers only
            fleuron=Markup(_fleuron(pattern.tint, 0 if level is None else level.rank)),  # noqa: S704  # numbers only
            qr=Markup(_qr_svg(facts.verification_address)),  # noqa: S704  # numbers only
            seal=Markup(_seal(facts.specimen, with_seal)),  # noqa: S704  # constants only
            title_size=fit_line(facts.title_zh, 220.0, fonts_dir, field="title_zh", largest=34.0, spacing=0.18),
            title_en_size=fit_line(
                facts.title_en.upper(), 220.0, fonts_dir, field="title_en", largest=12.0, spacing=0.2
            ),
            name=fit_name(holder.name_zh, 160.0, fonts_dir, field="name_zh", largest=28.0, spacing=spacing),
            name_en=None
            if shown_en is None
            else fit_name(
                shown_en,
                160.0,
                fonts_dir,
                field="name_en",
                largest=13.0,
                two_lines_below=9.0,
                smallest=6.5,
                spacing=0.04,
            ),
            issuer_zh=fit_name(
                facts.issuer.name_zh,
                88.0,
                fonts_dir,
                field="issuer",
                largest=13.0,
                two_lines_below=9.0,
                smallest=4.0,
                spacing=0.06,
            ),
            issuer_en=fit_name(
                facts.issuer.name_en, 88.0, fonts_dir, field="issuer", largest=8.6, two_lines_below=6.5, smallest=3.0
            ),
            note_size=max(
                3.6, fit_line(register_zh + register_en, 236.0, fonts_dir, field="register", largest=5.6, smallest=0.1)
            ),
            body_zh=body_zh(facts),
            body_en=body_en(facts),
            rows=table_rows(facts),
            awarded_zh=date_zh(facts.awarded_on),
            awarded_en=date_en(facts.awarded_on),
            validity_zh=validity_zh,
            validity_en=validity_en,
            register_zh=register_zh,
            register_en=register_en,
            address_lines=_address_lines(facts.verification_address),
            microtext=_microtext(facts),
        )
    )


def render_pdf(facts: CertificateFacts, fonts_dir: Path = FONTS_DIR, *, seal: bytes | None = None) -> bytes:
    """The certificate as a PDF of one A4 landscape page; the same facts give the same bytes.

    ``seal`` is a PNG of the issuer's round seal, 40 mm wide on paper; a specimen never carries it. Raises GlyphMissing,
    NameTooLong, TextTooLong (nothing fits even in the smallest type) or FontsMissing.
    """
    with_seal = seal is not None and not facts.specimen
    contents = {SEAL_NAME: seal} if seal is not None and with_seal else {}
    metadata = PdfMetadata(
        title=f"{facts.title_zh} {facts.number}",
        author=facts.issuer.name_zh,
        created=datetime.combine(facts.awarded_on, time(), _CHINA),
        identifier=bytes.fromhex(facts.digest)[:16],
        keywords=(facts.number, "SPECIMEN 样章") if facts.specimen else (facts.number,),
    )

    # WeasyPrint is loaded where a page is laid out, so that the web server starts without it.
    from certificates.render.layout import lay_out, pdf_of  # noqa: PLC0415 - for the reason above

    def at(step: int) -> "Document | None":
        page = render_html(facts, fonts_dir, scale=SCALES[step], with_seal=with_seal)
        document = lay_out(page, fonts_dir, contents)
        return document if len(document.pages) == 1 else None

    fitting = at(0)
    if fitting is None:
        # Rare: the largest size that fits, by halving.
        low, high = 1, len(SCALES)
        while low < high:
            middle = (low + high) // 2
            tried = at(middle)
            if tried is None:
                low = middle + 1
            else:
                fitting, high = tried, middle
    if fitting is None:
        raise TextTooLong()
    return pdf_of(fitting, metadata)


def _texts(facts: CertificateFacts) -> list[str]:
    """Every text printed, the holder's names first so that a refusal names them first."""
    holder = facts.holder
    texts = [holder.name_zh, holder.name_en or "", facts.title_zh, facts.title_en, body_zh(facts), body_en(facts)]
    for row in table_rows(facts):
        texts += [row.title_zh, row.title_en]
    return texts


def _address_lines(address: str) -> tuple[str, ...]:
    """The address as it is printed under the code: host, number, code on lines of their own."""
    head, number, code = address.rsplit("/", 2)
    return f"{head}/", f"{number}/{code}"


def _microtext(facts: CertificateFacts) -> str:
    """The line of microtext along the lower frame: the number over and over."""
    return f"{facts.number} {facts.title_zh} {facts.title_en} · " * 20


def _qr_svg(address: str) -> str:
    code = qr_code(address)
    # 22.5 mm is the code itself; the quiet zone comes on top.
    side = QR_MILLIMETRES * code.side / code.modules
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" aria-label="QR" viewBox="0 0 {code.side} {code.side}" '
        f'width="{side:.2f}mm" height="{side:.2f}mm"><rect width="{code.side}" height="{code.side}" fill="#ffffff"/>'
        f'<path d="{code.path}" fill="#15212b"/></svg>'
    )


def _fleuron(tint: Tint, rank: int) -> str:
    """A thin rule with a small rosette in its middle and, on either side, as many diamonds as the level's rank."""
    flower = hypotrochoid((37.0, 2.5), 2.3, Ring(12, 5, 1.0, 0.25))
    gap = 3.4 + 2.8 * rank
    diamonds = "".join(
        f"M{37 + side * (3.4 + 2.8 * step + 0.6) - 1.2:.2f} 2.5l1.2-.75 1.2 .75-1.2 .75z"
        for side in (-1, 1)
        for step in range(rank)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="fleuron" viewBox="0 0 74 5" width="74mm" height="5mm" '
        'aria-hidden="true">'
        f'<path d="M0 2.5H{37 - gap:.2f}M{37 + gap:.2f} 2.5H74" fill="none" stroke="{GOLD}" stroke-width="0.2"/>'
        f'<path d="{diamonds}" fill="{GOLD}"/>'
        f'<path d="{flower}" fill="none" stroke="{tint.full}" stroke-width="0.13"/></svg>'
    )


def _seal(specimen: bool, with_seal: bool) -> str:
    """The issuer's seal, or for a specimen an empty round that says so; never an emblem of the state."""
    if with_seal:
        return f'<img class="seal" src="memory:{SEAL_NAME}" alt="发证机构印章 Seal of the issuer">'
    if not specimen:
        return ""
    ring = "".join(
        f"M{20 + 18.6 * math.cos(angle):.2f} {20 + 18.6 * math.sin(angle):.2f}"
        f"L{20 + 19.4 * math.cos(angle):.2f} {20 + 19.4 * math.sin(angle):.2f}"
        for angle in (2 * math.pi * step / 72 for step in range(72))
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="seal" viewBox="0 0 40 40" width="40mm" height="40mm" aria-hidden="true">'
        '<g transform="rotate(-12 20 20)" fill="none" stroke="#dfa3a5">'
        '<circle cx="20" cy="20" r="19.5" stroke-width="0.8"/><circle cx="20" cy="20" r="17.4" stroke-width="0.25"/>'
        f'<path d="{ring}" stroke-width="0.25"/>'
        '<path d="M7 13.2H33M7 27.4H33" stroke-width="0.25"/></g>'
        '<g transform="rotate(-12 20 20)" fill="#dfa3a5" text-anchor="middle" '
        "font-family=\"'Certificate Serif'\">"
        '<text x="20" y="21.6" font-size="7.4" font-weight="700">样 章</text>'
        '<text x="20" y="26" font-size="3.4">SPECIMEN</text></g></svg>'
    )
