"""Plans in force, signed agreements and their actors for tests, in one line each."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.contracts.tables import TechnologyContract
from service.equity.rules import VestingTerms
from service.equity.tables import EquityGrant, GrantState, Instrument
from service.foundation.actor import Actor
from service.incentives.actions.plans import digest_of_version, hold_against_law, read_terms
from service.incentives.tables import Agreement, AgreementParty, Bucket, Plan, PlanKind, PlanState, PlanVersion
from service.ledger.actions import Line, post
from service.ledger.tables import Book, Side
from service.people.tables import Person
from tests.given import accounts as given
from tests.given import contracts as given_contracts

FROM = date(2024, 1, 1)


def rate(numerator: int, denominator: int = 100) -> dict[str, int]:
    """A rate as it is stored."""
    return {"numerator": numerator, "denominator": denominator}


# 5 % of the first 500,000 yuan received, 8 % of what lies above; three quarters to managers, a quarter to the unit.
COMMISSION: dict[str, Any] = {
    "base": "received",
    "bands": [{"up_to_fen": 50_000_000, "rate": rate(5)}, {"up_to_fen": None, "rate": rate(8)}],
    "lines": [
        {"key": "managers", "kind": "percent", "role": "managers", "rate": rate(75), "title": {"zh": "技术经理人"}},
        {"key": "unit", "kind": "rest", "role": "unit", "title": {"zh": "单位"}},
    ],
    "notice_days": 15,
    "notice_kind": "working",
    "tax_ground": "labour_service",
}

# 70 % of net income is the pool: 70 % of it to main contributors, 5 % to managers, the rest to contributors.
SHARE: dict[str, Any] = {
    "base": "net_income",
    "deductions": ["tax", "upkeep"],
    "bands": [{"up_to_fen": None, "rate": rate(70)}],
    "lines": [
        {
            "key": "main",
            "kind": "percent",
            "role": "main_contributors",
            "rate": rate(70),
            "title": {"zh": "主要贡献人"},
        },
        {"key": "managers", "kind": "percent", "role": "managers", "rate": rate(5), "title": {"zh": "技术经理人"}},
        {"key": "others", "kind": "rest", "role": "contributors", "title": {"zh": "其他贡献人"}},
    ],
    "notice_days": 15,
    "notice_kind": "calendar",
    "tax_ground": "wages",
}


async def plan(
    db: AsyncSession,
    org_id: UUID,
    terms: dict[str, Any] | None = None,
    kind: PlanKind = PlanKind.COMMISSION,
    valid_from: date = FROM,
) -> PlanVersion:
    """A plan with one version in force."""
    head = Plan(
        org_id=org_id, code=f"P-{secrets.token_hex(4)}", kind=kind, title={"zh": "佣金办法", "en": "Commission"}
    )
    db.add(head)
    await db.flush()
    read = read_terms(kind, terms or COMMISSION)
    row = PlanVersion(
        org_id=org_id,
        plan_id=head.id,
        version=1,
        content=read.model_dump(mode="json"),
        digest="",
        valid_from=valid_from,
        places=[],
        findings=[],
        state=PlanState.IN_FORCE,
    )
    row.findings = hold_against_law(row, read)
    row.digest = digest_of_version(row)
    db.add(row)
    await db.flush()
    return row


async def agreement(
    db: AsyncSession,
    contract: TechnologyContract,
    version: PlanVersion,
    parties: list[tuple[UUID | None, str, int]],
    signed_on: date = given_contracts.SIGNED,
) -> Agreement:
    """A signed agreement; parties are (person or None, line, weight)."""
    row = Agreement(org_id=contract.org_id, contract_id=contract.id, plan_version_id=version.id, signed_on=signed_on)
    db.add(row)
    await db.flush()
    db.add(Bucket(org_id=contract.org_id, agreement_id=row.id))
    for number, (person_id, line, weight) in enumerate(parties, start=1):
        db.add(
            AgreementParty(
                org_id=contract.org_id,
                agreement_id=row.id,
                party_no=number,
                person_id=person_id,
                line=line,
                weight=weight,
            )
        )
    await db.flush()
    return row


@dataclass
class Deal:
    """A contract with a commission agreement of two managers (weights 2 and 1) and the unit, and who may act on it."""

    org_id: UUID
    officer: Actor
    approver: Actor
    finance: Actor
    contract: TechnologyContract
    version: PlanVersion
    agreement: Agreement
    managers: list[Person]


async def deal(db: AsyncSession, terms: dict[str, Any] | None = None) -> Deal:
    """A deal ready for its first revenue event, under `COMMISSION` or other terms with lines `managers` and `unit`."""
    home = await given.organisation(db)
    managers = [await given_contracts.manager(db, home.id, name) for name in ("周明", "吴芳")]
    contract = await given_contracts.contract(db, home.id)
    for weight, person in zip((2, 1), managers, strict=True):
        await given_contracts.part(db, contract, person.id, weight=weight)
    version = await plan(db, home.id, terms)
    signed = await agreement(
        db, contract, version, [(managers[0].id, "managers", 2), (managers[1].id, "managers", 1), (None, "unit", 1)]
    )
    return Deal(
        home.id,
        await given.staff(db, "incentive_officer", home.id),
        await given.staff(db, "incentive_approver", home.id),
        await given.staff(db, "finance_officer", home.id),
        contract,
        version,
        signed,
        managers,
    )


def receipt(deal: Deal, amount_fen: int, reference: str = "", **more: Any) -> dict[str, Any]:
    """A receipt for the API."""
    return {
        "contract_id": str(deal.contract.id),
        "source": "finance",
        "reference": reference or secrets.token_hex(6),
        "kind": "receipt",
        "amount_fen": amount_fen,
        "effective_on": "2024-05-06",
        **more,
    }


async def grant(
    db: AsyncSession,
    version: PlanVersion,
    person_id: UUID,
    reference: str,
    quantity: int,
    terms: dict[str, Any],
    granted_on: date = date(2024, 2, 1),
) -> EquityGrant:
    """A grant of shares with its entry in the books."""
    row = EquityGrant(
        org_id=version.org_id,
        person_id=person_id,
        plan_version_id=version.id,
        reference=reference,
        company=version.content["company"],
        instrument=Instrument.RESTRICTED,
        quantity=quantity,
        granted_on=granted_on,
        terms=VestingTerms.model_validate(terms).model_dump(mode="json"),
        state=GrantState.GRANTED,
    )
    db.add(row)
    await db.flush()
    await post(
        db,
        org_id=row.org_id,
        book=Book.SHARES,
        source_kind="equity_grant",
        source_id=row.id,
        effective_on=granted_on,
        lines=[
            Line("shares.pool", Side.DEBIT, quantity, owner_kind="plan", owner_id=version.plan_id),
            Line(
                "shares.granted",
                Side.CREDIT,
                quantity,
                owner_kind="equity_grant",
                owner_id=row.id,
                person_id=person_id,
            ),
        ],
    )
    return row
