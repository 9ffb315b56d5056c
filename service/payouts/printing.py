"""What a rendering process does: the frozen facts of a statement in, the PDF out, no other table."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from certificates.render.glyphs import FONTS_DIR
from certificates.render.metadata import PdfMetadata
from certificates.render.paper import pdf_from_html
from service.equity.naming import INSTRUMENT_TITLES
from service.foundation.language import ENGLISH, gettext, later, said, speaking
from service.foundation.templates import TEMPLATES, render
from service.incentives.rules.naming import ACCRUAL_TITLES, BASE_TITLES, EVENT_TITLES, TAX_TITLES
from service.payouts.rules import STATE_TITLES

STYLE = TEMPLATES / "documents" / "statement.css"
TITLE = later("Statement of incentives")

LINE_STATE_TITLES = {**STATE_TITLES, "accrued": later("not yet in a payout")}


def statement_context(facts: dict[str, Any]) -> dict[str, Any]:
    """What the templates of a statement need besides its facts: the names of kinds, bases, grounds and states."""
    return {
        "facts": facts,
        "events": EVENT_TITLES,
        "accruals": ACCRUAL_TITLES,
        "bases": BASE_TITLES,
        "grounds": TAX_TITLES,
        "states": LINE_STATE_TITLES,
        "instruments": INSTRUMENT_TITLES,
        "known_at": datetime.fromisoformat(facts["known_at"]),
    }


def statement_html(facts: dict[str, Any], digest: str, style: Path = STYLE) -> str:
    """The statement as one self-contained page in the language of its facts."""
    with speaking(facts["language"]):
        shown = statement_context(facts)
        return render("documents/statement.html", {**shown, "digest": digest, "style": style.read_text("utf-8")})


def print_statement(canonical: bytes) -> bytes:
    """The statement of frozen facts (canonical JSON) as a PDF; the same facts give the same bytes."""
    facts = json.loads(canonical)
    digest = hashlib.sha256(canonical).hexdigest()
    with speaking(facts["language"]):
        metadata = PdfMetadata(
            title=f"{gettext(TITLE)} {facts['period']['label']}",
            author=said(facts["payer"]),
            created=datetime.fromisoformat(facts["known_at"]),
            identifier=bytes.fromhex(digest),
            language="en" if facts["language"] == ENGLISH else "zh-Hans",
        )
    return pdf_from_html(statement_html(facts, digest), FONTS_DIR, metadata)
