"""Uploaded files are deleted after their keeping time, their results stay."""

import sqlalchemy as sa

from service.exchange.actions.imports import forget_files
from service.samples.files import sample
from service.settings import Settings
from tests.conftest import ClientAs, World
from tests.exchange.sending import base_with_session, sent


async def test_files_are_forgotten_after_ninety_days_and_results_stay(
    world: World, client_as: ClientAs, settings: Settings
) -> None:
    session, office = await base_with_session(world)
    browser = await client_as(office)
    old = await sent(browser, "roster", sample("roster.xlsx"), target=session.id)
    young = await sent(browser, "roster", sample("roster.xlsx"), target=session.id)
    async with world() as db:
        await db.execute(
            sa.text("UPDATE file_import SET created_at = now() - interval '91 days' WHERE id = :i"), {"i": old["id"]}
        )
        assert await forget_files(db, settings.files_dir) == 1
        assert await forget_files(db, settings.files_dir) == 0
    assert (await browser.get(f"/api/imports/{old['id']}/file")).status_code == 410
    assert (await browser.get(f"/api/imports/{young['id']}/file")).status_code == 200
    assert (await browser.get(f"/api/imports/{old['id']}")).json()["counts"]["new"] == 16
    assert (await browser.post(f"/api/imports/{old['id']}/confirm")).status_code == 410
