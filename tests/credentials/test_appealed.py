"""A certificate whose result was replaced after an appeal: whoever decides is told, and nothing is revoked."""

from collections.abc import Awaitable, Callable

import pytest
from sqlmodel import col, select

from service.credentials.tables import Credential, CredentialState
from service.exams.events import ResultSettled
from service.exams.tables import Result, ResultRelease
from service.foundation.announcing import announce
from service.letters.tables import Letter
from tests.conftest import ClientAs, World
from tests.given.credentials import issued, issuing_world

Drain = Callable[[], Awaitable[int]]


@pytest.mark.parametrize("passed", [True, False])
async def test_decider_is_told_when_a_certificate_no_longer_rests_on_a_pass(
    world: World, client_as: ClientAs, drain: Drain, passed: bool
) -> None:
    async with world() as db:
        made = await issuing_world(db, people=1)
        await issued(db, made)
        one = made.trainees[0].enrolment
        before = (await db.scalars(select(Result).where(col(Result.enrolment_id) == one.id))).one()
        release = (await db.scalars(select(ResultRelease).where(col(ResultRelease.result_id) == before.id))).one()
        after = Result(
            **before.model_dump(exclude={"id", "created_at", "run", "passed", "digest"}),
            run=2,
            passed=passed,
            digest="f" * 64,
        )
        db.add(after)
        await db.flush()
        db.add(ResultRelease(**release.model_dump(exclude={"id", "created_at", "result_id"}), result_id=after.id))
        await announce(db, ResultSettled(enrolment_id=one.id, result_id=after.id, org_id=made.org_id))
    await drain()
    async with world() as db:
        (row,) = await db.scalars(select(Credential).where(col(Credential.enrolment_id) == one.id))
        assert row.state is CredentialState.VALID
        letters = await db.scalars(select(Letter).where(col(Letter.account_id) == made.decider.account_id))
        told = [letter for letter in letters if letter.kind == "credential.result_changed"]
    assert len(told) == (0 if passed else 1)
    if not passed:
        page = await (await client_as(made.decider)).get("/inbox")
        assert f"证书 {row.number} 所依据的成绩已被新成绩取代" in page.text
        assert (await (await client_as(made.decider)).get(f"/issuing/credentials/{row.id}")).status_code == 200
