"""A signed-in person says who they are; the account gets its person, and nobody learns whose a document is."""

from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.accounts.actions import GATE, link_person
from service.accounts.tables import Account
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.database import scope_of, set_scope
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.foundation.keyring import Keyring
from service.foundation.names import name_keys, sort_key
from service.foundation.records import uuid7
from service.foundation.text import mask_identity, person_name
from service.people.actions.consents import give_consent
from service.people.actions.identity import known, known_or_entered, lookup_of, sealed_number
from service.people.actions.personal_keys import seal_for
from service.people.errors import (
    DocumentKnown,
    IdentityConsentNeeded,
    IdentityTaken,
    LifelongNumber,
    NameDiffers,
    NameIsCertified,
)
from service.people.queries import identities_of, own_id, person, qualifications_of
from service.people.reading import purposes
from service.people.rules import IDENTITY_NAMES, Identity, IdentityKind, check_english_name, check_identity
from service.people.tables import IdentityDocument, IdentityState, Person, PersonName


async def declare_identity(
    db: AsyncSession,
    keyring: Keyring,
    actor: Actor,
    *,
    name: str,
    kind: IdentityKind | str,
    number: str,
    consented: bool,
) -> Person:
    """The signed-in account's person, by identity document and consent; a further document when there is a person.

    From here on the database is told of the person. Raises IdentityConsentNeeded, the refusals of `check_identity`,
    IdentityTaken (known under another name or linked with another account: not told which), and for a further
    document NameDiffers, DocumentKnown, LifelongNumber.
    """
    if not consented:
        raise IdentityConsentNeeded(field="consent", purpose=purposes()["identity"].title.model_dump())
    identity = check_identity(IdentityKind(kind), number, clock.today())
    given = person_name(name, field="name")
    # Two declarations of one account at once: the second waits here and finds the first's person.
    account = (
        await db.scalars(select(Account).where(col(Account.id) == actor.account_id).with_for_update())
    ).one_or_none()
    if account is None:
        raise NotFound(what="account")
    await db.refresh(account)
    if account.person_id is not None:
        await set_scope(db, replace(scope_of(db), person_id=account.person_id))
        return await _further_document(db, keyring, await person(db, account.person_id), identity, given)
    found, _new = await known_or_entered(db, keyring, identity, given)
    if found.linked or not found.same_name:
        raise IdentityTaken(field="identity_number")
    before = scope_of(db)
    try:
        async with db.begin_nested():
            await link_person(db, account.id, found.person_id, given)
    except IntegrityError as error:  # another account was linked a moment ago
        await set_scope(db, before)
        raise IdentityTaken(field="identity_number") from error
    await set_scope(db, replace(before, person_id=found.person_id))
    await look_again(db, found.person_id)  # the base saw a document; nobody has seen who holds this telephone
    await note(db, "person.linked", "account", account.id, person_id=found.person_id)
    await give_consent(db, replace(actor, person_id=found.person_id), "identity")
    return await person(db, found.person_id)


async def _further_document(db: AsyncSession, keyring: Keyring, row: Person, identity: Identity, given: str) -> Person:
    if given.lower() != row.name.lower():
        raise NameDiffers(field="name", masked=mask_identity(identity.number))
    found = await known(db, keyring, identity, given)
    if found is not None:
        raise (
            DocumentKnown(field="identity_number")
            if found.person_id == row.id
            else IdentityTaken(field="identity_number")
        )
    held = {one.kind for one in await identities_of(db, row.id)}
    if identity.kind is IdentityKind.RESIDENT and identity.kind.value in held:
        raise LifelongNumber(field="kind", kind=IDENTITY_NAMES[identity.kind])
    document_id = uuid7()
    document = IdentityDocument(
        id=document_id,
        person_id=row.id,
        kind=identity.kind.value,
        number_sealed=sealed_number(keyring, identity, document_id),
        number_lookup=lookup_of(keyring, identity),
        masked=mask_identity(identity.number),
    )
    try:
        async with db.begin_nested():
            db.add(document)
            await db.flush()
    except IntegrityError as error:  # somebody entered it a moment ago
        raise IdentityTaken(field="identity_number") from error
    await note(db, "person.document_added", "person", row.id, person_id=row.id, kind=identity.kind.value)
    return row


async def change_name(db: AsyncSession, keyring: Keyring, actor: Actor, row: Person, name: str) -> Person:
    """Give a person a new name; the earlier one is kept, sealed under the person's key.

    The person may do so while no certificate bears the name; afterwards an organisation that sees the person and has
    seen the new document does. Whoever does it, what was seen before bears another name: the originals must be seen
    again before anything is certified. Raises NameIsCertified.
    """
    given = person_name(name, field="name")
    if given == row.name:
        return row
    own = row.id == actor.person_id
    if own and await qualifications_of(db, row.id):
        raise NameIsCertified(field="name")
    earlier = PersonName(person_id=row.id, name_sealed=b"", ground="own_word" if own else "document_seen")
    earlier.name_sealed = await seal_for(db, keyring, row.id, row.name, f"person_name.name_sealed:{earlier.id}")
    db.add(earlier)
    row.name, row.name_keys, row.sort_key = given, name_keys(given), sort_key(given)
    row.english_name = row.english_confirmed_at = None  # the holder confirms the new spelling
    await db.flush()
    await look_again(db, row.id)
    await _show_name(db, row)
    await note(db, "person.renamed", "person", row.id, person_id=row.id, ground=earlier.ground)
    return row


async def look_again(db: AsyncSession, person_id: UUID) -> None:
    """What was said to be seen of a person's documents holds no more: somebody has to look at the originals again."""
    seen = (
        sa.update(IdentityDocument)
        .where(col(IdentityDocument.person_id) == person_id, col(IdentityDocument.state) == IdentityState.SEEN)
        .values(state=IdentityState.DECLARED)
    )
    await db.execute(seen.execution_options(synchronize_session="fetch"))


async def _show_name(db: AsyncSession, row: Person) -> None:
    """The account's display name follows the person's."""
    before = scope_of(db)
    await set_scope(db, GATE)
    await db.execute(sa.update(Account).where(col(Account.person_id) == row.id).values(display_name=row.name))
    await set_scope(db, before)


async def confirm_english_name(db: AsyncSession, actor: Actor, english_name: str) -> Person:
    """The holder confirms how the name is spelt in English on certificates; raises WrongEnglishName."""
    row = await person(db, own_id(actor))
    row.english_name = check_english_name(english_name)
    row.english_confirmed_at = clock.now()
    await note(db, "person.english_name_confirmed", "person", row.id, person_id=row.id)
    return row
