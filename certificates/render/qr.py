"""QR codes as vector paths."""

from dataclasses import dataclass

import segno


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code: modules a side without quiet zone, and an SVG path in module units with its origin at the quiet zone."""

    modules: int
    quiet: int
    path: str
    version: str

    @property
    def side(self) -> int:
        """Modules a side with the quiet zone on both sides."""
        return self.modules + 2 * self.quiet


def qr_code(text: str) -> QrCode:
    """The QR code (ISO/IEC 18004) of ``text`` at error level M or better, quiet zone four modules."""
    code = segno.make(text, error="m", micro=False, boost_error=True)
    quiet = 4
    strokes: list[str] = []
    for y, row in enumerate(code.matrix):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start = x
            while x < len(row) and row[x]:
                x += 1
            strokes.append(f"M{start + quiet} {y + quiet}h{x - start}v1h{start - x}z")
    return QrCode(len(code.matrix), quiet, "".join(strokes), code.designator)
