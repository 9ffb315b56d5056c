"""Fixtures of the certificates' tests: papers are rendered once a session and shared."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pypdfium2
import pytest
from PIL.Image import Image

from certificates.facts import CertificateFacts, CertificateKind
from certificates.keys import Ed25519Signer, KeyState, KeyTable, PublishedKey
from certificates.render.certificate import render_pdf
from certificates.samples import sample_facts

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def facts() -> CertificateFacts:
    return sample_facts()


@pytest.fixture(scope="session")
def specimen_pdf(facts: CertificateFacts) -> bytes:
    return render_pdf(facts)


@pytest.fixture(scope="session")
def rare_facts() -> CertificateFacts:
    """A true (not specimen) certificate of a holder whose name needs the supplement, with a long English name."""
    return sample_facts(
        CertificateKind.COMPLETION,
        rank=3,
        name_zh="𠮷尔·㛃䶮𬭎阿依古丽买买提吐尔逊阿布都热合曼尼亚孜欧阳文静司马相如诸葛孔明上官",
        name_en="Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh Bartholomew Alexander",
        specimen=False,
    )


@pytest.fixture(scope="session")
def rare_pdf(rare_facts: CertificateFacts) -> bytes:
    return render_pdf(rare_facts)


@pytest.fixture(scope="session")
def specimen_picture(specimen_pdf: bytes) -> Iterator[Image]:
    """The specimen as printed at 300 dots an inch, in grey."""
    document = pypdfium2.PdfDocument(specimen_pdf)
    yield document[0].render(scale=300 / 72, grayscale=True).to_pil()
    document.close()


@pytest.fixture(scope="session")
def signer(facts: CertificateFacts) -> Ed25519Signer:
    return Ed25519Signer(bytes(range(32)), f"{facts.issuer.did}#k2026-1")


@pytest.fixture
def keys(facts: CertificateFacts, signer: Ed25519Signer) -> KeyTable:
    return KeyTable({facts.issuer.did: [PublishedKey("k2026-1", signer.multikey, KeyState.ACTIVE)]})
