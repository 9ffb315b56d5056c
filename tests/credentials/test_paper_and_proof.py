"""The paper comes from the frozen facts alone, its QR code leads home, and the proof holds with what is published."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pypdfium2  # type: ignore[import-untyped]
import pytest
import sqlalchemy as sa
import zxingcpp
from sqlalchemy.ext.asyncio import AsyncConnection

from certificates.canonical import read_json
from certificates.facts import CertificateFacts
from certificates.keys import DocumentResolver
from certificates.proofs import verify_proofs
from certificates.published_status import PublishedLists
from certificates.refusals import ProofFails
from certificates.verify import CredentialState, verify_credential
from service.credentials.printing import print_certificate
from service.credentials.queries import facts_of
from service.credentials.tables import Credential
from service.documents.events import DocumentRegistered
from service.documents.tables import DocumentState, IssuedDocument
from service.foundation import clock
from service.foundation.announcing import announce
from service.foundation.keyring import Keyring
from service.keys.actions import change_key_state, make_key
from service.keys.tables import KeyState, SigningKey
from service.people.actions import personal_key
from service.people.errors import PersonErased
from service.people.tables import PersonKey
from tests.conftest import ClientAs, World
from tests.given import credentials as given
from tests.given.credentials import IssuingWorld

Drain = Callable[[], Awaitable[int]]


async def one_issued(world: World, verified: bool = True) -> tuple[IssuingWorld, Credential]:
    """A base with one certificate issued."""
    async with world() as db:
        house = await given.issuing_world(db, verified=verified)
        [made] = await given.issued(db, house)
    return house, made


def read_qr(pdf: bytes) -> str:
    """What the QR code on the first page says."""
    document = pypdfium2.PdfDocument(pdf)
    picture = document[0].render(scale=300 / 72).to_pil().convert("L")
    document.close()
    [found] = zxingcpp.read_barcodes(picture)
    return str(found.text)


def words_of(pdf: bytes) -> str:
    """The text of the file without spaces."""
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return "".join(text.split())


async def test_paper_is_printed_and_its_code_leads_to_the_answer_that_says_specimen(
    world: World, drain: Drain, client_as: ClientAs
) -> None:
    house, made = await one_issued(world, verified=False)
    await drain()
    holder, stranger = await client_as(house.trainees[0].actor), await client_as(None)
    paper = await holder.get(f"/my/credentials/{made.id}/paper")
    assert paper.status_code == 200
    assert paper.headers["content-type"] == "application/pdf"
    assert "样章SPECIMEN" in words_of(paper.content)
    address = read_qr(paper.content)
    assert address.isupper()
    scanned = await stranger.get(address.removeprefix("HTTP://127.0.0.1:8000"))
    assert scanned.status_code == 200
    assert "样章 SPECIMEN" in scanned.text
    assert made.number in scanned.text
    answer = (await stranger.get(f"/api/verify/{made.number}", params={"code": made.check_code})).json()
    assert answer["paper_sha256"] == sha256(paper.content)
    assert answer["specimen"] is True


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def test_paper_needs_no_other_table(world: World, keyring: Keyring, connection: AsyncConnection) -> None:
    _, made = await one_issued(world)
    async with world() as db:
        facts = facts_of(made, await personal_key(db, keyring, made.person_id)).to_json()
        person = await db.scalar(sa.text("UPDATE person SET name = '改名' RETURNING name"))
        assert person == "改名"
    first, second = print_certificate(facts), print_certificate(facts)
    assert first == second
    assert "林知远" in words_of(first)
    assert "改名" not in words_of(first)
    assert CertificateFacts.from_json(facts).digest == made.facts_digest


async def test_printing_again_changes_nothing(world: World, drain: Drain) -> None:
    _, made = await one_issued(world)
    await drain()
    async with world() as db:
        row = await db.get_one(IssuedDocument, made.document_id)
        before = (row.state, row.file_key, row.sha256, row.ready_at)
        assert row.state is DocumentState.READY
        await announce(db, DocumentRegistered(document_id=row.id, kind="certificate", org_id=row.org_id))
    assert await drain() >= 1
    async with world() as db:
        row = await db.get_one(IssuedDocument, made.document_id)
        assert (row.state, row.file_key, row.sha256, row.ready_at) == before


async def published(stranger: httpx.AsyncClient, house: IssuingWorld) -> DocumentResolver:
    """The issuer's keys as anyone reads them."""
    document = (await stranger.get(f"/bases/b{house.base.code}/did.json")).json()
    return DocumentResolver([document])


async def test_proof_holds_with_the_published_keys_and_status_list(world: World, client_as: ClientAs) -> None:
    house, made = await one_issued(world)
    holder, stranger = await client_as(house.trainees[0].actor), await client_as(None)
    signed = await holder.get(f"/credentials/{made.id}", headers={"accept": "application/vc"})
    assert signed.headers["content-type"].startswith("application/vc")
    keys = await published(stranger, house)
    credential = read_json(signed.content)
    assert [one.controller for one in verify_proofs(credential, keys)] == [credential["issuer"]["id"]]
    listed = read_json((await stranger.get(f"/credentials/status/{house.base.code}/revocation")).content)
    judged = verify_credential(
        signed.content, keys=keys, now=clock.now(), status=PublishedLists([listed], keys, clock.now())
    )
    assert judged.state is CredentialState.VALID, judged.reason()
    key_set = (await stranger.get(f"/bases/b{house.base.code}/jwks.json")).json()
    assert key_set["keys"][0]["kid"] == credential["proof"][0]["verificationMethod"]
    # Strangers and other staff get the page, never the name.
    page = await stranger.get(f"/credentials/{made.id}", headers={"accept": "application/vc"})
    assert "林知远" not in page.text
    office = await client_as(house.director)
    assert (
        "text/html"
        in (await office.get(f"/credentials/{made.id}", headers={"accept": "application/vc"})).headers["content-type"]
    )


@pytest.mark.parametrize(
    ("change", "state"),
    [
        (lambda one: one["credentialSubject"].update(name="王小明"), "content-differs"),
        (lambda one: one.update(name="Other"), "content-differs"),
        (lambda one: one.pop("credentialStatus"), "content-differs"),
        (lambda one: one.update(id=one["id"][:-12] + "000000000000"), "unknown"),
        (lambda one: one.pop("proof"), "unproven"),
        (lambda one: one["proof"][0].update(created="2020-01-01T00:00:00Z"), "unproven"),
        (lambda one: one["@context"].append("https://evil.example/context"), "unreadable"),
    ],
)
async def test_tampered_files_are_refused(
    world: World, client_as: ClientAs, change: Callable[[dict[str, Any]], Any], state: str
) -> None:
    house, made = await one_issued(world)
    holder, stranger = await client_as(house.trainees[0].actor), await client_as(None)
    credential = json.loads((await holder.get(f"/api/my/credentials/{made.id}/signed")).content)
    keys = await published(stranger, house)
    change(credential)
    answer = await stranger.post("/api/verify/credential", content=json.dumps(credential))
    assert answer.status_code == 200
    assert answer.json()["state"] == state
    assert answer.json()["number"] is None, "nothing is told of what is not proven"
    if state == "content-differs":
        with pytest.raises(ProofFails):
            verify_proofs(credential, keys)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"a":1,"a":2}', b"\xff\xfe", b'{"id":{}}', b"[" * 5000])
async def test_rubbish_is_answered_calmly(client_as: ClientAs, content: bytes) -> None:
    answer = await (await client_as(None)).post("/api/verify/credential", content=content)
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "unreadable"


async def test_retired_key_still_vouches_and_compromised_does_not(
    world: World, client_as: ClientAs, keyring: Keyring
) -> None:
    house, made = await one_issued(world)
    holder, stranger = await client_as(house.trainees[0].actor), await client_as(None)
    signed = (await holder.get(f"/api/my/credentials/{made.id}/signed")).content

    async def state() -> str:
        return str((await stranger.post("/api/verify/credential", content=signed)).json()["state"])

    async with world() as db:
        following = await make_key(db, keyring, house.org_id)
        await change_key_state(db, following.id, KeyState.ACTIVE)
        assert (await db.get_one(SigningKey, made.key_id)).state is KeyState.RETIRED
    assert await state() == "valid"
    async with world() as db:
        await change_key_state(db, made.key_id, KeyState.COMPROMISED)
    assert await state() == "unproven"
    document = (await stranger.get(f"/bases/b{house.base.code}/did.json")).json()
    assert len(document["assertionMethod"]) == 1


async def test_erased_person_leaves_number_hash_and_state(world: World, client_as: ClientAs, keyring: Keyring) -> None:
    house, made = await one_issued(world)
    async with world() as db:
        await db.execute(
            sa.update(PersonKey).where(PersonKey.person_id == made.person_id).values(sealed=None)  # type: ignore[arg-type]
        )
        with pytest.raises(PersonErased):
            await personal_key(db, keyring, made.person_id)
    stranger, office = await client_as(None), await client_as(house.director)
    answer = (await stranger.get(f"/api/verify/{made.number}", params={"code": made.check_code})).json()
    assert answer["state"] == "valid"
    refused = await office.get(f"/api/credentials/{made.id}")
    assert refused.status_code in (409, 410)
    assert "林知远" not in refused.text
