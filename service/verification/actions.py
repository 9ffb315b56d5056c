"""What is done about look-ups: a holder shares for a time and takes back, a verifier checks many at once."""

import hashlib
import json
import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.credentials.queries import own_credential
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.errors import DomainError, NotFound
from service.foundation.journal import note
from service.foundation.keyring import Keyring, digest_of
from service.foundation.language import sentence
from service.foundation.records import uuid7
from service.settings import Settings
from service.verification.errors import TooManyToday
from service.verification.queries import check_file, look_up
from service.verification.rules import KEPT_DAYS, ROWS_A_DAY
from service.verification.schemas import Answer, BatchAnswer, BatchItem, CheckedRow
from service.verification.sheets import AskedRow
from service.verification.tables import BatchCheck, ShareLink


async def check_items(
    db: AsyncSession, keyring: Keyring, settings: Settings, actor: Actor, items: Sequence[BatchItem]
) -> list[BatchAnswer]:
    """Check many certificates for the actor's organisation; what cannot be looked up is said and stops no other.

    Raises TooManyToday before anything is looked up. Each holder sees that the organisation looked.
    """
    midnight = datetime.combine(clock.today(), time(), tzinfo=clock.BEIJING)
    made = int(await db.scalar(sa.text("SELECT looks_made(:since)"), {"since": midnight}) or 0)
    if made + len(items) > ROWS_A_DAY:
        raise TooManyToday(left=max(0, ROWS_A_DAY - made), limit=ROWS_A_DAY, asked=len(items))
    return [await _check(db, keyring, settings, index, item, actor.org) for index, item in enumerate(items)]


async def _check(
    db: AsyncSession, keyring: Keyring, settings: Settings, index: int, item: BatchItem, verifier: UUID
) -> BatchAnswer:
    problem, answer = None, None
    try:
        if item.credential is not None:
            answer = await check_file(db, settings, item.credential, verifier)
        else:
            answer = await look_up(
                db, keyring, number=item.number or "", name=item.name, code=item.code, way="api", verifier=verifier
            )
    except DomainError as refusal:
        problem = sentence(refusal.message, refusal.facts)
    return BatchAnswer(index=index, reference=item.reference, problem=problem, answer=answer)


async def keep_check(
    db: AsyncSession, keyring: Keyring, actor: Actor, answers: Sequence[Answer | None], rows: Sequence[CheckedRow] = ()
) -> BatchCheck:
    """Keep that a check was made, journaled without names; with `rows` the answers too, sealed, for some days."""
    counts = Counter("problem" if one is None else one.state for one in answers)
    content = json.dumps([one.model_dump(mode="json") for one in rows], ensure_ascii=False).encode()
    told = json.dumps([None if one is None else one.model_dump(mode="json") for one in answers]).encode()
    check_id = uuid7()
    row = BatchCheck(
        id=check_id,
        org_id=actor.org,
        account_id=actor.account_id,  # type: ignore[arg-type]  # who acts here is signed in
        rows=len(answers),
        counts=dict(sorted(counts.items())),
        digest=hashlib.sha256(content if rows else told).hexdigest(),
        answers_sealed=keyring.encrypt(content, f"batch_check.answers:{check_id}") if rows else None,
        expires_at=clock.now() + timedelta(days=KEPT_DAYS),
    )
    db.add(row)
    await db.flush()
    await db.refresh(row)
    await note(
        db,
        "verification.batch_checked",
        "batch_check",
        row.id,
        rows=row.rows,
        digest=row.digest,
        **cast("dict[str, Any]", row.counts),
    )
    return row


async def check_rows(
    db: AsyncSession, keyring: Keyring, settings: Settings, actor: Actor, asked: Sequence[AskedRow]
) -> BatchCheck:
    """Check the rows of a list and keep the answers for the page and the report. Raises TooManyToday."""
    good = [one for one in asked if one.problem is None]
    answers = await check_items(db, keyring, settings, actor, [one.item for one in good])
    by_row = {one.row: answer for one, answer in zip(good, answers, strict=True)}
    rows = [
        CheckedRow(
            row=one.row,
            number=one.number,
            name=one.name,
            reference=one.reference,
            problem=one.problem or by_row[one.row].problem,
            answer=None if one.problem else by_row[one.row].answer,
        )
        for one in asked
    ]
    return await keep_check(db, keyring, actor, [one.answer for one in rows], rows)


async def forget_answers(db: AsyncSession) -> int:
    """Blank answers whose days are over; returns how many. That the checks were made stays."""
    gone = await db.scalars(
        sa.update(BatchCheck)
        .where(col(BatchCheck.expires_at) <= clock.now(), col(BatchCheck.answers_sealed).is_not(None))
        .values(answers_sealed=None)
        .returning(col(BatchCheck.id))
        .execution_options(synchronize_session=False)
    )
    return len(list(gone))


async def share(db: AsyncSession, actor: Actor, credential_id: UUID, days: int) -> tuple[ShareLink, str]:
    """A link to one's own certificate for so many days; returns the row and the token, which is kept nowhere. Raises NotFound."""
    row = await own_credential(db, actor, credential_id)
    token = secrets.token_urlsafe(24)
    link = ShareLink(
        person_id=actor.person,
        credential_id=row.id,
        token_hash=digest_of(token),
        expires_at=clock.now() + timedelta(days=days),
    )
    db.add(link)
    await db.flush()
    await note(db, "share_link.made", "credential", row.id, person_id=actor.person, days=days)
    return link, token


async def take_back(db: AsyncSession, actor: Actor, link_id: UUID) -> ShareLink:
    """End one's own share link now; ending it again changes nothing. Raises NotFound."""
    chosen = select(ShareLink).where(col(ShareLink.id) == link_id, col(ShareLink.person_id) == actor.person)
    link = (await db.scalars(chosen.with_for_update())).first()
    if link is None:
        raise NotFound(what="share link")
    if link.revoked_at is None:
        link.revoked_at = clock.now()
        await note(db, "share_link.revoked", "credential", link.credential_id, person_id=actor.person)
    return link
