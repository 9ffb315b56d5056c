"""People over HTTP: my profile, people seen on a ground, employees; pages and API."""

from service.foundation.journal import JournalEntry
from service.foundation.keyring import Keyring
from service.people.actions import personal_key
from service.people.tables import Affiliation
from tests.conftest import As, ClientAs, World
from tests.given import accounts as given
from tests.given import people
from tests.given.people import resident_number


async def test_a_person_declares_agrees_and_sees_who_may_look(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        actor = await given.holder(db)
        school = await given.organisation(db, "江南理工大学")
    browser = await client_as(actor)
    first = await browser.get("/my/profile")
    assert first.status_code == 200
    assert "居民身份证" in first.text
    number = resident_number()
    form = {"kind": "resident", "identity_number": number, "name": "欧阳娜娜"}
    refused = await browser.post("/my/profile/identity", data=form)
    assert refused.status_code == 422
    assert "请先同意“处理证件号码”。" in refused.text
    done = await browser.post("/my/profile/identity", data={**form, "consent": "true"})
    assert done.status_code == 303, done.text
    shown = await browser.get("/my/profile")
    assert "欧阳娜娜" in shown.text
    assert number not in shown.text
    assert "OUYANG Nana" in shown.text
    wrong = await browser.post(
        "/my/profile/consents", data={"purpose": "university_view", "organisation": "不存在的大学"}
    )
    assert wrong.status_code == 422
    assert "没有唯一" in wrong.text
    agreed = await browser.post(
        "/my/profile/consents", data={"purpose": "university_view", "organisation": school.name["zh"]}
    )
    assert agreed.status_code == 303, agreed.text
    shown = await browser.get("/my/profile")
    assert "江南理工大学" in shown.text
    english = await browser.get("/my/profile", headers={"accept-language": "en"})
    assert "A university may check my certificates" in english.text
    profile = (await browser.get("/api/my/profile")).json()
    assert [one["ground"] for one in profile["grounds"]] == ["consent"]
    taken = await browser.delete(
        f"/api/my/consents/{next(one['id'] for one in profile['consents'] if one['purpose'] == 'university_view')}"
    )
    assert taken.status_code == 204
    assert (await browser.get("/api/my/profile")).json()["grounds"] == []


async def test_each_wrong_number_is_explained_in_both_languages(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        actor = await given.holder(db)
    browser = await client_as(actor)
    number = resident_number()
    mistyped = number[:17] + ("0" if number[17] != "0" else "1")
    body = {"kind": "resident", "identity_number": mistyped, "name": "张三", "consent": True}
    for language, words in (("zh-CN", "校验"), ("en", "mistyped")):
        answer = await browser.post("/api/my/identity", json=body, headers={"accept-language": language})
        assert answer.status_code == 422
        problem = answer.json()
        assert problem["type"] == "/problems/wrong-check-character"
        assert problem["errors"][0]["pointer"] == "/identity_number"
        assert words in problem["detail"]
        assert mistyped not in answer.text


async def test_without_a_person_the_profile_says_what_comes_first(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        actor = await given.holder(db)
    browser = await client_as(actor)
    answer = await browser.post("/api/my/consents", json={"purpose": "follow_up"})
    assert answer.status_code == 409
    assert answer.json()["type"] == "/problems/person-needed"
    assert (await browser.get("/api/my/data")).status_code == 409


async def test_a_look_is_seen_by_the_person_and_by_nobody_else(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        base = await given.organisation(db, "东湖培训基地")
        number = resident_number()
        row = await people.person(db, "李四", number, seen_by=base.id)
        clerk = await given.staff(db, "scheduler", base.id)
        stranger = await given.staff(db, "scheduler", (await given.organisation(db)).id)
        director = await given.staff(db, "base_director", base.id)
        himself = await given.holder(db, row.id, "李四")
    desk, other, self_ = await client_as(clerk), await client_as(stranger), await client_as(himself)
    listed = await desk.get("/people?q=lisi")
    assert "李四" in listed.text
    assert "李四" not in (await other.get("/people")).text
    assert (await other.get(f"/people/{row.id}")).status_code == 404
    assert (await other.get(f"/api/people/{row.id}")).status_code == 404
    details = (await desk.get(f"/api/people/{row.id}")).json()
    assert details["documents"][0]["masked"] == number[:4] + "*" * 10 + number[-4:]
    document = details["documents"][0]["id"]
    opened = await desk.get(f"/people/{row.id}")
    assert opened.status_code == 200
    assert number not in opened.text
    path = f"/people/{row.id}/documents/{document}"
    assert (await desk.post(f"{path}/reveal", data={})).status_code == 422
    assert (await desk.post(f"{path}/reveal", data={"reason": "curious"})).status_code == 422
    revealed = await desk.post(f"{path}/reveal", data={"reason": "original_seen"})
    assert number in revealed.text
    assert (await desk.post(f"{path}/seen")).status_code == 303
    assert (await other.post(f"{path}/reveal", data={"reason": "original_seen"})).status_code == 404
    assert (await other.post(f"/api/people/documents/{document}/reveal", json={"reason": "dispute"})).status_code == 404
    boss = await client_as(director)
    assert (await boss.get(f"/people/{row.id}")).status_code == 200
    assert (await boss.post(f"{path}/reveal", data={"reason": "dispute"})).status_code == 403
    mine = await self_.get("/my/profile")
    assert "东湖培训基地" in mine.text
    assert "查看了您的完整证件号码" in mine.text
    looks = (await self_.get("/api/my/profile")).json()["looks"]
    assert [one["action"] for one in looks].count("person.looked_at") == 3
    assert looks[-1]["organisation_name"]["zh"] == "东湖培训基地"


async def test_an_employee_counts_after_a_yes(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        number = resident_number()
        row = await people.person(db, "王五", number)
        himself = await given.holder(db, row.id, "王五")
        firm = await given.organisation(db, "星海科技有限公司")
        hr = await given.staff(db, "employer_hr", firm.id)
    desk, self_ = await client_as(hr), await client_as(himself)
    new = {"kind": "resident", "identity_number": number, "name": "王五", "title": "工程师", "starts_on": "2024-01-01"}
    asked = await desk.post("/employees", data=new)
    assert asked.status_code == 303, asked.text
    again = await desk.post("/employees", data=new)
    assert again.status_code == 422
    assert "尚未答复" in again.text
    listed = await desk.get("/employees")
    assert "王*" in listed.text
    assert "王五" not in (await desk.get("/people")).text
    assert (await desk.get(f"/people/{row.id}")).status_code == 404
    mine = await self_.get("/my/profile")
    assert "星海科技有限公司" in mine.text
    affiliation = (await self_.get("/api/my/profile")).json()["affiliations"][0]["id"]
    assert (await desk.post(f"/my/profile/employers/{affiliation}", data={"agree": "true"})).status_code in (409, 422)
    yes = await self_.post(f"/my/profile/employers/{affiliation}", data={"agree": "true"})
    assert yes.status_code == 303, yes.text
    twice = await self_.post(f"/api/my/employers/{affiliation}/answer", json={"agree": False})
    assert twice.status_code == 409
    assert "王五" in (await desk.get("/people")).text
    assert "王五" in (await desk.get("/employees")).text
    ended = await desk.post(f"/api/employees/{affiliation}/end", json={"ends_on": "2026-01-31"})
    assert ended.status_code == 200, ended.text
    assert (await desk.get(f"/people/{row.id}")).status_code == 404


async def test_a_no_keeps_the_employer_out_for_a_while(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        number = resident_number()
        row = await people.person(db, "王五", number)
        himself = await given.holder(db, row.id, "王五")
        hr = await given.staff(db, "employer_hr", (await given.organisation(db)).id)
    desk, self_ = await client_as(hr), await client_as(himself)
    new = {"kind": "resident", "identity_number": number, "name": "王五"}
    asked = await desk.post("/api/employees", json=new)
    assert asked.status_code == 201, asked.text
    no = await self_.post(f"/api/my/employers/{asked.json()['id']}/answer", json={"agree": False})
    assert no.json()["refused_at"] is not None
    assert no.json()["asked_as"] is None
    again = await desk.post("/api/employees", json=new)
    assert again.status_code == 409
    assert again.json()["type"] == "/problems/employment-refused"
    wrong = await desk.post("/api/employees", json={**new, "name": "赵六"})
    assert wrong.json()["type"] == "/problems/name-differs"
    assert "王五" not in wrong.text


async def test_pages_of_people_turn_in_pinyin_order(world: World, client_as: ClientAs) -> None:
    async with world() as db:
        base = await given.organisation(db)
        clerk = await given.staff(db, "scheduler", base.id)
        for name in ("曾一", "单雄信", "阿凡提", "解缙", "张三"):
            await people.person(db, name, seen_by=base.id)
    desk = await client_as(clerk)
    names, cursor = [], ""
    while True:
        answer = (await desk.get(f"/api/people?limit=2{cursor}")).json()
        names += [one["name"] for one in answer["rows"]]
        if not answer["next"]:
            break
        cursor = f"&cursor={answer['next']}"
    assert names == ["阿凡提", "单雄信", "解缙", "曾一", "张三"]
    assert (await desk.get("/api/people?cursor=nonsense")).status_code == 422


async def test_my_data_holds_everything_and_no_secret(
    world: World, acting: As, client_as: ClientAs, keyring: Keyring
) -> None:
    async with world() as db:
        base = await given.organisation(db)
        number = resident_number()
        row = await people.person(db, "李四", number, seen_by=base.id)
        himself = await given.holder(db, row.id, "李四")
    async with acting(himself) as db:
        key = await personal_key(db, keyring, row.id)
    self_ = await client_as(himself)
    assert (await self_.put("/api/my/name", json={"name": "李斯"})).status_code == 200
    taken = await self_.get("/my/data.json")
    assert taken.headers["content-disposition"].startswith("attachment")
    data = taken.json()
    assert data["person"]["name"] == "李斯"
    assert [one["name"] for one in data["person"]["earlier_names"]] == ["李四"]
    assert data["tables"]["identity_document"][0]["masked"].startswith(number[:4] + "*")
    assert data["tables"]["person_access"][0]["org_id"] == str(base.id)
    assert number not in taken.text
    assert key.hex() not in taken.text
    assert (await self_.get("/my/data")).status_code == 200


async def test_what_a_roster_said_is_asked_about_once_and_own_looks_are_not_told(
    world: World, client_as: ClientAs
) -> None:
    async with world() as db:
        number = resident_number()
        row = await people.person(db, "王五", number)
        himself = await given.holder(db, row.id, "王五")
        firm = await given.organisation(db, "星海科技有限公司")
        hr = await given.staff(db, "employer_hr", firm.id)
        db.add(Affiliation(person_id=row.id, org_id=firm.id, source="roster"))
        for account_id in (himself.account_id, hr.account_id):
            db.add(
                JournalEntry(
                    action="document.read",
                    subject_kind="document",
                    subject_id=row.id,
                    org_id=firm.id,
                    account_id=account_id,
                    person_id=row.id,
                    details={},
                )
            )
    desk, self_ = await client_as(hr), await client_as(himself)
    assert "星海科技有限公司”登记您在该单位工作" in (await self_.get("/my/profile")).text
    asked = await desk.post("/api/employees", json={"kind": "resident", "identity_number": number, "name": "王五"})
    assert asked.status_code == 201, asked.text
    profile = (await self_.get("/api/my/profile")).json()
    assert [one["source"] for one in profile["affiliations"]] == ["employer"]
    assert [one["action"] for one in profile["looks"]] == ["document.read"]
