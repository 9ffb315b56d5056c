"""Posts are given and ended."""

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from service.accounts.errors import (
    PostDatesReversed,
    PostOrganisationUnknown,
    RolesSeparated,
    RoleUnknown,
)
from service.accounts.queries import posts_of
from service.accounts.rules import PERMISSIONS, forbidden_together, holds_on
from service.accounts.schemas import PostCreate
from service.accounts.tables import Post
from service.foundation import clock
from service.foundation.errors import NotFound
from service.foundation.journal import note
from service.organisations.queries import by_credit_code, by_exact_name
from service.organisations.tables import Organisation


async def give_post(db: AsyncSession, new: PostCreate) -> Post:
    """Give an account a post; raises RoleUnknown and RolesSeparated."""
    if new.role not in PERMISSIONS:
        raise RoleUnknown(role=new.role, field="role")
    held = {
        post.role
        for post in await posts_of(db, new.account_id)
        if post.org_id == new.org_id and holds_on(post.starts_on, post.ends_on, new.starts_on)
    }
    pair = forbidden_together(held | {new.role})
    if pair is not None:
        raise RolesSeparated(roles=sorted(pair), field="role")
    post = Post.model_validate(new.model_dump())
    db.add(post)
    await note(db, "post.given", "post", post.id, org_id=new.org_id, role=new.role, account_id=new.account_id)
    return post


async def end_post(db: AsyncSession, post_id: UUID) -> Post:
    """End a post yesterday: the account loses it at its next request."""
    post = await db.get(Post, post_id)
    if post is None:
        raise NotFound(what="post")
    post.ends_on = clock.today() - timedelta(days=1)
    await note(db, "post.ended", "post", post.id, org_id=post.org_id, role=post.role)
    return post


async def add_post(
    db: AsyncSession, account_id: UUID, org_id: UUID, role: str, starts_on: date, ends_on: date | None
) -> Post:
    """Give a post from-to; raises PostDatesReversed and what `give_post` raises."""
    if ends_on is not None and ends_on < starts_on:
        raise PostDatesReversed(ends=ends_on.isoformat(), starts=starts_on.isoformat(), field="ends_on")
    return await give_post(
        db, PostCreate(account_id=account_id, org_id=org_id, role=role, starts_on=starts_on, ends_on=ends_on)
    )


async def organisation_named(db: AsyncSession, given: str) -> Organisation:
    """The one organisation of a credit code or an exact Chinese name; raises PostOrganisationUnknown."""
    found = await by_credit_code(db, given.strip().upper())
    if found is not None:
        return found
    named = await by_exact_name(db, given.strip())
    if len(named) != 1:
        raise PostOrganisationUnknown(given=given, field="organisation")
    return named[0]
