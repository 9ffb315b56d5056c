"""Technology contracts from the national register's export: recorded with their registration, never overwritten."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlmodel import col, select

from service.contracts.actions import record_contract, register
from service.contracts.rules import check_amounts, check_registered, check_signed
from service.contracts.schemas import Bilingual, ContractCreate, RegistrationCreate
from service.contracts.tables import ContractKind, ContractState, TechnologyContract
from service.exchange.actions.planning import Context, Keep, Planned, RowReader
from service.exchange.errors.imports import AmountOutOfReach, ContractRecordedDifferently, RowRepeated
from service.exchange.rules.columns import CONTRACT_COLUMNS, CONTRACT_KINDS, in_ten_thousands
from service.exchange.rules.imports import Outcome
from service.foundation import clock
from service.foundation.language import later
from service.foundation.money import LARGEST_FEN
from service.foundation.sheets.columns import Column
from service.foundation.sheets.errors import CellEmpty
from service.foundation.sheets.reading import Sheet

FEN_OF_TEN_THOUSAND = 1_000_000
COMPARED = ("title", "kind", "seller", "buyer", "signed_on", "contract_fen", "transaction_fen")


class TechnologyContracts:
    """An export of registered technology contracts."""

    key = "contracts"
    title = later("Technology contracts")
    permission = "contracts.manage"
    columns: Sequence[Column] = CONTRACT_COLUMNS
    with_target = False

    async def check_target(self, context: Context) -> None:
        """There is no target: the contracts are the organisation's own."""

    async def plan(self, context: Context, sheet: Sheet) -> list[Planned]:
        """Rows against the contracts on record."""
        seen: dict[str, int] = {}
        rows: list[Planned] = []
        for row in sheet.rows:
            reader = RowReader(row, sheet)
            if reader.left_out:
                rows.append(reader.skipped())
                continue
            new, registration = contract_of(reader), registration_of(reader)
            if new is not None:
                if (first := seen.get(new.contract_no)) is not None:
                    reader.refuse(RowRepeated(first=first), "contract_no")
                self._check_facts(reader, new, registration)
            if new is None or reader.findings:
                rows.append(reader.planned())
                continue
            rows.append(await self._row(context, reader, new, registration))
            if not reader.findings:
                seen[new.contract_no] = reader.number  # a refused row stands in nobody's way
        return rows

    def _check_facts(self, reader: RowReader, new: ContractCreate, registration: RegistrationCreate | None) -> None:
        today = clock.today()
        reader.read("transaction_fen", lambda: check_amounts(new.contract_fen, new.transaction_fen))
        reader.read("signed_on", lambda: check_signed(new.signed_on, today))
        if registration is not None:
            registered = registration.registered_on
            reader.read("registered_on", lambda: check_registered(new.signed_on, registered, today))

    async def _row(
        self, context: Context, reader: RowReader, new: ContractCreate, registration: RegistrationCreate | None
    ) -> Planned:
        chosen = select(TechnologyContract).where(
            col(TechnologyContract.org_id) == context.actor.org, col(TechnologyContract.contract_no) == new.contract_no
        )
        held = (await context.db.scalars(chosen)).first()
        if held is None:
            return reader.planned(Outcome.NEW, self._keep(context, None, new, registration))
        differing = [name for name in COMPARED if shown(getattr(held, name)) != shown(getattr(new, name))]
        if held.registration_no and registration and held.registration_no != registration.registration_no:
            differing.append("registration_no")
        if differing:
            reader.refuse(ContractRecordedDifferently(fields=[reader.label(name) for name in differing]))
            return reader.planned()
        if registration is not None and held.state is ContractState.SIGNED:
            return reader.planned(Outcome.CHANGED, self._keep(context, held.id, new, registration), held.id)
        return reader.planned(Outcome.SAME, ref=held.id)

    def _keep(
        self, context: Context, held: UUID | None, new: ContractCreate, registration: RegistrationCreate | None
    ) -> Keep:
        async def keep() -> tuple[str, UUID | None]:
            contract_id = held or (await record_contract(context.db, context.actor, new)).id
            if registration is not None:
                await register(context.db, context.actor, contract_id, registration)
            return ("updated" if held else "recorded"), contract_id

        return keep


def shown(value: object) -> object:
    """A fact as it is compared: titles by their Chinese text."""
    if isinstance(value, Bilingual):
        return value.zh
    return value.get("zh") if isinstance(value, dict) else value


def contract_of(reader: RowReader) -> ContractCreate | None:
    """The contract of a row, or None with findings."""
    row = reader.row
    contract_no = reader.read("contract_no", lambda: row.identity("contract_no", required=True))
    title = reader.read("title", lambda: row.text("title", 200, required=True))
    kind = reader.read("kind", lambda: row.choice("kind", CONTRACT_KINDS, required=True))
    seller = reader.read("seller", lambda: row.text("seller", 200, required=True))
    buyer = reader.read("buyer", lambda: row.text("buyer", 200, required=True))
    signed_on = reader.read("signed_on", lambda: row.day("signed_on", required=True))
    contract_fen = fen_of(reader, "contract_fen", required=True)
    transaction_fen = fen_of(reader, "transaction_fen", required=False)
    if contract_no is None or title is None or kind is None or seller is None or buyer is None:
        return None
    if signed_on is None or contract_fen is None or reader.findings:
        return None
    return ContractCreate(
        contract_no=contract_no,
        title=Bilingual(zh=title),
        kind=ContractKind(kind),
        seller=seller,
        buyer=buyer,
        signed_on=signed_on,
        contract_fen=contract_fen,
        transaction_fen=contract_fen if transaction_fen is None else transaction_fen,
    )


def fen_of(reader: RowReader, name: str, *, required: bool) -> int | None:
    """An amount in fen; a header that says 万元 means ten thousand yuan, exact to the fen."""

    def amount() -> int | None:
        if not in_ten_thousands(reader.label(name)):
            fen = reader.row.yuan(name, required=required)
        else:
            given: Decimal | None = reader.row.decimal(name, 6, required=required)
            fen = None if given is None else int(given * FEN_OF_TEN_THOUSAND)
        if fen is not None and not 0 <= fen <= LARGEST_FEN:
            raise AmountOutOfReach
        return fen

    return reader.read(name, amount)


def registration_of(reader: RowReader) -> RegistrationCreate | None:
    """The registration of a row: all three facts, or none of them."""
    row = reader.row
    number = reader.read("registration_no", lambda: row.identity("registration_no"))
    office = reader.read("registration_office", lambda: row.text("registration_office", 200))
    registered_on: date | None = reader.read("registered_on", lambda: row.day("registered_on"))
    given = {"registration_no": number, "registration_office": office, "registered_on": registered_on}
    if not any(given.values()) or reader.findings:
        return None
    for name, value in given.items():
        if value is None:
            where: dict[str, object] = {"row": reader.number, "column": reader.label(name), "field": name}
            reader.refuse(CellEmpty(**where), name)
    if number is None or office is None or registered_on is None:
        return None
    return RegistrationCreate(registration_no=number, registration_office=office, registered_on=registered_on)
