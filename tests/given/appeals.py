"""Appeals against released results, for tests: inserted directly."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.exams.tables import (
    Appeal,
    AppealGround,
    AppealMember,
    AppealState,
    AppealStep,
    AppealStepKind,
    ResultRelease,
    Sitting,
)
from service.foundation.actor import Actor
from service.foundation.keyring import keyring_at
from service.foundation.records import uuid7
from service.people.actions import seal_for
from service.settings import get_settings


async def appeal(db: AsyncSession, enrolment_id: UUID, panel: Sequence[Actor] = ()) -> Appeal:
    """An appeal about an enrolment's released result; with a panel it is being heard."""
    release = (
        await db.scalars(select(ResultRelease).where(col(ResultRelease.enrolment_id) == enrolment_id).limit(1))
    ).one()
    sitting = (await db.scalars(select(Sitting).where(col(Sitting.enrolment_id) == enrolment_id).limit(1))).one()
    appeal_id = uuid7()
    keyring = keyring_at(get_settings().keyring_path)
    words = "第 20 题的第二点已写明，却没有得分。"
    row = Appeal(
        id=appeal_id,
        org_id=release.org_id,
        exam_session_id=release.exam_session_id,
        sitting_id=sitting.id,
        result_id=release.result_id,
        person_id=release.person_id,
        ground=AppealGround.SCORE_CHECK,
        statement_sealed=await seal_for(db, keyring, release.person_id, words, f"appeal.statement:{appeal_id}"),
        state=AppealState.HEARING if panel else AppealState.LODGED,
    )
    db.add(row)
    await db.flush()
    step = AppealStep(
        org_id=row.org_id, appeal_id=row.id, person_id=row.person_id, kind=AppealStepKind.LODGED, account_id=None
    )
    members = [AppealMember(org_id=row.org_id, appeal_id=row.id, account_id=one.account_id) for one in panel]  # type: ignore[arg-type]
    db.add_all([step, *members])
    await db.flush()
    return row
