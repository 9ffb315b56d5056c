"""Pages of technology contracts: the list, one contract, and the forms that move it on."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from sqlalchemy.ext.asyncio import AsyncSession

from service.contracts.actions import end, name_manager, record_contract, register, remove_manager, void
from service.contracts.queries import contract_for, contracts_of, managers_of
from service.contracts.rules import KIND_TITLES, ROLE_TITLES, STATE_TITLES
from service.contracts.schemas import ContractForm, ManagerCreate, RegistrationCreate, VoidCreate
from service.contracts.tables import ContractState
from service.foundation.actor import Actor
from service.foundation.keyring import keyring_at
from service.foundation.language import gettext, later, said
from service.people.rules import IDENTITY_NAMES
from service.settings import get_settings
from service.web.access import Who, access
from service.web.database import Db
from service.web.forms import Submission, attempt, read_form
from service.web.templating import page, redirect

READ = "contracts.manage|incentives.read"
CHIPS = {"signed": "pending", "registered": "ok", "void": "err", "ended": "closed"}


def options(titles: dict[str, str]) -> list[tuple[str, str]]:
    """Choices of a select in the reader's language."""
    return [(value, gettext(title)) for value, title in titles.items()]


@get("/contracts", **access(READ))
async def contracts_page(
    request: Request[Any, Any, Any],
    db: Db,
    actor: Who,
    q: FromQuery[str] = "",
    show: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[str]:
    """The organisation's contracts."""
    state = ContractState(show) if show in STATE_TITLES else None
    rows, following = await contracts_of(db, actor, search=q, state=state, after=after, limit=50)
    return page(
        request,
        "contracts/list.html",
        rows=rows,
        following=following,
        q=q,
        show=show if state else "",
        state_options=[("", gettext(later("All"))), *options(STATE_TITLES)],
        kinds=KIND_TITLES,
        states=STATE_TITLES,
        chips=CHIPS,
        may_manage=actor.may("contracts.manage"),
    )


@get("/contracts/new", **access("contracts.manage"))
async def new_contract_page(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[str]:
    """The form for a signed contract."""
    form: Submission[ContractForm] = Submission()
    return page(request, "contracts/new.html", form=form, kinds=options(KIND_TITLES))


@post("/contracts/new", **access("contracts.manage"))
async def new_contract(request: Request[Any, Any, Any], db: Db, actor: Who) -> Response[Any]:
    """Record a signed contract."""
    form = await read_form(request, ContractForm)
    if form.data is not None:
        given = form.data
        row = await attempt(db, form, lambda: record_contract(db, actor, given.create()))
        if row is not None:
            return redirect(f"/contracts/{row.id}", later("The contract has been recorded."))
    return page(request, "contracts/new.html", status=422, form=form, kinds=options(KIND_TITLES))


async def shown_contract(
    request: Request[Any, Any, Any],
    db: AsyncSession,
    actor: Actor,
    contract_id: UUID,
    *,
    form: Submission[Any] | None = None,
    opened: str = "",
) -> Response[str]:
    """One contract with its forms; `opened` names the form that was refused."""
    row = await contract_for(db, actor, contract_id)
    blank: Submission[Any] = Submission()
    return page(
        request,
        "contracts/one.html",
        status=422 if form else 200,
        contract=row,
        managers=await managers_of(db, row.id),
        kinds=KIND_TITLES,
        states=STATE_TITLES,
        roles=ROLE_TITLES,
        role_options=options(ROLE_TITLES),
        identity_options=[(kind.value, said(names)) for kind, names in IDENTITY_NAMES.items()],
        chips=CHIPS,
        form=form or blank,
        forms={name: form if form and opened == name else blank for name in ("register", "void", "end", "manager")},
        may_manage=actor.may("contracts.manage"),
    )


@get("/contracts/{contract_id:uuid}", **access(READ))
async def contract_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, contract_id: FromPath[UUID]
) -> Response[str]:
    """One contract."""
    return await shown_contract(request, db, actor, contract_id)


@post("/contracts/{contract_id:uuid}/registration", **access("contracts.manage"))
async def register_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, contract_id: FromPath[UUID]
) -> Response[Any]:
    """Record the registration."""
    form = await read_form(request, RegistrationCreate)
    if form.data is not None:
        given = form.data
        if await attempt(db, form, lambda: register(db, actor, contract_id, given)):
            return redirect(f"/contracts/{contract_id}", later("The registration has been recorded."))
    return await shown_contract(request, db, actor, contract_id, form=form, opened="register")


@post("/contracts/{contract_id:uuid}/void", **access("contracts.manage"))
async def void_page(request: Request[Any, Any, Any], db: Db, actor: Who, contract_id: FromPath[UUID]) -> Response[Any]:
    """Record that the contract is void."""
    form = await read_form(request, VoidCreate)
    if form.data is not None:
        given = form.data
        if await attempt(db, form, lambda: void(db, actor, contract_id, given)):
            return redirect(f"/contracts/{contract_id}", later("The contract is recorded as void."), kind="warn")
    return await shown_contract(request, db, actor, contract_id, form=form, opened="void")


@post("/contracts/{contract_id:uuid}/end", **access("contracts.manage"))
async def end_page(request: Request[Any, Any, Any], db: Db, actor: Who, contract_id: FromPath[UUID]) -> Response[Any]:
    """Record that the contract has ended."""
    form: Submission[Any] = Submission()
    if await attempt(db, form, lambda: end(db, actor, contract_id)):
        return redirect(f"/contracts/{contract_id}", later("The contract is recorded as ended."))
    return await shown_contract(request, db, actor, contract_id, form=form, opened="end")


@post("/contracts/{contract_id:uuid}/managers", **access("contracts.manage"))
async def manager_page(
    request: Request[Any, Any, Any], db: Db, actor: Who, contract_id: FromPath[UUID]
) -> Response[Any]:
    """Name a technology manager."""
    form = await read_form(request, ManagerCreate)
    if form.data is not None:
        given = form.data
        keyring = keyring_at(get_settings().keyring_path)
        if await attempt(db, form, lambda: name_manager(db, keyring, actor, contract_id, given)):
            return redirect(f"/contracts/{contract_id}", later("The person's part has been recorded."))
    return await shown_contract(request, db, actor, contract_id, form=form, opened="manager")


@post("/contracts/{contract_id:uuid}/managers/{part_id:uuid}/remove", **access("contracts.manage"))
async def remove_manager_page(
    db: Db, actor: Who, contract_id: FromPath[UUID], part_id: FromPath[UUID]
) -> Response[Any]:
    """Take back a part entered wrongly."""
    await remove_manager(db, actor, contract_id, part_id)
    return redirect(f"/contracts/{contract_id}", later("The person's part has been taken back."))


handlers = [
    contracts_page,
    new_contract_page,
    new_contract,
    contract_page,
    register_page,
    void_page,
    end_page,
    manager_page,
    remove_manager_page,
]
