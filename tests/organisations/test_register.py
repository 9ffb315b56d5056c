"""Legal entities: found by code, by name, by pinyin; entered once, also by two imports at once."""

import pytest
from sqlmodel import select

from service.organisations.actions import organisation_for
from service.organisations.errors import CreditCodeOfAnother, CreditCodeRefused, OrganisationAmbiguous
from service.organisations.queries import organisations
from service.organisations.rules import OrganisationKind, compact_name, credit_code
from service.organisations.tables import Organisation
from tests.conftest import As, ClientAs, World
from tests.given import accounts as given

CODE = "91110000600037341L"
OTHER = "91310115MA1H9FXU0K"


def closed(seventeen: str) -> str:
    """17 places and their check place by the standard's printed weights."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    total = sum(alphabet.index(place) * weight for place, weight in zip(seventeen, weights, strict=True))
    return seventeen + alphabet[(31 - total % 31) % 31]


@pytest.mark.parametrize("typed", [CODE, CODE.lower(), " ９１１１００００6000 37341l", "9111-0000-6000-3734-1L"])
def test_a_credit_code_is_stored_in_one_form(typed: str) -> None:
    assert credit_code(typed) == CODE


@pytest.mark.parametrize("typed", ["", "9111000060003734", CODE[:-1] + "M", "91110000600037341O", "9" * 19])
def test_a_code_that_cannot_be_is_refused(typed: str) -> None:
    with pytest.raises(CreditCodeRefused) as refused:
        credit_code(typed)
    assert refused.value.field == "uscc"


@pytest.mark.parametrize(
    "name",
    ["北洋科技公司", "北洋科技有限公司", "北洋科技股份有限公司", "北洋科技集团有限责任公司", "北洋 科技（有限）公司"],
)
def test_the_words_for_the_legal_form_tell_no_two_names_apart(name: str) -> None:
    assert compact_name(name) == "北洋科技"
    assert compact_name("公司") == "公司"


async def test_an_import_finds_or_enters_by_code_and_by_name(world: World, acting: As) -> None:
    async with world() as db:
        clerk = await given.staff(db, "scheduler", (await given.organisation(db)).id)
    async with acting(clerk) as db:
        firm = await organisation_for(db, "星海科技有限公司", kind="firm")
        assert firm.kind is OrganisationKind.FIRM
        assert (await organisation_for(db, " 星海科技有限公司 ")).id == firm.id
        coded = await organisation_for(db, "星海科技有限公司", CODE.lower())
        assert coded.id == firm.id, "the first code is written to the organisation of that name"
        assert coded.uscc == CODE
        assert (await organisation_for(db, "星海科技", CODE)).id == firm.id
        with pytest.raises(CreditCodeOfAnother):
            await organisation_for(db, "完全不同的公司", CODE)
        with pytest.raises(CreditCodeRefused):
            await organisation_for(db, "星海科技有限公司", "123")
        assert [one.id for one in await organisations(db, "xinghai")] == [firm.id]
        assert [one.id for one in await organisations(db, "xhkj")] == [firm.id]
        assert await organisations(db, "donghai") == []
        assert [one.id for one in await organisations(db, "星海")] == [firm.id]
        assert [one.id for one in await organisations(db, CODE.lower())] == [firm.id]


async def test_one_name_borne_by_two_needs_the_code(world: World, acting: As) -> None:
    code = closed("91310115MA1H9FXU0")
    async with world() as db:
        clerk = await given.staff(db, "scheduler", (await given.organisation(db)).id)
        db.add_all(
            [
                Organisation(kind=OrganisationKind.FIRM, name={"zh": "同名公司"}, uscc=CODE),
                Organisation(kind=OrganisationKind.FIRM, name={"zh": "同名公司"}, uscc=code),
            ]
        )
    async with acting(clerk) as db:
        with pytest.raises(OrganisationAmbiguous) as refused:
            await organisation_for(db, "同名公司")
        assert refused.value.facts["count"] == 2
        assert (await organisation_for(db, "同名公司", code)).uscc == code


async def test_an_importer_enters_and_never_changes(world: World, acting: As) -> None:
    async with world() as db:
        clerk = await given.staff(db, "scheduler", (await given.organisation(db)).id)
        other = await given.organisation(db, "别的大学")
    async with acting(clerk) as db:
        row = (await db.scalars(select(Organisation).where(Organisation.id == other.id))).one()
        found = await organisation_for(db, "别的大学", kind="hospital")
        assert found.id == row.id
        assert found.kind is OrganisationKind.UNIVERSITY


async def test_the_administrator_enters_and_corrects(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        office = await given.organisation(db)
        admin = await given.staff(db, "system_administrator", office.id)
        clerk = await given.staff(db, "scheduler", office.id)
    desk, other = await client_as(admin), await client_as(clerk)
    form = {"name.zh": "东海大学", "name.en": "Donghai University", "kind": "university", "uscc": CODE}
    assert (await other.post("/organisations/new", data=form)).status_code == 403
    assert (await desk.get("/organisations/new")).status_code == 200
    made = await desk.post("/organisations/new", data=form)
    assert made.status_code == 303, made.text
    found = (await other.get("/api/organisations?q=donghai")).json()["rows"]
    assert [one["uscc"] for one in found] == [CODE]
    twice = await desk.post("/organisations/new", data={**form, "name.zh": "西山大学"})
    assert twice.status_code == 422
    assert "登记的是“东海大学”" in twice.text
    wrong = await desk.post(
        "/api/organisations",
        json={"name": {"zh": "西山大学"}, "kind": "university", "uscc": OTHER[:-1] + "1"},
        headers={"accept-language": "en"},
    )
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "/uscc"
    assert wrong.json()["detail"].startswith("This is not a unified social credit code")
    org_id = found[0]["id"]
    assert "东海大学" in (await desk.get(f"/organisations/{org_id}")).text
    changed = await desk.post(f"/organisations/{org_id}", data={**form, "name.zh": "东海理工大学", "city": "上海"})
    assert changed.status_code == 303, changed.text
    assert (await other.get(f"/api/organisations/{org_id}")).json()["name"]["zh"] == "东海理工大学"
    assert (await desk.get(f"/api/organisations/{office.id}")).status_code == 200
    assert (await desk.get("/api/organisations/00000000-0000-7000-8000-000000000000")).status_code == 404
