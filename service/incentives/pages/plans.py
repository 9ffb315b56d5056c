"""Pages of plans: the list, a plan with its versions, the form of a draft, proposing and deciding."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from service.foundation.actor import Actor
from service.foundation.language import current_language, gettext, later, said, sentence
from service.foundation.money import Rate, format_yuan, yuan_text
from service.foundation.provinces import place_names
from service.incentives.actions import create_plan, decide_version, draft_version, propose_version, redraft_version
from service.incentives.forms import BANDS, LINES, EquityVersionForm, VersionForm
from service.incentives.queries import plan_for, plans_of, version_for, versions_of
from service.incentives.rules import Binding, LegalRule, PlanTerms, shipped_rules
from service.incentives.rules.naming import (
    BASE_TITLES,
    BINDING_TITLES,
    DAY_KIND_TITLES,
    LINE_KIND_TITLES,
    LINE_ROLE_TITLES,
    OUTCOME_TITLES,
    PLAN_KIND_TITLES,
    PLAN_STATE_TITLES,
    TAX_TITLES,
)
from service.incentives.schemas import DecisionCreate, EquityTerms, PlanCreate
from service.incentives.tables import Plan, PlanKind, PlanVersion
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

RECORD = "incentives.record"
READ = "incentives.read"
CHIPS = {"draft": "draft", "proposed": "pending", "in_force": "ok", "ended": "closed"}
OUTCOME_CHIPS = {"met": "ok", "unmet": "err", "open": "warn"}
NATION = "全国"


def options(titles: dict[str, str]) -> list[tuple[str, str]]:
    """Choices of a select in the reader's language."""
    return [(value, gettext(title)) for value, title in titles.items()]


def titles() -> dict[str, Any]:
    """The names of all kinds, states, bases, roles and grounds."""
    return {
        "plan_kinds": PLAN_KIND_TITLES,
        "plan_states": PLAN_STATE_TITLES,
        "plan_chips": CHIPS,
        "bases": BASE_TITLES,
        "line_kinds": LINE_KIND_TITLES,
        "line_roles": LINE_ROLE_TITLES,
        "grounds": TAX_TITLES,
        "day_kinds": DAY_KIND_TITLES,
        "outcomes": OUTCOME_TITLES,
        "outcome_chips": OUTCOME_CHIPS,
        "bindings": BINDING_TITLES,
    }


DEDUCTION_TITLES = {"tax": later("Taxes"), "upkeep": later("Upkeep of the right")}
"""How usual names of deductions are said; any other is said as the plan writes it."""


@get("/incentives/plans", **access(READ))
async def plans_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """The organisation's plans with their versions."""
    return await shown_plans(request, db, actor, Submission())


async def shown_plans(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, form: Submission[Any]
) -> Response[str]:
    """The plans, and the form of a new one."""
    rows = await plans_of(db, actor)
    versions: dict[UUID, list[PlanVersion]] = {row.id: [] for row in rows}
    for one in await versions_of(db, versions):
        versions[one.plan_id].append(one)
    return page(
        request,
        "incentives/plans.html",
        status=422 if form.errors else 200,
        rows=rows,
        versions=versions,
        form=form,
        kind_options=options(PLAN_KIND_TITLES),
        may_record=actor.may(RECORD),
        **titles(),
    )


@post("/incentives/plans", **access(RECORD))
async def new_plan(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """A new plan."""
    form = await read_form(request, PlanCreate)
    if form.data is not None:
        given = form.data
        row = await attempt(db, form, lambda: create_plan(db, actor, given))
        if row is not None:
            return redirect(
                f"/incentives/plans/{row.id}/versions/new", later("The plan has been created. Now its terms.")
            )
    return await shown_plans(request, db, actor, form)


def shown_version_form(
    request: Request[Any, Any, Any], plan: Plan, form: Submission[Any], action: str
) -> Response[str]:
    """The form of a draft, by the plan's kind."""
    rules = shipped_rules()
    return page(
        request,
        "incentives/version_form.html",
        status=422 if form.errors else 200,
        plan=plan,
        form=form,
        action=action,
        bands=range(BANDS),
        lines=range(LINES),
        base_options=options(BASE_TITLES),
        role_options=options(LINE_ROLE_TITLES),
        kind_options=options(LINE_KIND_TITLES),
        ground_options=options(TAX_TITLES),
        day_options=options(DAY_KIND_TITLES),
        place_options=[
            (name, said(place_names(name))) for name in dict.fromkeys(one.place for one in rules) if name != NATION
        ],
        award_options=[(one.key, award_label(one)) for one in rules if one.binding is Binding.AWARD],
        **titles(),
    )


def award_label(rule: LegalRule) -> str:
    """A local award's condition in one line: place, act, and what it allows at most."""
    if rule.amount_fen is not None:
        most = sentence(
            later("at most %(sum)s a person and year"), {"sum": format_yuan(rule.amount_fen, current_language())}
        )
    else:
        most = sentence(later("at most %(rate)s"), {"rate": str(rule.rate)})
    return f"{rule.place} · {said({str(name): text for name, text in rule.act.items()})} · {most}"


def form_kind(plan: Plan) -> type[VersionForm] | type[EquityVersionForm]:
    """Which form a plan's versions have."""
    return EquityVersionForm if plan.kind is PlanKind.EQUITY else VersionForm


async def read_version(request: Request[Any, Any, Any], plan: Plan) -> Submission[Any]:
    """The form of a draft as it was sent."""
    lists = () if plan.kind is PlanKind.EQUITY else ("places", "rules")
    form: Submission[Any] = await read_form(request, form_kind(plan), lists)
    return form


@get("/incentives/plans/{plan_id:uuid}/versions/new", **access(RECORD))
async def new_version_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, plan_id: FromPath[UUID]
) -> Response[str]:
    """The form of the next version, filled from the last one where there is one."""
    plan = await plan_for(db, actor, plan_id)
    last = next(iter(await versions_of(db, [plan.id])), None)
    form: Submission[BaseModel] = Submission(typed(last, plan) if last else None)
    form.values.pop("valid_from", None)
    return shown_version_form(request, plan, form, f"/incentives/plans/{plan.id}/versions")


@post("/incentives/plans/{plan_id:uuid}/versions", **access(RECORD))
async def new_version(request: Request[Any, Any, Any], db: Db, actor: Who, plan_id: FromPath[UUID]) -> Response[Any]:
    """A draft of the next version."""
    plan = await plan_for(db, actor, plan_id)
    form = await read_version(request, plan)
    if form.data is not None:
        given = form.data
        row = await attempt(db, form, lambda: draft_version(db, actor, plan.id, given.create()))
        if row is not None:
            return redirect(f"/incentives/versions/{row.id}", later("The draft has been kept."))
    return shown_version_form(request, plan, form, f"/incentives/plans/{plan.id}/versions")


@get("/incentives/versions/{version_id:uuid}/edit", **access(RECORD))
async def edit_version_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, version_id: FromPath[UUID]
) -> Response[str]:
    """The form of a draft as it stands."""
    row = await version_for(db, actor, version_id)
    plan = await plan_for(db, actor, row.plan_id)
    form: Submission[BaseModel] = Submission(typed(row, plan))
    return shown_version_form(request, plan, form, f"/incentives/versions/{row.id}/edit")


@post("/incentives/versions/{version_id:uuid}/edit", **access(RECORD))
async def edit_version(
    request: Request[Any, Any, Any], db: Db, actor: Who, version_id: FromPath[UUID]
) -> Response[Any]:
    """Change a draft."""
    row = await version_for(db, actor, version_id)
    plan = await plan_for(db, actor, row.plan_id)
    form = await read_version(request, plan)
    if form.data is not None:
        given = form.data
        if await attempt(db, form, lambda: redraft_version(db, actor, version_id, given.create())):
            return redirect(f"/incentives/versions/{version_id}", later("The draft has been kept."))
    return shown_version_form(request, plan, form, f"/incentives/versions/{version_id}/edit")


def typed(row: PlanVersion, plan: Plan) -> dict[str, Any]:
    """A stored version as its form would have been filled in."""
    values: dict[str, Any] = {"valid_from": row.valid_from.isoformat()}
    if plan.kind is PlanKind.EQUITY:
        return values | EquityTerms.model_validate(row.content).model_dump()
    terms = PlanTerms.model_validate(row.content)
    values |= {
        "base": terms.base.value,
        "deductions": "，".join(terms.deductions),
        "cap_deal": _yuan(terms.cap_deal_fen),
        "cap_person_year": _yuan(terms.cap_person_year_fen),
        "notice_days": terms.notice_days,
        "notice_kind": terms.notice_kind.value,
        "tax_ground": terms.tax_ground.value,
        "places": row.places,
        "rules": list(terms.rules),
    }
    for place, band in enumerate(terms.bands):
        values |= {f"bands.{place}.up_to": _yuan(band.up_to_fen), f"bands.{place}.rate": _percent(band.rate)}
    for place, line in enumerate(terms.lines):
        values |= {
            f"lines.{place}.title": line.key,
            f"lines.{place}.role": line.role.value,
            f"lines.{place}.kind": line.kind.value,
            f"lines.{place}.rate": _percent(line.rate),
            f"lines.{place}.fixed": _yuan(line.fixed_fen),
        }
    return values


def _yuan(fen: int | None) -> str:
    return "" if fen is None else yuan_text(fen)


def _percent(rate: Rate | None) -> str:
    return "" if rate is None else str(rate)


async def shown_version(
    request: Request[Any, Any, Any], db: AsyncSession, actor: Actor, version_id: UUID, form: Submission[Any]
) -> Response[str]:
    """A version with its terms, the findings of the law, and what may be done with it."""
    row = await version_for(db, actor, version_id)
    plan = await plan_for(db, actor, row.plan_id)
    equity = plan.kind is PlanKind.EQUITY
    return page(
        request,
        "incentives/version.html",
        deduction_titles=DEDUCTION_TITLES,
        status=422 if form.errors else 200,
        version=row,
        plan=plan,
        terms=None if equity else PlanTerms.model_validate(row.content),
        equity=EquityTerms.model_validate(row.content) if equity else None,
        form=form,
        may_record=actor.may(RECORD),
        may_approve=actor.may("incentives.approve"),
        **titles(),
    )


@get("/incentives/versions/{version_id:uuid}", **access(READ))
async def version_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, version_id: FromPath[UUID]
) -> Response[str]:
    """One version of a plan."""
    return await shown_version(request, db, actor, version_id, Submission())


@post("/incentives/versions/{version_id:uuid}/propose", **access(RECORD))
async def propose_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, version_id: FromPath[UUID]
) -> Response[Any]:
    """Propose a draft."""
    form: Submission[Any] = Submission()
    if await attempt(db, form, lambda: propose_version(db, actor, version_id)):
        return redirect(f"/incentives/versions/{version_id}", later("Proposed. Another person must approve it."))
    return await shown_version(request, db, actor, version_id, form)


@post("/incentives/versions/{version_id:uuid}/decide", **access("incentives.approve"))
async def decide_page(request: Request[Any, Any, Any], db: Db, actor: Who, version_id: FromPath[UUID]) -> Response[Any]:
    """Put a proposed version in force, or give it back."""
    form = await read_form(request, DecisionCreate)
    if form.data is not None:
        decision = form.data
        if await attempt(db, form, lambda: decide_version(db, actor, version_id, decision)):
            told = (
                later("The version is in force.")
                if decision.approve
                else later("The version was given back as a draft.")
            )
            return redirect(f"/incentives/versions/{version_id}", told)
    return await shown_version(request, db, actor, version_id, form)


handlers = [
    plans_page,
    new_plan,
    new_version_page,
    new_version,
    edit_version_page,
    edit_version,
    version_page,
    propose_page,
    decide_page,
]
