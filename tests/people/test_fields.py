"""Every personal column is registered, and the shipped files of purposes and fields hold together."""

from html import unescape

import pytest
from sqlmodel import SQLModel

from service.foundation.language import sentence
from service.people.errors import PeopleDataUnreadable
from service.people.reading import (
    field_classes,
    personal_columns,
    personal_fields,
    purposes,
    read_fields,
    read_purposes,
)
from tests.conftest import ClientAs, World
from tests.given import accounts as given


def tables() -> dict[str, tuple[str, set[str]]]:
    """Docstring and columns of every table."""
    found: dict[str, tuple[str, set[str]]] = {}
    waiting: list[type] = [SQLModel]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        table = getattr(kind, "__table__", None)
        if table is not None:
            found[table.name] = (kind.__doc__ or "", {column.name for column in table.columns})
    return found


def test_every_column_a_table_calls_personal_is_registered_and_no_other() -> None:
    declared = {
        (name, column)
        for name, (docstring, columns) in tables().items()
        for column in personal_columns(docstring, columns)
    }
    registered = {(name, column) for name, columns in personal_fields().items() for column in columns}
    assert declared - registered == set(), "add these to service/people/data/fields.yaml"
    assert registered - declared == set(), "these are registered and no table calls them personal"


def test_columns_are_read_from_docstrings_as_they_are_written() -> None:
    columns = {"name", "title", "body", "person_id"}
    assert personal_columns("One row.\n\n    Tenancy: person. Personal: name, title; kept long.", columns) == {
        "name",
        "title",
    }
    assert personal_columns("Personal: none (name is another's).", columns) == set()
    assert personal_columns("Personal: name (erased with the key).", columns) == {"name"}
    assert personal_columns("Personal: the answer's body may hold data.", columns) == {"body"}
    assert personal_columns("Nothing.", columns) == set()


def test_every_purpose_is_worded_twice_and_changes_with_its_text() -> None:
    assert {"identity", "employer_view", "university_view"} <= set(purposes())
    digests = {one.digest for one in purposes().values()}
    assert len(digests) == len(purposes())
    one = purposes()["identity"]
    assert one.sensitive
    assert one.model_copy(update={"version": "2"}).digest != one.digest


GOOD = """
purposes:
  one:
    version: "1"
    sensitive: false
    per_organisation: false
    title: {zh: 甲, en: A}
    text: {zh: 乙, en: B}
"""
FIELDS = """
classes:
  a: {title: {zh: 甲, en: A}, level: ordinary, purpose: {zh: 甲, en: A}, basis: {zh: 甲, en: A}, retention: {zh: 甲, en: A}, seen_by: {zh: 甲, en: A}}
tables:
  person: {zh: 人员, en: Person}
fields:
  person: {name: a}
"""


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        (("sensitive: false", "sensible: false"), "purposes.one.sensitive", "缺少此条目"),
        (("en: B", "en: B, fr: C"), "purposes.one.text.fr", "无此条目"),
        (('version: "1"', "version: one"), "purposes.one.version", "此处不能使用该值"),
        (("purposes:", "purposes: [["), "line", "YAML"),
    ],
)
def test_purposes_with_a_fault_are_refused_with_the_place(change: tuple[str, str], place: str, words: str) -> None:
    assert set(read_purposes(GOOD)) == {"one"}
    with pytest.raises(PeopleDataUnreadable) as refused:
        read_purposes(GOOD.replace(*change))
    assert str(refused.value.facts["place"]).startswith(place)
    assert words in sentence(refused.value.message, refused.value.facts, "zh-CN")
    assert "cannot be read" in sentence(refused.value.message, refused.value.facts, "en")


def test_fields_of_an_unknown_class_are_refused() -> None:
    assert read_fields(FIELDS).fields["person"]["name"].level == "ordinary"
    with pytest.raises(PeopleDataUnreadable) as refused:
        read_fields(FIELDS.replace("name: a", "name: b"))
    assert refused.value.facts["place"] == "fields.person.name"
    with pytest.raises(PeopleDataUnreadable) as nameless:
        read_fields(FIELDS.replace("  person: {zh: 人员, en: Person}\n", "  human: {zh: 人员, en: Person}\n"))
    assert nameless.value.facts["place"] == "fields.person"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_everybody_reads_in_words_what_is_kept_and_why(language: str, world: World, client_as: ClientAs) -> None:
    async with world() as db:
        holder = await given.holder(db)
    browser = await client_as(holder)
    text = unescape((await browser.get("/my/data", headers={"accept-language": language})).text)
    for one in field_classes().values():
        for said in (one.title, one.purpose, one.basis, one.seen_by, one.retention):
            assert (said.zh if language == "zh-CN" else said.en) in text
    assert "name_keys" not in text
    assert "person_id" not in text
    assert "/personal-fields" not in text
    assert (await browser.get("/personal-fields")).status_code == 403


async def test_the_security_administrator_and_the_auditor_read_the_register_column_by_column(
    world: World, client_as: ClientAs
) -> None:
    async with world() as db:
        home = await given.organisation(db)
        readers = [await given.staff(db, role, home.id) for role in ("security_administrator", "auditor")]
        other = await given.staff(db, "system_administrator", home.id)
    for reader in readers:
        browser = await client_as(reader)
        text = (await browser.get("/personal-fields")).text
        for table, columns in personal_fields().items():
            for column in columns:
                assert f"{table}.{column}" in text
        sensitive = (await browser.get("/personal-fields?level=sensitive")).text
        assert "identity_document.number_sealed" in sensitive
        assert "person.english_name" not in sensitive
        assert "/personal-fields" in (await browser.get("/my/data")).text
    assert (await (await client_as(other)).get("/personal-fields")).status_code == 403
