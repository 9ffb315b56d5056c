"""A base that sends files in: uploads through the API, confirms them, and the session they are for."""

from datetime import date
from typing import Any
from uuid import UUID

from httpx import AsyncClient

from service.courses.tables import CourseSession
from service.foundation.actor import Actor
from tests.conftest import World
from tests.given import accounts as given
from tests.given.courses import published_session

FIRST_DAY = date(2026, 3, 2)


async def sent(
    browser: AsyncClient, kind: str, content: bytes, name: str = "名单.xlsx", target: UUID | None = None, **headers: str
) -> Any:
    """Upload through the API; the answer's JSON."""
    query = f"?kind={kind}" + (f"&target={target}" if target else "")
    answer = await browser.post(f"/api/imports{query}", files={"data": (name, content)}, headers=headers)
    return answer.json() | {"http": answer.status_code}


async def confirmed(browser: AsyncClient, upload: Any) -> Any:
    """Confirm an upload; the answer's JSON."""
    answer = await browser.post(f"/api/imports/{upload['id']}/confirm")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def base_with_session(world: World, capacity: int = 60) -> tuple[CourseSession, Actor]:
    """A published session that begins on FIRST_DAY, and its scheduler."""
    async with world() as db:
        session = await published_session(db, capacity=capacity, starts_on=FIRST_DAY)
        return session, await given.staff(db, "scheduler", session.org_id)
