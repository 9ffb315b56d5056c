"""Pages laid out and written by WeasyPrint with our typefaces only, nothing fetched, the same bytes for the same input."""

import html as html_text
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import Lock

from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from certificates.refusals import PaperAsksOutside
from certificates.render.glyphs import FONT_FILES, FONTS_DIR, font_path, require_glyphs
from certificates.render.metadata import PdfMetadata

_IN_MEMORY = "memory:"
_RENDERING = Lock()


class ClosedFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Fetches nothing but the named bytes it was given, under addresses ``memory:name``.

    No protocol, no redirect, no file; anything else stops the whole rendering (a quietly missing seal would be worse).
    """

    def __init__(self, contents: Mapping[str, bytes] | None = None) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._contents = {f"{_IN_MEMORY}{name}": content for name, content in (contents or {}).items()}

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        content = self._contents.get(url)
        if content is None:
            raise PaperAsksOutside(address=url[:120])
        return URLFetcherResponse(url, body=content)


@contextmanager
def _fetching_nothing() -> Iterator[None]:
    """Turns WeasyPrint's own class, a BaseException that would end a worker, into a refusal of one task."""
    try:
        yield
    except FatalURLFetchingError as error:
        cause = error.__cause__
        raise (cause if isinstance(cause, PaperAsksOutside) else PaperAsksOutside(address="?")) from None


@lru_cache(maxsize=2)
def _font_configuration(fonts_dir: Path) -> FontConfiguration:
    """One configuration a process: loading the typefaces for each document would cost seconds and memory."""
    configuration = FontConfiguration()
    faces = "".join(
        f"@font-face{{font-family:'{file.family}';font-weight:{file.weight};src:url('{_IN_MEMORY}{file.name}')}}"
        for file in FONT_FILES
    )
    fetcher = ClosedFetcher({file.name: font_path(fonts_dir, file).read_bytes() for file in FONT_FILES})
    CSS(string=faces, url_fetcher=fetcher, font_config=configuration)
    return configuration


def lay_out(html: str, fonts_dir: Path = FONTS_DIR, contents: Mapping[str, bytes] | None = None) -> Document:
    """The laid-out pages of a self-contained HTML page.

    Raises GlyphMissing when it holds a character our typefaces lack, PaperAsksOutside when it refers to anything but
    ``memory:`` contents. Use the families ``Certificate Serif`` and ``Certificate Han Supplement``, in this order.
    """
    require_glyphs(html_text.unescape(html), fonts_dir)
    with _RENDERING:
        configuration = _font_configuration(fonts_dir)
        # A base that resolves to nothing: relative addresses reach the fetcher and are refused there.
        with _fetching_nothing():
            page = HTML(string=html, base_url="refused:/", url_fetcher=ClosedFetcher(contents))
            return page.render(font_config=configuration)


def pdf_of(document: Document, metadata: PdfMetadata) -> bytes:
    """The PDF of laid-out pages, written to PDF/A-3a (tagged, archival), deterministic."""
    said = document.metadata
    said.title = metadata.title
    said.authors = [metadata.author]
    said.keywords = list(metadata.keywords)
    said.created = metadata.created.isoformat(timespec="seconds")
    said.modified = said.created
    said.lang = metadata.language
    # WeasyPrint leaves the file of its colour profile to the collector; no warning of ours.
    with _RENDERING, _fetching_nothing(), warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        written = document.write_pdf(
            pdf_variant="pdf/a-3a", pdf_identifier=metadata.identifier[:16].ljust(16, b"\0"), pdf_tags=True
        )
    return bytes(written)
