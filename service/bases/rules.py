"""Which base may stand under which, and whether two hostings overlap."""

from datetime import date
from enum import StrEnum


class Tier(StrEnum):
    """Who listed the base."""

    NATIONAL = "national"
    PROVINCIAL = "provincial"
    CITY = "city"


_RANK = {Tier.NATIONAL: 0, Tier.PROVINCIAL: 1, Tier.CITY: 2}


def may_stand_under(tier: Tier, parent: Tier) -> bool:
    """Whether a base of a tier may have a parent of the other: the parent's tier is higher."""
    return _RANK[parent] < _RANK[tier]


def overlap(first: tuple[date | None, date | None], second: tuple[date | None, date | None]) -> bool:
    """Whether two spans of days, both ends included, share a day; None means open."""
    return (first[0] or date.min) <= (second[1] or date.max) and (second[0] or date.min) <= (first[1] or date.max)
