"""The journal: who did what to which thing, when; the database shows an organisation its own entries only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.accounts.rules import ROLE_TITLES
from service.desks.errors import SearchRefused
from service.desks.queries.titles import titles_of
from service.desks.reading import shipped_acts
from service.foundation.actor import Actor
from service.foundation.clock import BEIJING
from service.foundation.journal import JournalEntry
from service.foundation.language import ENGLISH, current_language, gettext, later, said
from service.organisations.queries import names_of
from service.people.queries import persons

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Search:
    """What is searched for; an empty part means anything. Days are Beijing's, both included."""

    since: date | None = None
    until: date | None = None
    act: str = ""
    who: str = ""
    thing: UUID | None = None  # the thing, the person concerned, or the account that acted


@dataclass(frozen=True)
class Told:
    """One entry as a sentence, with what it is made of."""

    entry: JournalEntry
    who: str
    roles: str
    sentence: str
    kind: str
    title: str
    person: str
    organisation: str


def _day(name: str, given: str) -> date | None:
    try:
        return date.fromisoformat(given.strip()) if given.strip() else None
    except ValueError as error:
        reason = later("a day is written like 2026-05-15.")
        raise SearchRefused(field=name, given=given[:60], reason=reason) from error


def search_of(since: str = "", until: str = "", act: str = "", who: str = "", thing: str = "") -> Search:
    """Read a search from an address; raises SearchRefused."""
    first, last = _day("since", since), _day("until", until)
    if first is not None and last is not None and last < first:
        raise SearchRefused(field="until", given=until[:60], reason=later("the last day lies before the first."))
    try:
        wanted = UUID(thing.strip()) if thing.strip() else None
    except ValueError as error:
        reason = later("an id has 32 hexadecimal digits.")
        raise SearchRefused(field="thing", given=thing[:60], reason=reason) from error
    if act and act not in shipped_acts().acts:
        raise SearchRefused(field="act", given=act[:60], reason=later("please choose an act from the list."))
    return Search(first, last, act, who.strip()[:60], wanted)


async def entries(
    db: AsyncSession, actor: Actor, search: Search, before: UUID | None = None, limit: int = 50
) -> list[JournalEntry]:
    """Entries the actor may read, newest first, at most `limit`."""
    chosen = select(JournalEntry).order_by(col(JournalEntry.id).desc()).limit(limit)
    if not actor.may("journal.read"):
        chosen = chosen.where(col(JournalEntry.org_id) == actor.org)
    if search.act:
        chosen = chosen.where(col(JournalEntry.action) == search.act)
    if search.thing is not None:
        chosen = chosen.where(
            sa.or_(
                col(JournalEntry.subject_id) == search.thing,
                col(JournalEntry.person_id) == search.thing,
                col(JournalEntry.account_id) == search.thing,
            )
        )
    if search.who:
        accounts = list(await db.scalars(sa.text("SELECT journal_accounts(:text)"), {"text": search.who}))
        chosen = chosen.where(col(JournalEntry.account_id).in_(accounts))
    if search.since is not None:
        chosen = chosen.where(col(JournalEntry.created_at) >= datetime.combine(search.since, time(), BEIJING))
    if search.until is not None:
        ends = datetime.combine(search.until, time(), BEIJING) + timedelta(days=1)
        chosen = chosen.where(col(JournalEntry.created_at) < ends)
    if before is not None:
        chosen = chosen.where(col(JournalEntry.id) < before)
    return list(await db.scalars(chosen))


async def told(db: AsyncSession, rows: Sequence[JournalEntry]) -> list[Told]:
    """Entries as sentences in the reader's language; names and titles stand where the reader may see them."""
    sentences: list[Told] = []
    for start in range(0, len(rows), MOST_AT_ONCE):
        sentences += await _told(db, rows[start : start + MOST_AT_ONCE])
    return sentences


async def _told(db: AsyncSession, rows: Sequence[JournalEntry]) -> list[Told]:
    statement = sa.text("SELECT * FROM journal_names(:ids)")
    names = {row.entry_id: row for row in await db.execute(statement, {"ids": [one.id for one in rows]})}
    titles = await titles_of(db, ((row.subject_kind, row.subject_id) for row in rows))
    people = await _people(db, rows, names)
    homes = await names_of(db, {row.org_id for row in rows if row.org_id is not None})
    return [
        _sentence(row, names.get(row.id), titles, people, said(homes.get(row.org_id)) if row.org_id else "")
        for row in rows
    ]


async def _people(db: AsyncSession, rows: Sequence[JournalEntry], names: dict[UUID, Any]) -> dict[UUID, str]:
    ids = {row.person_id for row in rows} | {row.subject_id for row in rows if row.subject_kind == "person"}
    ids |= {one.actor_person for one in names.values()} | {one.subject_person for one in names.values()}
    return {key: row.name for key, row in (await persons(db, {one for one in ids if one})).items() if row.name}


def _sentence(
    row: JournalEntry, known: Any, titles: dict[UUID, str], people: dict[UUID, str], organisation: str
) -> Told:
    who, roles = _who(row, known, people)
    title = titles.get(row.subject_id, "")
    if row.subject_kind == "person":
        title = people.get(row.subject_id, "")
    elif known is not None and row.subject_kind in ("account", "post"):
        title = known.subject_name or people.get(known.subject_person, "")
        if row.subject_kind == "post":
            role = known.subject_role or str(row.details.get("role") or "")
            title = " ".join(part for part in (title, _role(role)) if part)
    person = people.get(row.person_id, "") if row.person_id else ""
    acts = shipped_acts()
    word = acts.things.get(row.subject_kind)
    kind = "" if word is None else word.said()
    english = current_language() == ENGLISH
    quoted = "" if not title else f" “{title}”" if english else f"“{title}”"
    phrase = acts.acts.get(row.action)
    if phrase is None:
        said_of = gettext(later("did something this version has no sentence for"))
    else:
        said_of = phrase.said(thing=kind + quoted, person=person or gettext(later("a person")))
    named = who if not roles else (f"{who} ({roles})" if english else f"{who}（{roles}）")
    return Told(
        row, who, roles, f"{named} {said_of}" if english else f"{named}{said_of}", kind, title, person, organisation
    )


def _role(role: str) -> str:
    return gettext(ROLE_TITLES[role]) if role in ROLE_TITLES else ""


def _who(row: JournalEntry, known: Any, people: dict[UUID, str]) -> tuple[str, str]:
    if row.account_id is None:
        return gettext(later("The service")), ""
    if known is not None and known.actor_name:
        joint = ", " if current_language() == ENGLISH else "、"
        return str(known.actor_name), joint.join(filter(None, map(_role, known.actor_roles)))
    if known is not None and known.actor_person in people:
        return people[known.actor_person], ""
    return gettext(later("A trainee or certificate holder")), ""
