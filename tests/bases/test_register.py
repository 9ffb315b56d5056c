"""The register of bases: shipped slots, neutral names, evidence."""

from service.bases.actions import load_register
from service.bases.queries import base_by_code, base_of, bases, hosts_of
from tests.conftest import World


async def test_register_is_loaded_once(world: World) -> None:
    async with world() as db:
        assert await load_register(db) == 36
        assert await load_register(db) == 0
        rows = await bases(db)
        assert [row.code for row in rows] == [f"{number:02d}" for number in range(1, 37)]
        neutral = await base_by_code(db, "12")
        assert neutral.name == {"zh": "基地 12（名称待核实）", "en": "Base 12 (name to be verified)"}
        assert not neutral.verified
        assert await base_of(db, neutral.org_id) is neutral
        qinghai = await base_by_code(db, "05")
        assert qinghai.verified
        assert len((await hosts_of(db, {qinghai.id}))[qinghai.id]) == 1
