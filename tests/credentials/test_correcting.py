"""Corrections and new prints: two people, the number for ever, one version that stands, earlier ones lead to it."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from certificates.status import StatusList
from service.approvals.errors import NothingProposed, SamePerson, SubjectChanged
from service.courses.tables import CourseSession
from service.credentials.actions import (
    decide_change,
    decide_correction,
    propose_change,
    propose_correction,
    refuse_correction,
    request_correction,
    withdraw_correction,
)
from service.credentials.errors import (
    CertificateNotMade,
    ChangeWaits,
    CorrectionOpen,
    CredentialReplaced,
    DeciderTookPart,
    EnglishNotConfirmed,
    EvidenceFileRefused,
    IdentityNotSeen,
    NoLongerEligible,
    NotCorrectable,
    NothingToCorrect,
    OwnCertificate,
)
from service.credentials.queries import facts_of, versions_of
from service.credentials.tables import (
    CorrectionKind,
    CorrectionRequest,
    CorrectionState,
    Credential,
    CredentialPrint,
    CredentialState,
)
from service.documents.tables import IssuedDocument
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import NotAllowed, NotFound, StateConflict
from service.foundation.keyring import Keyring
from service.people.actions import change_name, personal_key
from service.people.queries import identity_of, person
from service.people.tables import IdentityState, Qualification
from service.settings import Settings
from tests.conftest import As, ClientAs, World
from tests.given import accounts
from tests.given import credentials as given
from tests.given.credentials import IssuingWorld
from tests.given.people import person as given_person

Drain = Callable[[], Awaitable[int]]
SPELLING = "LIN Zhi-yuan"


class House:
    """A base with one certificate issued, and the two people of it who correct."""

    def __init__(self, world: World, acting: As, keyring: Keyring, settings: Settings) -> None:
        self.world, self.acting, self.keyring, self.settings = world, acting, keyring, settings

    async def open(self, **how: Any) -> "House":
        """Issue the certificate."""
        async with self.world() as db:
            self.base: IssuingWorld = await given.issuing_world(db, **how)
            [self.made] = await given.issued(db, self.base)
        self.holder = self.base.trainees[0].actor
        return self

    async def ask(
        self, kind: str = "english_name", actor: Actor | None = None, credential_id: UUID | None = None, **how: Any
    ) -> CorrectionRequest:
        """The holder asks, or staff for the base."""
        who = actor or self.holder
        if kind == "english_name" and actor is None:
            how.setdefault("english_name", SPELLING)
        async with self.acting(who) as db:
            return await request_correction(
                db,
                self.keyring,
                self.settings,
                who,
                credential_id or self.made.id,
                kind=CorrectionKind(kind),
                reason="拼写有误",
                by_holder=actor is None,
                **how,
            )

    async def propose(self, correction: CorrectionRequest, actor: Actor | None = None) -> CorrectionRequest:
        """The base examines."""
        who = actor or self.base.director
        async with self.acting(who) as db:
            return await propose_correction(db, self.keyring, self.settings, who, correction.id)

    async def decide(
        self, correction: CorrectionRequest, approve: bool = True, actor: Actor | None = None
    ) -> CorrectionRequest:
        """Another person decides."""
        who = actor or self.base.decider
        async with self.acting(who) as db:
            return await decide_correction(
                db, self.keyring, self.settings, who, correction.id, approve=approve, reason=None if approve else "不符"
            )

    async def corrected(self, kind: str = "english_name", **how: Any) -> CorrectionRequest:
        """All three steps."""
        return await self.decide(await self.propose(await self.ask(kind, **how)))

    async def versions(self) -> list[Credential]:
        """All versions under the number, newest first."""
        async with self.world() as db:
            return await versions_of(db, self.made.number)

    async def rename(self, name: str, confirmed: str | None = "LIN Siyuan") -> None:
        """The base has seen the new document and entered the new name; the holder confirmed its spelling."""
        async with self.world() as db:
            row = await person(db, self.made.person_id)
            await change_name(db, self.keyring, self.base.scheduler, row, name)
            identity = await identity_of(db, row.id)
            assert identity is not None
            identity.state = IdentityState.SEEN  # a change of name asks for another look at the original
            if confirmed is not None:
                row.english_name, row.english_confirmed_at = confirmed, clock.now()


@pytest.fixture
async def house(world: World, acting: As, keyring: Keyring, settings: Settings) -> House:
    """A base with one certificate."""
    return await House(world, acting, keyring, settings).open()


async def test_corrected_spelling_is_a_new_version_and_the_earlier_one_is_superseded(
    house: House, world: World, keyring: Keyring, drain: Drain
) -> None:
    await drain()
    done = await house.corrected()
    newer, earlier = await house.versions()
    assert done.state is CorrectionState.DONE
    assert done.outcome_id == newer.id
    assert (newer.number, newer.version, newer.state.value) == (house.made.number, 2, "valid")
    assert (earlier.version, earlier.state.value, earlier.state_reason) == (1, "superseded", "english_name")
    assert (newer.awarded_on, newer.valid_from, newer.specimen) == (
        earlier.awarded_on,
        earlier.valid_from,
        earlier.specimen,
    )
    assert newer.status_index != earlier.status_index
    assert newer.check_code != earlier.check_code
    await drain()
    async with world() as db:
        key = await personal_key(db, keyring, newer.person_id)
        before, after = facts_of(earlier, key), facts_of(newer, key)
        papers = [await db.get_one(IssuedDocument, one.document_id) for one in (earlier, newer)]
        letters = set(await db.scalars(sa.text("SELECT kind FROM letter")))
        held = {one.credential_id: one.state for one in await db.scalars(select(Qualification))}
    assert (before.holder.name_en, after.holder.name_en) == ("LIN Zhiyuan", SPELLING)
    assert (before.issue, after.issue) == (1, 2)
    assert papers[0].sha256 != papers[1].sha256
    assert {one.state.value for one in papers} == {"ready"}
    assert letters >= {"credential.issued", "credential.reissued"}
    assert held == {earlier.id: "superseded", newer.id: "valid"}


async def answers(stranger: httpx.AsyncClient, row: Credential, signed: bytes, name: str) -> list[dict[str, Any]]:
    """What code, file and QR say of one version, and number with name."""
    by_code = await stranger.get(f"/api/verify/{row.number}", params={"code": row.check_code})
    by_file = await stranger.post("/api/verify/credential", content=signed)
    by_name = await stranger.post("/api/verify", json={"number": row.number, "name": name})
    return [one.json() for one in (by_code, by_file, by_name)]


async def test_old_paper_file_and_name_say_replaced_and_lead_to_the_current_one(
    house: House, client_as: ClientAs
) -> None:
    await house.rename("林思远")
    stranger, holder = await client_as(None), await client_as(house.holder)
    old_file = (await holder.get(f"/api/my/credentials/{house.made.id}/signed")).content
    link = (await holder.post(f"/api/my/credentials/{house.made.id}/share-links", json={"days": 7})).json()
    await house.corrected("changed_name")
    newer, earlier = await house.versions()
    new_file = (await holder.get(f"/api/my/credentials/{newer.id}/signed")).content
    for answer in await answers(stranger, earlier, old_file, "林知远"):
        assert (answer["state"], answer["reason"], answer["version"]) == ("superseded", "changed_name", 1)
        assert answer["current_state"] == "valid"
        assert answer["state_since"]
        led = await stranger.get(answer["current_address"].partition("8000")[2])
        assert "此证书由下列基地签发" in led.text
    for answer in await answers(stranger, newer, new_file, "林思远"):
        assert (answer["state"], answer["version"], answer["current_address"]) == ("valid", 2, None)
    page = await stranger.get(f"/V/{earlier.number}/{earlier.check_code}")
    assert "已换发" in page.text
    assert "查看现行证书" in page.text
    assert f"/credentials/{newer.id}" in page.text
    assert "林思远" not in page.text
    assert f"/credentials/{newer.id}" in (await stranger.get(link["address"].partition("8000")[2])).text
    own = await holder.get(f"/my/credentials/{earlier.id}")
    assert f"/my/credentials/{newer.id}" in own.text
    listed = await holder.get("/my/credentials")
    assert f"/my/credentials/{newer.id}" in listed.text
    assert f"/my/credentials/{earlier.id}" not in listed.text


async def test_status_list_withdraws_the_earlier_and_not_the_later(house: House, client_as: ClientAs) -> None:
    await house.corrected()
    newer, earlier = await house.versions()
    listed = await (await client_as(None)).get(f"/credentials/status/{house.base.base.code}/revocation")
    bits = StatusList.decode(listed.json()["credentialSubject"]["encodedList"])
    assert bits[earlier.status_index]
    assert not bits[newer.status_index]


async def test_wrong_fact_is_corrected_from_the_records_and_nothing_typed(
    house: House, world: World, keyring: Keyring
) -> None:
    asked = await house.ask("wrong_fact", actor=house.base.scheduler)
    with pytest.raises(NothingToCorrect):
        await house.propose(asked)
    async with world() as db:
        session = await db.get_one(CourseSession, house.made.course_session_id)
        session.title = {"zh": "更正后的班名", "en": "The Corrected Title"}
    await house.decide(await house.propose(asked))
    newer, earlier = await house.versions()
    async with world() as db:
        key = await personal_key(db, keyring, newer.person_id)
        before, after = facts_of(earlier, key), facts_of(newer, key)
    assert after.course_session.title_zh == "更正后的班名"
    assert after.base.register_entry == before.base.register_entry
    changed = {name for name, value in after.to_data().items() if value != before.to_data().get(name)}
    assert changed == {"course_session", "issue", "check_code", "verification_address", "credential_id"}


async def test_what_the_records_no_longer_bear_out_is_not_corrected(house: House, world: World) -> None:
    asked = await house.ask("wrong_fact", actor=house.base.scheduler)
    async with world() as db:
        identity = await identity_of(db, house.made.person_id)
        assert identity is not None
        identity.state = IdentityState.DECLARED
    with pytest.raises(NoLongerEligible):
        await house.propose(asked)


async def test_changed_name_waits_for_the_record_its_document_and_the_spelling(house: House, world: World) -> None:
    asked = await house.ask("changed_name")
    with pytest.raises(NothingToCorrect):
        await house.propose(asked)
    await house.rename("林思远", confirmed=None)
    with pytest.raises(EnglishNotConfirmed):
        await house.propose(asked)
    await house.rename("林思敏")
    async with world() as db:
        identity = await identity_of(db, house.made.person_id)
        assert identity is not None
        identity.state = IdentityState.DECLARED
    with pytest.raises(IdentityNotSeen):
        await house.propose(asked)


async def test_a_name_no_typeface_draws_is_refused_before_anything_is_proposed(house: House) -> None:
    asked = await house.ask("changed_name")
    await house.rename("林\U00032000")
    with pytest.raises(CertificateNotMade):
        await house.propose(asked)
    assert [one.version for one in await house.versions()] == [1]


async def test_new_print_keeps_the_certificate_and_tells_of_the_earlier_paper(
    house: House, world: World, drain: Drain, client_as: ClientAs
) -> None:
    await drain()
    stranger, holder = await client_as(None), await client_as(house.holder)
    file = (await holder.get(f"/api/my/credentials/{house.made.id}/signed")).content
    before = (await holder.get(f"/my/credentials/{house.made.id}/paper")).content
    old_code = house.made.check_code
    for _ in range(2):
        await house.corrected("reprint")
    await drain()
    [row] = await house.versions()
    assert (row.id, row.state.value, row.version) == (house.made.id, "valid", 1)
    assert row.check_code != old_code
    after = (await holder.get(f"/my/credentials/{row.id}/paper")).content
    assert hashlib.sha256(after).digest() != hashlib.sha256(before).digest()
    told = (await stranger.get(f"/api/verify/{row.number}", params={"code": old_code})).json()
    assert told["state"] == "valid"
    assert told["paper_replaced_at"]
    assert told["paper_sha256"] == hashlib.sha256(before).hexdigest()
    fresh = (await stranger.get(f"/api/verify/{row.number}", params={"code": row.check_code})).json()
    assert fresh["paper_replaced_at"] is None
    assert fresh["paper_sha256"] == hashlib.sha256(after).hexdigest()
    assert "这份纸质证书已被替换" in (await stranger.get(f"/V/{row.number}/{old_code}")).text
    assert (await stranger.post("/api/verify/credential", content=file)).json()["state"] == "valid"
    async with world() as db:
        assert len(list(await db.scalars(select(CredentialPrint)))) == 2
    shown = (await holder.get(f"/api/my/credentials/{row.id}")).json()
    assert shown["facts"]["check_code"] == shown["check_code"] == row.check_code
    assert shown["facts"]["issue"] == 3
    # a correction after two prints counts all papers
    await house.corrected()
    newest = (await house.versions())[0]
    facts = (await holder.get(f"/api/my/credentials/{newest.id}")).json()["facts"]
    assert (newest.version, facts["issue"]) == (2, 4)


async def test_it_takes_two_people_of_the_base_and_neither_is_the_holder(house: House, world: World) -> None:
    asked = await house.ask()
    with pytest.raises(NotAllowed):
        await house.propose(asked, house.base.decider)
    with pytest.raises(NothingProposed):
        await house.decide(asked)
    with pytest.raises(OwnCertificate):
        await house.propose(asked, replace(house.base.director, person_id=house.holder.person_id))
    await house.propose(asked)
    with pytest.raises(NotAllowed):
        await house.decide(asked, actor=house.base.director)
    with pytest.raises(SamePerson):
        await house.decide(asked, actor=given.standing_in(house.base.director, house.base.decider))
    async with world() as db:
        elsewhere = await accounts.organisation(db)
        stranger = await accounts.staff(db, "certification_decider", elsewhere.id)
    with pytest.raises(NotFound):
        await house.decide(asked, actor=stranger)
    assert [one.state.value for one in await house.versions()] == ["valid"]


async def test_who_asked_for_the_base_or_taught_does_not_decide(
    world: World, acting: As, keyring: Keyring, settings: Settings
) -> None:
    async with world() as db:
        teacher = await given_person(db, "陈讲师")
    house = await House(world, acting, keyring, settings).open(lecturer_id=teacher.id)
    asked = await house.propose(await house.ask("reprint", actor=house.base.scheduler))
    with pytest.raises(OwnCertificate):
        await house.decide(asked, actor=given.standing_in(house.base.scheduler, house.base.decider))
    async with world() as db:
        taught = await accounts.holder(db, teacher.id, "陈讲师")
    with pytest.raises(DeciderTookPart):
        decider = replace(house.base.decider, account_id=taught.account_id, person_id=teacher.id)
        await house.decide(asked, actor=decider)


async def test_one_correction_at_a_time_and_only_of_a_certificate_that_stands(house: House, acting: As) -> None:
    asked = await house.ask()
    with pytest.raises(CorrectionOpen):
        await house.ask("reprint")
    async with acting(house.holder) as db:
        assert (await withdraw_correction(db, house.holder, asked.id)).state is CorrectionState.WITHDRAWN
    async with acting(house.holder) as db:
        with pytest.raises(StateConflict):
            await withdraw_correction(db, house.holder, asked.id)
    with pytest.raises(StateConflict):
        await house.propose(asked)
    async with acting(house.base.director) as db:
        await propose_change(db, house.base.director, house.made.id, to_state="suspended", reason="investigation")
    with pytest.raises(ChangeWaits):
        await house.ask("reprint", actor=house.base.scheduler)
    # The holder is not told of what is only proposed: the request is kept, and waits for that decision.
    waiting = await house.ask("reprint")
    with pytest.raises(ChangeWaits):
        await house.propose(waiting)
    async with acting(house.base.decider) as db:
        await decide_change(db, house.base.decider, house.made.id, approve=True)
    with pytest.raises(NotCorrectable):
        await house.ask("reprint", actor=house.base.scheduler)
    with pytest.raises(NotCorrectable):
        await house.propose(waiting)


async def test_same_spelling_is_nothing_to_correct_and_evidence_has_its_forms(house: House) -> None:
    with pytest.raises(NothingToCorrect):
        await house.ask(english_name="LIN Zhiyuan")
    for wrong in (b"MZ a program", b"%PDF-" + bytes(5 * 1024 * 1024)):
        with pytest.raises(EvidenceFileRefused):
            await house.ask("reprint", file=wrong)


async def test_refused_request_tells_the_holder_why_and_changes_nothing(
    house: House, acting: As, drain: Drain, client_as: ClientAs
) -> None:
    asked = await house.ask()
    async with acting(house.base.scheduler) as db:
        row = await refuse_correction(db, house.base.scheduler, asked.id, "请先出示证件")
    assert row.state is CorrectionState.REFUSED
    again = await house.ask("reprint")
    await house.decide(await house.propose(again), approve=False)
    assert [one.state.value for one in await house.versions()] == ["valid"]
    await drain()
    holder = await client_as(house.holder)
    page = await holder.get(f"/my/credentials/{house.made.id}/corrections")
    assert "请先出示证件" in page.text
    assert "不符" in page.text
    assert "您的证书更正申请未获同意" in (await holder.get("/inbox")).text


async def test_records_that_move_after_the_proposal_make_it_void(house: House, world: World) -> None:
    asked = await house.propose(await house.ask())
    async with world() as db:
        (await person(db, house.made.person_id)).english_name = "LIN Zhi Yuan"
    with pytest.raises(SubjectChanged):
        await house.decide(asked)
    await house.decide(await house.propose(asked))
    assert [one.version for one in await house.versions()] == [2, 1]


async def test_revocation_overtakes_a_correction_and_takes_the_earlier_versions_with_it(
    house: House, acting: As, world: World, client_as: ClientAs
) -> None:
    holder, stranger = await client_as(house.holder), await client_as(None)
    first = (await holder.get(f"/api/my/credentials/{house.made.id}/signed")).content
    await house.corrected()
    newer, earlier = await house.versions()
    async with acting(house.base.director) as db:
        with pytest.raises(CredentialReplaced):
            await propose_change(db, house.base.director, earlier.id, to_state="revoked", reason="fraud")
    with pytest.raises(CredentialReplaced):
        await house.ask("reprint", credential_id=earlier.id)
    waiting = await house.propose(await house.ask("reprint", credential_id=newer.id))
    async with acting(house.base.director) as db:
        await propose_change(db, house.base.director, newer.id, to_state="revoked", reason="fraud")
    with pytest.raises(ChangeWaits):
        await house.decide(waiting)
    async with acting(house.base.decider) as db:
        await decide_change(db, house.base.decider, newer.id, approve=True)
    with pytest.raises(NothingProposed):
        await house.decide(waiting)
    assert {one.state.value for one in await house.versions()} == {"revoked"}
    async with world() as db:
        assert (await db.get_one(CorrectionRequest, waiting.id)).state is CorrectionState.OVERTAKEN
        assert set(await db.scalars(select(col(Qualification.state)))) == {"revoked"}
    assert {one["state"] for one in await answers(stranger, earlier, first, "林知远")} == {"revoked"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credential SET state = 'valid' WHERE version = 1",
        "UPDATE credential SET check_code = '0000-0000-0000' WHERE version = 2",
        "UPDATE credential SET document_id = (SELECT document_id FROM credential WHERE version = 1) WHERE version = 2",
        "UPDATE credential SET masked_name = '', name_lookup = '', english_lookup = NULL",
        "UPDATE correction_request SET state = 'requested'",
        "UPDATE correction_request SET words_sealed = 'x'",
        "DELETE FROM correction_request",
    ],
)
async def test_the_database_holds_what_is_settled(house: House, world: World, statement: str) -> None:
    await house.corrected()
    async with world() as db:
        with pytest.raises(DBAPIError):
            async with db.begin_nested():
                await db.execute(sa.text(statement))


@pytest.mark.parametrize(
    "values",
    [
        {"state": "valid", "version": 2},  # the first one still stands
        {"state": "superseded", "version": 2},
        {"state": "valid", "version": 3},
    ],
)
async def test_the_database_lets_no_version_in_beside_the_one_that_stands(
    house: House, world: World, values: dict[str, Any]
) -> None:
    async with world() as db:
        row = await db.get_one(Credential, house.made.id)
        copy = {**row.model_dump(exclude={"id", "created_at"}), "status_index": 1 if row.status_index != 1 else 2}
        copy |= {**values, "state": CredentialState(values["state"])}
        with pytest.raises(DBAPIError):
            async with db.begin_nested():
                db.add(Credential(**copy))


async def test_holder_base_and_decider_do_it_over_their_pages(house: House, client_as: ClientAs, drain: Drain) -> None:
    holder, director, decider = (
        await client_as(house.holder),
        await client_as(house.base.director),
        await client_as(house.base.decider),
    )
    own = f"/my/credentials/{house.made.id}"
    assert f"{own}/corrections" in (await holder.get(own)).text
    form = await holder.get(f"{own}/corrections")
    assert "申请更正" in form.text
    token = {"_csrf": holder.headers["x-csrf-token"]}
    wrong = await holder.post(f"{own}/corrections", data={**token, "kind": "english_name"})
    assert wrong.status_code == 422
    sent = {**token, "kind": "english_name", "english_name": SPELLING, "reason": "少了连字符", "evidence": "护照"}
    picture = {"file": ("passport.png", b"\x89PNG\r\n\x1a\n rest", "image/png")}
    assert (await holder.post(f"{own}/corrections", data=sent, files=picture)).status_code == 303
    assert "更正正在办理" in (await holder.get(f"{own}/corrections")).text
    [waiting] = (await director.get("/api/corrections")).json()
    here = f"/issuing/corrections/{waiting['id']}"
    for front in ("/", "/issuing", "/issuing/corrections"):
        assert here in (await director.get(front)).text
    page = await director.get(here)
    assert "少了连字符" in page.text
    assert (await director.get(f"{here}/evidence")).content == b"\x89PNG\r\n\x1a\n rest"
    staff = {"_csrf": director.headers["x-csrf-token"]}
    assert (await director.post(f"{here}/propose", data=staff)).status_code == 303
    assert here in (await decider.get("/")).text
    page = await decider.get(here)
    assert "LIN Zhiyuan" in page.text
    assert SPELLING in page.text
    reply = {"_csrf": decider.headers["x-csrf-token"], "approve": "true"}
    assert (await decider.post(f"{here}/decision", data=reply)).status_code == 303
    newer = (await house.versions())[0]
    shown = await director.get(f"/issuing/credentials/{newer.id}")
    assert "第 2 版" in shown.text
    assert "已换发" in shown.text
    person = await director.get(f"/people/{house.made.person_id}")
    assert "已换发" in person.text
    assert "查无此证" not in person.text
    await drain()
    assert "您的证书已换发" in (await holder.get("/inbox")).text


async def test_corrections_over_the_interface_for_machines(house: House, client_as: ClientAs) -> None:
    holder, director, decider = (
        await client_as(house.holder),
        await client_as(house.base.director),
        await client_as(house.base.decider),
    )
    mine = f"/api/my/credentials/{house.made.id}/corrections"
    misplaced = {"kind": "reprint", "reason": "遗失", "english_name": "LIN Zhiyuan"}
    assert (await holder.post(mine, json=misplaced)).status_code == 422
    asked = await holder.post(mine, json={"kind": "reprint", "reason": "遗失"})
    assert asked.status_code == 201, asked.text
    again = await holder.post(mine, json={"kind": "reprint", "reason": "遗失"})
    assert again.json()["type"] == "/problems/correction-open"
    taken = await holder.post(f"/api/my/corrections/{asked.json()['id']}/withdraw")
    assert taken.json()["state"] == "withdrawn"
    base = await director.post(
        f"/api/credentials/{house.made.id}/corrections", json={"kind": "reprint", "reason": "污损"}
    )
    here = f"/api/corrections/{base.json()['id']}"
    assert (await director.get(here)).json()["reason"] == "污损"
    assert (await director.post(f"{here}/propose")).json()["state"] == "proposed"
    assert (await decider.post(f"{here}/decision", json={"approve": True})).json()["state"] == "done"
    assert len((await holder.get(mine)).json()) == 2
    other = await director.post(
        f"/api/credentials/{house.made.id}/corrections", json={"kind": "reprint", "reason": "又遗失"}
    )
    refused = await director.post(f"/api/corrections/{other.json()['id']}/refuse", json={"reason": "刚制过"})
    assert refused.json()["answer"] == "刚制过"


async def test_reasons_evidence_and_names_are_nowhere_in_clear(house: House, world: World) -> None:
    await house.rename("林思远")
    await house.corrected("changed_name", evidence="新身份证")
    async with world() as db:
        kept = json.dumps(
            [
                [str(value) for value in row]
                for table in ("correction_request", "credential", "journal_entry", "letter", "issued_document")
                for row in (await db.execute(sa.text(f"SELECT * FROM {table}"))).all()
            ],
            ensure_ascii=False,
        )
    for secret in ("林思远", "林知远", "拼写有误", "新身份证"):
        assert secret not in kept
