"""Which person of a class a row means: by the code of a downloaded list, by document number, or by a name only one bears."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.exchange.actions.planning import Context, RowReader
from service.exchange.errors.imports import CodeUnknown, NameAmbiguous, NumberNeeded, PersonNotEnrolled
from service.exchange.rules.columns import learner_code
from service.foundation.text import mask_identity
from service.people.actions.identity import known
from service.people.errors import NameDiffers
from service.people.queries import persons
from service.people.tables import Person


@dataclass(frozen=True)
class Seat:
    """One person of a class: what a row about them concerns, the enrolment their code is made of, and who they are."""

    id: UUID
    enrolment_id: UUID
    person_id: UUID

    @property
    def code(self) -> str:
        """The learner's code."""
        return learner_code(self.enrolment_id)


@dataclass(frozen=True)
class Seats:
    """The people of a class, found in each of the ways a list may name them."""

    by_person: dict[UUID, Seat]
    by_code: dict[str, Seat]
    by_name: dict[str, list[Seat]]
    people: dict[UUID, Person]

    def in_order(self) -> list[tuple[Seat, str]]:
        """The seats with their names, by pinyin; those whose name is gone are left out."""
        shown = [(self.people[one.person_id], one) for one in self.by_person.values() if one.person_id in self.people]
        shown.sort(key=lambda one: (one[0].sort_key, one[0].name, one[1].id))
        return [(seat, person.name) for person, seat in shown]


async def seats_of(db: AsyncSession, seats: Iterable[Seat]) -> Seats:
    """The seats of a class, by person, code and name."""
    listed = list(seats)
    people = await persons(db, [one.person_id for one in listed])
    by_name: dict[str, list[Seat]] = defaultdict(list)
    for one in listed:
        if one.person_id in people:
            by_name[people[one.person_id].name].append(one)
    return Seats({one.person_id: one for one in listed}, {one.code: one for one in listed}, by_name, people)


async def seat_meant(context: Context, reader: RowReader, seats: Seats, *, name_alone: bool) -> Seat | None:
    """The seat a row means, or None with a finding; a name alone is enough only where `name_alone` says so."""
    name, identity = reader.name(), reader.identity(required=False)
    code = reader.read("learner", lambda: reader.row.identity("learner"))
    if name is None or reader.findings:
        return None
    bearers = seats.by_name.get(name, [])
    if code is not None:
        by_code = seats.by_code.get(code.upper())
        if by_code not in bearers:
            reader.refuse(CodeUnknown(), "learner")
            return None
    if identity is not None:
        found = await known(context.db, context.keyring, identity, name)
        if found is not None and not found.same_name:
            reader.refuse(NameDiffers(masked=mask_identity(identity.number)), "name")
            return None
        seat = seats.by_person.get(found.person_id) if found is not None else None
        if seat is None or (code is not None and seat.code != code.upper()):
            reader.refuse(PersonNotEnrolled(), "name")
            return None
        return seat
    if code is not None:
        return seats.by_code[code.upper()]
    if not bearers:
        reader.refuse(PersonNotEnrolled(), "name")
    elif len(bearers) > 1:
        reader.refuse(NameAmbiguous(count=len(bearers)), "name")
    elif not name_alone:
        reader.refuse(NumberNeeded(), "identity_number")
    else:
        return bearers[0]
    return None
