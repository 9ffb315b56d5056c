"""Maker and checker: two people, one decision, bound to what was proposed."""

from uuid import uuid4

import pytest

from service.approvals.actions import decide, propose
from service.approvals.errors import AlreadyDecided, AlreadyProposed, NothingProposed, SamePerson, SubjectChanged
from service.approvals.queries import open_approval, waiting
from service.approvals.tables import ApprovalState
from service.foundation.actor import Actor
from tests.conftest import As, World
from tests.given import accounts as given

DIGEST = "a" * 64


async def two(world: World) -> tuple[Actor, Actor]:
    """A maker and a checker of one organisation."""
    async with world() as db:
        home = await given.organisation(db)
        return await given.staff(db, "scheduler", home.id), await given.staff(db, "certification_decider", home.id)


async def test_another_person_decides_and_it_is_decided_once(world: World, acting: As) -> None:
    maker, checker = await two(world)
    subject = uuid4()
    async with acting(maker) as db:
        await propose(db, maker, subject_kind="thing", subject_id=subject, digest=DIGEST)
        with pytest.raises(AlreadyProposed):
            await propose(db, maker, subject_kind="thing", subject_id=subject, digest=DIGEST)
    async with acting(checker) as db:
        approval = await open_approval(db, "thing", subject)
        decided = await decide(db, checker, approval, digest=DIGEST, approve=True)
        assert decided.state is ApprovalState.APPROVED
        with pytest.raises(AlreadyDecided):
            await decide(db, checker, approval, digest=DIGEST, approve=False)
        with pytest.raises(NothingProposed):
            await decide(db, checker, await open_approval(db, "thing", subject), digest=DIGEST, approve=True)


async def test_nobody_decides_on_their_own_proposal(world: World, acting: As) -> None:
    maker, _ = await two(world)
    async with acting(maker) as db:
        approval = await propose(db, maker, subject_kind="thing", subject_id=uuid4(), digest=DIGEST)
        with pytest.raises(SamePerson):
            await decide(db, maker, approval, digest=DIGEST, approve=True)


async def test_changed_content_is_not_approved_and_may_be_rejected(world: World, acting: As) -> None:
    maker, checker = await two(world)
    subject = uuid4()
    async with acting(maker) as db:
        await propose(db, maker, subject_kind="thing", subject_id=subject, digest=DIGEST)
    async with acting(checker) as db:
        approval = await open_approval(db, "thing", subject)
        with pytest.raises(SubjectChanged):
            await decide(db, checker, approval, digest="b" * 64, approve=True)
        await decide(db, checker, approval, digest="b" * 64, approve=False, reason="changed")
        assert await waiting(db, checker.org) == []
