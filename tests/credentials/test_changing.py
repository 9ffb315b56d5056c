"""Suspension, reinstatement and revocation: two people, at once everywhere, revocation for ever."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from certificates.canonical import read_json
from certificates.keys import DocumentResolver
from certificates.proofs import verify_proofs
from certificates.published_status import PublishedLists
from certificates.status import StatusList
from certificates.verify import CredentialState as Judged
from certificates.verify import verify_credential
from service.approvals.errors import AlreadyProposed, NothingProposed, SamePerson
from service.credentials.actions import decide_change, propose_change
from service.credentials.errors import ReasonUnknown, StateStep
from service.credentials.rules.states import REASONS, STEPS, may_step
from service.credentials.tables import Credential, CredentialChange, CredentialState
from service.foundation import clock
from service.foundation.errors import NotAllowed
from service.people.tables import Qualification
from tests.conftest import As, ClientAs, World
from tests.given import credentials as given_credentials
from tests.given.credentials import IssuingWorld

Drain = Callable[[], Awaitable[int]]
STATES = [one.value for one in CredentialState]


async def one_issued(world: World) -> tuple[IssuingWorld, Credential]:
    """A base with one certificate issued."""
    async with world() as db:
        house = await given_credentials.issuing_world(db)
        [made] = await given_credentials.issued(db, house)
    return house, made


async def change(acting: As, house: IssuingWorld, credential_id: UUID, to_state: str, reason: str) -> None:
    """Two people change a credential's state."""
    async with acting(house.director) as db:
        await propose_change(db, house.director, credential_id, to_state=to_state, reason=reason)
    async with acting(house.decider) as db:
        await decide_change(db, house.decider, credential_id, approve=True)


async def test_a_change_takes_two_people_and_both_permissions(world: World, acting: As) -> None:
    house, made = await one_issued(world)
    async with acting(house.scheduler) as db:
        with pytest.raises(NotAllowed):
            await propose_change(db, house.scheduler, made.id, to_state="revoked", reason="fraud")
    async with acting(house.decider) as db:
        with pytest.raises(NothingProposed):
            await decide_change(db, house.decider, made.id, approve=True)
    async with acting(house.director) as db:
        await propose_change(db, house.director, made.id, to_state="revoked", reason="fraud", note="见卷宗")
        with pytest.raises(AlreadyProposed):
            await propose_change(db, house.director, made.id, to_state="suspended", reason="investigation")
        with pytest.raises(NotAllowed):
            await decide_change(db, house.director, made.id, approve=True)
    both = given_credentials.standing_in(house.director, house.decider)
    async with acting(both) as db:
        with pytest.raises(SamePerson):
            await decide_change(db, both, made.id, approve=True)
    async with acting(house.decider) as db:
        assert (
            await decide_change(db, house.decider, made.id, approve=False, reason="证据不足")
        ).state.value == "valid"
        assert await db.scalar(sa.select(sa.func.count()).select_from(CredentialChange)) == 0


async def test_reasons_belong_to_their_change(world: World, acting: As) -> None:
    house, made = await one_issued(world)
    async with acting(house.director) as db:
        for to_state, reason in (("revoked", "investigation"), ("suspended", "fraud"), ("revoked", "no such")):
            with pytest.raises(ReasonUnknown):
                await propose_change(db, house.director, made.id, to_state=to_state, reason=reason)
        for to_state in ("valid", "superseded", "nonsense"):
            with pytest.raises(StateStep):
                await propose_change(db, house.director, made.id, to_state=to_state, reason="cleared")


async def test_revocation_is_final_for_actions_too(world: World, acting: As) -> None:
    house, made = await one_issued(world)
    await change(acting, house, made.id, "revoked", "fraud")
    async with acting(house.director) as db:
        for to_state in ("valid", "suspended", "revoked"):
            with pytest.raises(StateStep):
                await propose_change(
                    db, house.director, made.id, to_state=to_state, reason=next(iter(REASONS[to_state]))
                )
    async with world() as db:
        assert (await db.scalars(select(Qualification))).one().state == "revoked"
        told = (await db.scalars(select(CredentialChange))).one()
        assert (told.from_state, told.to_state, told.reason) == ("valid", "revoked", "fraud")


async def test_every_edge_of_the_life_is_held_by_the_database(world: World) -> None:
    _, made = await one_issued(world)
    async with world() as db:
        for before in STATES:
            for after in STATES:
                point = await db.begin_nested()
                # Set up as nobody in the service can: past the trigger.
                path = {"valid": [], "suspended": ["suspended"], "revoked": ["revoked"], "superseded": ["superseded"]}
                for step in path[before]:
                    await db.execute(sa.text("UPDATE credential SET state = :state"), {"state": step})
                allowed = before == after or may_step(before, after)
                try:
                    async with db.begin_nested():
                        await db.execute(
                            sa.text("UPDATE credential SET state = :state, state_reason = :reason WHERE id = :id"),
                            {"state": after, "reason": None if before == after else "x", "id": made.id},
                        )
                    happened = True
                except DBAPIError:
                    happened = False
                await point.rollback()
                assert happened == allowed, (before, after)
    assert ("revoked", "valid") not in STEPS


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credential SET number = 'JSJL-01-2026-999999-0'",
        "UPDATE credential SET facts_sealed = 'x'",
        "UPDATE credential SET signed_digest = 'x'",
        "UPDATE credential SET name_lookup = 'x'",
        "UPDATE credential SET awarded_on = '2020-01-01'",
        "UPDATE credential SET status_index = 1 - status_index",
        "UPDATE credential SET specimen = NOT specimen",
        "UPDATE credential SET document_id = NULL",
        "UPDATE credential SET public_facts = '{}'",
        "DELETE FROM credential",
        "TRUNCATE credential CASCADE",
        "UPDATE credential_change SET reason = 'x'",
        "DELETE FROM change_proposal",
    ],
)
async def test_content_and_history_never_change(world: World, acting: As, statement: str) -> None:
    house, made = await one_issued(world)
    await change(acting, house, made.id, "suspended", "investigation")
    async with world() as db:
        with pytest.raises(DBAPIError):
            async with db.begin_nested():
                await db.execute(sa.text(statement))
        assert await db.scalar(sa.select(sa.func.count()).select_from(Credential)) == 1


async def test_after_revocation_is_answered_no_door_says_valid(world: World, client_as: ClientAs) -> None:
    house, made = await one_issued(world)
    director, decider, stranger = (
        await client_as(house.director),
        await client_as(house.decider),
        await client_as(None),
    )
    holder = await client_as(house.trainees[0].actor)
    link = (await holder.post(f"/api/my/credentials/{made.id}/share-links", json={"days": 7})).json()
    signed = await holder.get(f"/api/my/credentials/{made.id}/signed")
    status = f"/credentials/status/{house.base.code}/revocation"

    async def bit() -> bool:
        answer = await stranger.get(status)
        assert answer.status_code == 200, answer.text
        return StatusList.decode(answer.json()["credentialSubject"]["encodedList"])[made.status_index]

    async def doors() -> list[str]:
        said = []
        for one in (
            await stranger.get(f"/api/verify/{made.number}", params={"code": made.check_code}),
            await stranger.post("/api/verify", json={"number": made.number, "name": "林知远"}),
            await stranger.post("/api/verify/credential", content=signed.content),
        ):
            said.append(one.json()["state"])
        for page in (f"/V/{made.number}/{made.check_code}", f"/credentials/{made.id}", link["address"][21:]):
            text = (await stranger.get(page)).text
            said.append("valid" if "此证书由下列基地签发" in text else "revoked" if "已撤销" in text else "?")
        said.append((await holder.get("/api/my/credentials")).json()[0]["state"])
        return said

    assert set(await doors()) == {"valid"}
    assert not await bit()
    proposed = await director.post(
        f"/api/credentials/{made.id}/changes", json={"to_state": "revoked", "reason": "issued_in_error"}
    )
    assert proposed.status_code == 200, proposed.text
    assert set(await doors()) == {"valid"}, "a proposal changes nothing"
    decided = await decider.post(f"/api/credentials/{made.id}/changes/decision", json={"approve": True})
    assert decided.json()["state"] == "revoked"
    assert set(await doors()) == {"revoked"}
    assert await bit()


async def test_suspension_shows_at_once_and_reinstatement_ends_it(
    world: World, acting: As, client_as: ClientAs
) -> None:
    house, made = await one_issued(world)
    stranger = await client_as(None)

    async def suspended_bit() -> bool:
        answer = await stranger.get(f"/credentials/status/{house.base.code}/suspension")
        return StatusList.decode(answer.json()["credentialSubject"]["encodedList"])[made.status_index]

    await change(acting, house, made.id, "suspended", "investigation")
    assert await suspended_bit()
    await change(acting, house, made.id, "valid", "cleared")
    assert not await suspended_bit()
    async with world() as db:
        assert (await db.scalars(select(Qualification))).one().state == "valid"
        steps = await db.scalars(select(CredentialChange).order_by(col(CredentialChange.id)))
        assert [one.to_state for one in steps] == ["suspended", "valid"]


async def test_suspension_and_its_lifting_over_pages_reach_everyone(
    world: World, client_as: ClientAs, drain: Drain
) -> None:
    house, made = await one_issued(world)
    director, decider, stranger, holder = (
        await client_as(house.director),
        await client_as(house.decider),
        await client_as(None),
        await client_as(house.trainees[0].actor),
    )
    here, listed = f"/issuing/credentials/{made.id}", f"/credentials/status/{house.base.code}"
    signed = (await holder.get(f"/api/my/credentials/{made.id}/signed")).content

    async def machine() -> Judged:
        """What a verifier elsewhere makes of the file with the keys and the two lists that are published."""
        keys = DocumentResolver([(await stranger.get(f"/bases/b{house.base.code}/did.json")).json()])
        lists = [read_json((await stranger.get(f"{listed}/{one}")).content) for one in ("revocation", "suspension")]
        status = PublishedLists(lists, keys, clock.now())
        return verify_credential(signed, keys=keys, now=clock.now(), status=status).state

    assert await machine() is Judged.VALID
    for to_state, reason, said, seen in (
        ("suspended", "investigation", "已暂停", Judged.SUSPENDED),
        ("valid", "cleared", "此证书由下列基地签发", Judged.VALID),
    ):
        sent = {"_csrf": director.headers["x-csrf-token"], "to_state": to_state, "reason": reason}
        assert (await director.post(f"{here}/changes", data=sent)).status_code == 303
        reply = {"_csrf": decider.headers["x-csrf-token"], "approve": "true"}
        assert (await decider.post(f"{here}/changes/decision", data=reply)).status_code == 303
        assert said in (await stranger.get(f"/V/{made.number}/{made.check_code}")).text
        assert await machine() is seen
    await drain()
    assert (await holder.get("/inbox")).text.count("您的证书状态") >= 2


async def test_status_lists_are_signed_by_the_issuer_and_unknown_ones_are_not_there(
    world: World, client_as: ClientAs
) -> None:
    house, _ = await one_issued(world)
    stranger = await client_as(None)
    document = await stranger.get(f"/bases/b{house.base.code}/did.json")
    assert document.status_code == 200
    keys = DocumentResolver([document.json()])
    listed = await stranger.get(f"/credentials/status/{house.base.code}/revocation")
    assert [one.controller for one in verify_proofs(read_json(listed.content), keys)] == [document.json()["id"]]
    for address in (
        "/credentials/status/99/revocation",
        f"/credentials/status/{house.base.code}/refresh",
        "/bases/b99/did.json",
        "/bases/99/did.json",
    ):
        assert (await stranger.get(address)).status_code == 404, address


async def test_pages_propose_and_decide_a_revocation(world: World, client_as: ClientAs) -> None:
    house, made = await one_issued(world)
    director, decider = await client_as(house.director), await client_as(house.decider)
    here = f"/issuing/credentials/{made.id}"
    page = await director.get(here)
    assert "永久撤销" in page.text
    token: dict[str, Any] = {"_csrf": director.headers["x-csrf-token"]}
    wrong = await director.post(f"{here}/changes", data={**token, "to_state": "revoked", "reason": "cleared"})
    assert wrong.status_code == 422
    assert "请选择与该变更相符的原因" in wrong.text
    sent = {**token, "to_state": "revoked", "reason": "fraud", "note": "见卷宗"}
    assert (await director.post(f"{here}/changes", data=sent)).status_code == 303
    assert "撤销为最终决定" in (await decider.get(here)).text
    reply = {"_csrf": decider.headers["x-csrf-token"], "approve": "true"}
    assert (await decider.post(f"{here}/changes/decision", data=reply)).status_code == 303
    assert "已撤销" in (await decider.get(here)).text
