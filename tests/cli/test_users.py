"""`tmc user create` makes an account that works, and refuses in the reader's language."""

import re

from service.cli.inspecting import invariants_of_rooms
from tests.cli.terminal import Terminal


async def test_a_user_is_made_with_one_post(migrated: Terminal) -> None:
    await migrated.ask(
        "INSERT INTO organisation (id, kind, name, name_keys, sandbox)"
        " VALUES (gen_random_uuid(), 'firm', '{\"zh\": \"命令行公司\"}', '{}', false)"
    )
    order = (
        "user",
        "create",
        "--name",
        "First.Admin",
        "--display-name",
        "首位管理员",
        "--role",
        "security_administrator",
    )
    done = migrated.tmc("--language", "zh", *order, "--organisation", "命令行公司")
    assert done.returncode == 0, done.stderr
    assert "first.admin" in done.stdout
    assert re.search(r"身份验证器密钥：[A-Z2-7]{32}", done.stdout)
    again = migrated.tmc("--language", "zh", *order, "--organisation", "命令行公司")
    assert again.returncode == 1
    assert "登录名" in again.stderr
    unknown = migrated.tmc("--language", "en", *order, "--organisation", "没有这家")
    assert unknown.returncode == 1
    assert "is not exactly one organisation" in unknown.stderr
    fresh = ("user", "create", "--display-name", "某人", "--organisation", "命令行公司")
    role = migrated.tmc("--language", "en", *fresh, "--name", "second", "--role", "emperor")
    assert role.returncode == 1
    assert "There is no role “emperor”" in role.stderr
    name = migrated.tmc("--language", "zh", *fresh, "--name", "张三", "--role", "auditor")
    assert name.returncode == 1
    assert "--name" in name.stderr
    assert "Traceback" not in name.stderr


async def test_the_invariants_of_every_room_are_asked(migrated: Terminal) -> None:
    said = invariants_of_rooms()
    assert "ledger: every ledger entry balances" in said
    assert {one.split(":")[0] for one in said} >= {"ledger", "enrolments"}
    done = migrated.tmc("invariants")
    assert done.returncode == 0, done.stdout
    assert all(one in done.stdout for one in said)
