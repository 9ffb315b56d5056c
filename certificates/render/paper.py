"""HTML made into PDF; WeasyPrint itself is loaded when the first page is laid out."""

from collections.abc import Mapping
from pathlib import Path

from certificates.render.metadata import PdfMetadata


def pdf_from_html(
    html: str,
    fonts_dir: Path,
    metadata: PdfMetadata,
    contents: Mapping[str, bytes] | None = None,
) -> bytes:
    """A PDF from a self-contained HTML page: certificates, statements, sign-in sheets alike; see ``layout.lay_out``."""
    # A second and 60 MB that only the rendering processes pay: the web server names these functions, never runs them.
    from certificates.render.layout import lay_out, pdf_of  # noqa: PLC0415 - for the reason above

    return pdf_of(lay_out(html, fonts_dir, contents), metadata)
