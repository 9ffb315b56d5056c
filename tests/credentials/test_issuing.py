"""From a list drawn up to a certificate issued once and for ever."""

from collections.abc import Awaitable, Callable

import sqlalchemy as sa
from sqlmodel import col, select

from certificates.facts import CertificateKind
from certificates.serial import parse_number
from service.credentials.actions import decide_list, draw_up_list, propose_list
from service.credentials.queries import credentials_of, entries_of, facts_of
from service.credentials.tables import Credential, IssuingList, ListState
from service.foundation.keyring import Keyring
from service.people.actions import personal_key
from tests.conftest import As, World
from tests.given import credentials as given

Drain = Callable[[], Awaitable[int]]


async def test_approved_list_is_issued_once_with_number_facts_and_paper(
    world: World, acting: As, drain: Drain, keyring: Keyring
) -> None:
    async with world() as db:
        house = await given.issuing_world(db, people=2)
    async with acting(house.scheduler) as db:
        drawn = await draw_up_list(db, house.scheduler, house.session.id, CertificateKind.LEVEL)
        assert [one.reasons for one in await entries_of(db, drawn.id)] == [[], []]
        await propose_list(db, house.scheduler, drawn.id)
    async with acting(house.decider) as db:
        await decide_list(db, house.decider, drawn.id, approve=True)
    assert await drain() > 0
    async with world() as db:
        assert [one.hindrance for one in await entries_of(db, drawn.id)] == [None, None]
        rows = list(await db.scalars(select(Credential).order_by(col(Credential.number))))
        assert [parse_number(one.number).serial for one in rows] == [1, 2]
        assert (await db.get_one(IssuingList, drawn.id)).state == ListState.ISSUED
        facts = facts_of(rows[0], await personal_key(db, keyring, rows[0].person_id))
        assert facts.number == rows[0].number
        assert facts.hours.minutes == sum(one.minutes for one in house.meetings)
        assert facts.result is not None
        assert facts.result.score == "86"
        assert await db.scalar(sa.text("SELECT count(*) FROM qualification")) == 2
    assert await drain() == 0
    async with acting(house.trainees[0].actor) as db:
        assert len(await credentials_of(db, house.trainees[0].person.id)) == 1
        assert await credentials_of(db, house.trainees[1].person.id) == []
