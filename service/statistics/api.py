"""Statistics for machines."""

from litestar import get
from litestar.params import FromQuery

from service.statistics.queries import statistics
from service.statistics.schemas import StatisticsRead
from service.web.access import Who, access
from service.web.database import Db
from service.web.problems import problem_responses


@get(
    "/api/statistics",
    responses=problem_responses(403, 422),
    **access("statistics.read|statistics.read_province|statistics.read_own"),
)
async def read_statistics(
    db: Db, actor: Who, year: FromQuery[int | None] = None, level: FromQuery[str | None] = None
) -> StatisticsRead:
    """Counts by base, level and year with their definitions; null is a count too small to be shown to this reader."""
    return await statistics(db, actor, year, level)


handlers = [read_statistics]
