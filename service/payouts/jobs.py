"""Jobs of the payouts room: issuing a statement that was asked for, and printing it."""

import rfc8785
from sqlalchemy.ext.asyncio import AsyncSession

from certificates.refusals import CertificateRefusal
from service.documents.actions import facts_of, file_failed, file_ready
from service.documents.events import DocumentRegistered
from service.documents.queries import document
from service.documents.tables import DocumentState
from service.foundation import announcing
from service.foundation.announcing import every, on
from service.foundation.keyring import keyring_at
from service.foundation.rendering import RenderingPool
from service.foundation.working import Work
from service.payouts.actions import issue_statement
from service.payouts.actions.forgetting import forget_objections
from service.payouts.actions.statements import KIND
from service.payouts.events import StatementAsked
from service.payouts.printing import print_statement
from service.people.actions import personal_key
from service.people.events import PersonalDataErased
from service.settings import Settings, get_settings


def _settings() -> Settings:
    settings: Settings = announcing.resources.get("settings") or get_settings()
    return settings


def _pool() -> RenderingPool:
    """The worker's pool; one kept for this process when its start gave none (the demo loader)."""
    pool: RenderingPool = announcing.resources.setdefault("rendering", RenderingPool(1))
    return pool


@on(StatementAsked)
async def issue_asked_statement(db: AsyncSession, event: StatementAsked) -> None:
    """Freeze what is known now; asked for once, issued once."""
    assert event.org_id is not None, "a statement is asked of a unit"
    settings = _settings()
    await issue_statement(
        db,
        keyring_at(settings.keyring_path),
        person_id=event.person_id,
        org_id=event.org_id,
        period=event.period,
        language=event.language,
        specimen=settings.demo,
    )


@on(DocumentRegistered, own_transactions=True)
async def print_statement_paper(work: Work, event: DocumentRegistered) -> None:
    """Print a statement from its frozen facts in the rendering pool; a paper that is ready stays as it is."""
    if event.kind != KIND:
        return
    settings = _settings()
    async with work.transaction() as db:
        row = await document(db, event.document_id)
        if row.state is DocumentState.READY or row.person_id is None:
            return
        key = await personal_key(db, keyring_at(settings.keyring_path), row.person_id)
        facts = rfc8785.dumps(facts_of(row, key))
    try:
        content = await _pool().run(print_statement, facts)
    except CertificateRefusal as refusal:
        async with work.transaction(final=True) as db:
            await file_failed(db, event.document_id, refusal.sentence("zh"))
        return
    async with work.transaction(final=True) as db:
        await file_ready(db, settings, event.document_id, content)


@on(PersonalDataErased)
async def erase_objections(db: AsyncSession, event: PersonalDataErased) -> None:
    """Blank what an erased person objected and what was found, where it is settled; whether it was upheld stays."""
    await forget_objections(db)


@every("35 18 * * *")
async def forget_settled_objections(db: AsyncSession) -> None:
    """Each night at 02:35, Beijing time: objections of erased people that were settled since."""
    await forget_objections(db)
