"""The answer that hands over the file of an export."""

from pathlib import Path

from litestar.response import File

from service.exchange.rules.exports import ENCODINGS, KINDS, MEDIA_TYPES, SUFFIXES
from service.exchange.tables import FileExport
from service.foundation.language import gettext


def handed_over(row: FileExport, path: Path) -> File:
    """The file as a download, streamed, under a name in the reader's language."""
    name = f"{gettext(KINDS[row.kind].title)}-{row.created_at:%Y%m%d}{SUFFIXES[row.format]}"
    return File(
        path=path,
        filename=name,
        content_disposition_type="attachment",
        media_type=MEDIA_TYPES[row.format],
        encoding=ENCODINGS.get(row.format, "utf-8"),
        headers={"Cache-Control": "no-store"},
    )
