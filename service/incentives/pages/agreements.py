"""Pages of agreements: signing one over a contract's people, and one with everything it earned."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from service.contracts.queries import contract_for, managers_of
from service.contracts.rules import ROLE_TITLES
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.language import later, said
from service.incentives.actions import sign_agreement
from service.incentives.forms import AgreementForm
from service.incentives.pages.plans import READ, RECORD, titles
from service.incentives.queries import accruals_under, agreement_for, earned_by_party, version_for, versions_in_force
from service.incentives.rules import PlanTerms
from service.incentives.rules.naming import ACCRUAL_TITLES, EVENT_TITLES
from service.incentives.tables import PlanKind
from service.people.queries import persons
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect


async def shown_form(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    contract_id: UUID,
    version_id: UUID | None,
    form: Submission[Any],
) -> Response[str]:
    """The form: first the plan, then the weights of the contract's people in each of its lines."""
    contract = await contract_for(db, actor, contract_id)
    offered = [
        (version, plan) for version, plan in await versions_in_force(db, actor) if plan.kind is not PlanKind.EQUITY
    ]
    version = None if version_id is None else await version_for(db, actor, version_id)
    return page(
        request,
        "incentives/agreement_form.html",
        status=422 if form.errors else 200,
        contract=contract,
        people=await managers_of(db, contract.id),
        part_roles=ROLE_TITLES,
        version=version,
        terms=None if version is None else PlanTerms.model_validate(version.content),
        version_options=[
            (str(one.id), f"{plan.code} {said(plan.title)} · {one.version}（{one.valid_from.isoformat()}）")
            for one, plan in offered
        ],
        form=form,
        **titles(),
    )


@get("/incentives/agreements/new", **access(RECORD))
async def new_agreement_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    contract: FromQuery[UUID],
    version: FromQuery[UUID | None] = None,
) -> Response[str]:
    """The form of an agreement for a contract."""
    form: Submission[AgreementForm] = Submission({"signed_on": clock.today().isoformat()})
    return await shown_form(request, db, actor, contract, version, form)


@post("/incentives/agreements/new", **access(RECORD))
async def new_agreement(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    contract: FromQuery[UUID],
    version: FromQuery[UUID],
) -> Response[Any]:
    """Sign an agreement."""
    form = await read_form(request, AgreementForm)
    if form.data is not None:
        given = form.data
        row = await version_for(db, actor, given.plan_version_id)
        keys = [line.key for line in PlanTerms.model_validate(row.content).lines]

        async def sign() -> Any:
            return await sign_agreement(db, actor, given.create(keys))

        signed = await attempt(db, form, sign)
        if signed is not None:
            return redirect(f"/incentives/agreements/{signed.id}", later("The agreement is signed and pinned."))
    return await shown_form(request, db, actor, contract, version, form)


@get("/incentives/agreements/{agreement_id:uuid}", **access(READ))
async def agreement_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, agreement_id: FromPath[UUID]
) -> Response[str]:
    """One agreement: parties, running totals, and every accrual under it."""
    bound = await agreement_for(db, actor, agreement_id)
    people = await persons(db, [one.person_id for one in bound.parties if one.person_id])
    return page(
        request,
        "incentives/agreement.html",
        bound=bound,
        contract=await contract_for(db, actor, bound.agreement.contract_id),
        names={person_id: row.name for person_id, row in people.items()},
        earned=await earned_by_party(db, bound.agreement.id),
        accruals=await accruals_under(db, bound.agreement.id),
        event_titles=EVENT_TITLES,
        accrual_titles=ACCRUAL_TITLES,
        may_record=actor.may(RECORD),
        **titles(),
    )


handlers = [new_agreement_page, new_agreement, agreement_page]
