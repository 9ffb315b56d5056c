"""Letters that leave the house: text messages through the port."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.accounts.events import AccessChanged
from service.accounts.tables import Account
from service.foundation import announcing, clock
from service.foundation.announcing import on
from service.foundation.keyring import keyring_at
from service.foundation.language import sentence, speaking
from service.foundation.working import Work
from service.letters.actions import write
from service.letters.events import LetterWritten
from service.letters.rules import SMS, kind_of
from service.letters.tables import Letter, LetterState
from service.settings import get_settings


async def reached(db: AsyncSession, letter: Letter) -> tuple[str, str | None] | None:
    """(number in international form, language) of the account a letter goes to, or None when it has no number."""
    chosen = select(Account)
    if letter.account_id is not None:
        chosen = chosen.where(col(Account.id) == letter.account_id)
    else:
        chosen = chosen.where(col(Account.person_id) == letter.person_id)
    account = (await db.scalars(chosen)).first()
    if account is None or account.phone_sealed is None:
        return None
    settings = announcing.resources.get("settings") or get_settings()
    phone = keyring_at(settings.keyring_path).decrypt(account.phone_sealed, f"account.phone:{account.id}")
    return phone.decode(), account.language


async def _waiting(db: AsyncSession, letter_id: UUID) -> Letter | None:
    row = await db.get(Letter, letter_id)
    return row if row is not None and row.channel == SMS and row.state is LetterState.WAITING else None


@on(AccessChanged)
async def tell_of_access(db: AsyncSession, event: AccessChanged) -> None:
    """The owner of an account is told when how it signs in was changed, or when somebody asked for that."""
    await write(db, kind=f"account.{event.what}", facts={}, account_id=event.account_id)


@on(LetterWritten, own_transactions=True)
async def send_message(work: Work, event: LetterWritten) -> None:
    """Send a text message; who has no number is marked so. Sending holds no transaction open."""
    async with work.transaction() as db:
        letter = await _waiting(db, event.letter_id)
        to = None if letter is None else await reached(db, letter)
    if letter is not None and to is not None:
        phone, language = to
        with speaking(language):
            await announcing.resources["short_messages"].send(phone, sentence(kind_of(letter.kind).text, letter.facts))
    async with work.transaction(final=True) as db:
        row = await _waiting(db, event.letter_id)
        if row is not None:
            row.state = LetterState.FAILED if to is None else LetterState.SENT
            row.sent_at = None if to is None else clock.now()
