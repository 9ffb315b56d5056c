"""What a rendering process does: frozen facts in, the PDF out, no other table."""

from certificates.facts import CertificateFacts
from certificates.render.certificate import render_pdf


def print_certificate(facts: bytes) -> bytes:
    """The certificate of frozen facts (canonical JSON) as a PDF. Raises what `render_pdf` raises."""
    return render_pdf(CertificateFacts.from_json(facts))
