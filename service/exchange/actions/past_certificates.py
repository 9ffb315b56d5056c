"""Certificates a base issued before this service: kept as imported qualifications, never as certificates of ours."""

from collections.abc import Sequence
from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.enrolments.rules import seen_until
from service.exchange.actions.planning import Context, Keep, Planned, RowReader, read_past_day
from service.exchange.errors.imports import CertificateRecordedDifferently, DaysReversed, RowRepeated
from service.exchange.rules.columns import CERTIFICATE_COLUMNS, LEVELS
from service.exchange.rules.imports import Outcome
from service.foundation import clock
from service.foundation.language import later
from service.foundation.sheets.columns import Column
from service.foundation.sheets.reading import Sheet
from service.foundation.text import mask_identity
from service.people.actions import grant_access, person_for, record_qualification
from service.people.actions.identity import known
from service.people.errors import NameDiffers
from service.people.rules import Identity
from service.people.tables import Qualification

GROUND = "past_certificate"
SCHEME = "imported"
STATE = "imported"
NUMBER_LENGTH = 40


def imported_id(org_id: UUID, number: str) -> UUID:
    """The steady id under which a base's earlier certificate is kept, so that the same file adds nothing."""
    return uuid5(NAMESPACE_URL, f"past-certificate:{org_id}:{number}")


class PastCertificates:
    """A base's list of certificates it issued before."""

    key = "certificates"
    title = later("Past certificates")
    permission = "people.enter"
    columns: Sequence[Column] = CERTIFICATE_COLUMNS
    with_target = False

    async def check_target(self, context: Context) -> None:
        """There is no target: the list is the organisation's own."""

    async def plan(self, context: Context, sheet: Sheet) -> list[Planned]:
        """Rows against what the base had taken in before."""
        seen: dict[str, int] = {}
        rows: list[Planned] = []
        for row in sheet.rows:
            reader = RowReader(row, sheet)
            if reader.left_out:
                rows.append(reader.skipped())
                continue
            name, identity = reader.name(), reader.identity()
            number, level = certificate_of(reader)
            awarded_on = read_past_day(reader, "awarded_on")
            valid_until = valid_until_of(reader)
            if awarded_on is not None and valid_until is not None and valid_until < awarded_on:
                reader.refuse(DaysReversed(first=awarded_on.isoformat(), last=valid_until.isoformat()), "valid_until")
            if number is not None and (first := seen.get(number)) is not None:
                reader.refuse(RowRepeated(first=first), "number")
            if name is None or identity is None or number is None or level is None or awarded_on is None:
                rows.append(reader.planned())
                continue
            rows.append(await self._row(context, reader, name, identity, number, level, awarded_on, valid_until))
            if not reader.findings:
                seen[number] = reader.number  # a refused row stands in nobody's way
        return rows

    async def _row(
        self,
        context: Context,
        reader: RowReader,
        name: str,
        identity: Identity,
        number: str,
        level: str,
        awarded_on: date,
        valid_until: date | None,
    ) -> Planned:
        found = await known(context.db, context.keyring, identity, name)
        if found is not None and not found.same_name:
            reader.refuse(NameDiffers(masked=mask_identity(identity.number)), "name")
            return reader.planned()
        credential_id = imported_id(context.actor.org, number)
        held = await recorded(context.db, credential_id)
        if held is not None:
            facts = (held.person_id, held.level, held.awarded_on, held.valid_until)
            if found is None or facts != (found.person_id, level, awarded_on, valid_until):
                reader.refuse(CertificateRecordedDifferently(), "number")
            return reader.planned(Outcome.SAME, ref=held.id)

        async def keep() -> tuple[str, UUID | None]:
            person = await person_for(
                context.db,
                context.keyring,
                name=name,
                kind=identity.kind,
                number=identity.number,
                ground=GROUND,
                org_id=context.actor.org,
                source_id=credential_id,
            )
            until = seen_until(clock.today())
            await grant_access(context.db, person.id, context.actor.org, GROUND, credential_id, until)
            row = await record_qualification(
                context.db,
                person_id=person.id,
                credential_id=credential_id,
                number=number,
                scheme=SCHEME,
                level=level,
                awarded_on=awarded_on,
                valid_until=valid_until,
                state=STATE,
                claimed_by_org_id=context.actor.org,
            )
            return "recorded", row.id

        keeps: Keep = keep
        return reader.planned(Outcome.NEW, keeps)


async def recorded(db: AsyncSession, credential_id: UUID) -> Qualification | None:
    """What was taken in under this id before."""
    return (await db.scalars(select(Qualification).where(col(Qualification.credential_id) == credential_id))).first()


def certificate_of(reader: RowReader) -> tuple[str | None, str | None]:
    """Number and level of a row."""

    def checked() -> str | None:
        number = reader.row.identity("number", required=True)
        if number is not None and len(number) > NUMBER_LENGTH:
            reader.row.text("number", NUMBER_LENGTH)  # says how long it is and what fits
        return number

    number = reader.read("number", checked)
    return number, reader.read("level", lambda: reader.row.choice("level", LEVELS, required=True))


def valid_until_of(reader: RowReader) -> date | None:
    """The day to which a certificate is valid; words for "for ever" mean that none is set."""
    value = reader.row.cells.get("valid_until")
    if isinstance(value, str) and value.strip() in ("长期", "长期有效", "无", "-", "—", "/"):
        return None
    return reader.read("valid_until", lambda: reader.row.day("valid_until"))
