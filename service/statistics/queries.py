"""Counts by base, level and year, as far as the reader may see them."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from service.bases.tables import Base
from service.courses.rules import LEVEL_TITLES
from service.foundation import clock
from service.foundation.actor import Actor
from service.foundation.language import gettext, later, said
from service.organisations.tables import Organisation
from service.statistics.rules import EMPTY, MEASURES, NAMES, Counts, hide_small, pass_rate
from service.statistics.schemas import LineRead, MeasureRead, StatisticsRead

NATION = "nation"
PROVINCE = "province"
OWN = "own"


def scope_for(actor: Actor) -> str:
    """`nation`, `province` or `own`: how far the actor's post reads."""
    if actor.may("statistics.read"):
        return NATION
    return PROVINCE if actor.may("statistics.read_province") else OWN


async def counted(
    db: AsyncSession, by: str, year: int | None = None, level: str | None = None
) -> dict[str, dict[str, int]]:
    """Counts by key: base code, level, year, province, or one line under an empty key."""
    statement = sa.text("SELECT * FROM statistics_of(:by, :year, :level)").bindparams(
        sa.bindparam("year", type_=sa.Integer()), sa.bindparam("level", type_=sa.Text())
    )
    rows = await db.execute(statement, {"by": by, "year": year, "level": level})
    return {str(row["key"] or ""): {name: int(row[name]) for name in NAMES} for row in rows.mappings()}


async def bases_seen(db: AsyncSession, actor: Actor) -> list[Base]:
    """The bases whose counts the actor may read, by code."""
    chosen = select(Base).order_by(col(Base.code))
    scope = scope_for(actor)
    if scope == OWN:
        chosen = chosen.where(col(Base.org_id) == actor.org)
    elif scope == PROVINCE:
        home = await db.get_one(Organisation, actor.org)
        chosen = chosen.where(col(Base.province) == home.province)
    return list(await db.scalars(chosen))


def level_title(key: str) -> str:
    """A level's name, or that there is none."""
    return gettext(LEVEL_TITLES[key]) if key in LEVEL_TITLES else key or gettext(later("(no level)"))


def lines(keys: list[tuple[str, str]], counts: dict[str, dict[str, int]], outside: bool) -> list[LineRead]:
    """The lines of a table in the given order, small counts hidden from readers outside the base."""
    raw = [counts.get(key, EMPTY) for key, _ in keys]
    shown: list[Counts] = hide_small(raw) if outside else [dict(one) for one in raw]
    return [
        LineRead(key=key, title=title, counts=row, pass_rate=pass_rate(row))
        for (key, title), row in zip(keys, shown, strict=True)
    ]


async def statistics(
    db: AsyncSession, actor: Actor, year: int | None = None, level: str | None = None
) -> StatisticsRead:
    """Everything the statistics page shows, for one year or all, one level or all."""
    scope = scope_for(actor)
    outside = scope != OWN
    level = level if level in LEVEL_TITLES else None
    by_base = await counted(db, "base", year, level)
    by_level = await counted(db, "level", year, level)
    by_year = await counted(db, "year", None, level)
    bases = await bases_seen(db, actor)
    known: list[tuple[str, str]] = [(one.code, f"{one.code} {said(one.name)}") for one in bases]
    levels = [(key, level_title(key)) for key in [*LEVEL_TITLES, *sorted(set(by_level) - set(LEVEL_TITLES))]]
    years = [(key, key) for key in sorted(by_year, reverse=True)]
    total: dict[str, Any] = await counted(db, "", year, level)
    return StatisticsRead(
        scope=scope,
        year=year,
        level=level,
        known_at=clock.now(),
        definitions=[
            MeasureRead(
                name=one.name, title=gettext(one.title), unit=gettext(one.unit), definition=gettext(one.definition)
            )
            for one in MEASURES
        ],
        total=lines([("", gettext(later("Total")))], total, outside)[0],
        by_base=lines(known, by_base, outside),
        by_level=lines(levels, by_level, outside),
        by_year=lines(years, by_year, outside),
    )
