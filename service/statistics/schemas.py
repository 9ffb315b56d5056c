"""What goes out of the statistics room."""

from datetime import datetime

from pydantic import BaseModel


class MeasureRead(BaseModel):
    """A number's name, unit and definition."""

    name: str
    title: str
    unit: str
    definition: str


class LineRead(BaseModel):
    """One line of a table: counts by measure; null is a count too small to be shown to this reader."""

    key: str
    title: str
    counts: dict[str, int | None]
    pass_rate: str | None


class StatisticsRead(BaseModel):
    """Counts as known at a moment, with the definitions they follow."""

    scope: str
    year: int | None
    level: str | None
    known_at: datetime
    definitions: list[MeasureRead]
    total: LineRead
    by_base: list[LineRead]
    by_level: list[LineRead]
    by_year: list[LineRead]
