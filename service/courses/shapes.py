"""How course sessions are answered: rows and values turned into the shapes of the API."""

from service.courses.queries import ProgrammeEntry, Published
from service.courses.rules import Coverage
from service.courses.schemas import (
    CoverageRead,
    MeetingRead,
    ModuleRead,
    PublicSession,
    PublicSessionDetail,
    SessionDetail,
    SessionRead,
)
from service.courses.tables import CourseSession
from service.foundation.language import said
from service.timetable.calendars import CalendarEvent, calendar_file


def shown_coverage(covered: Coverage) -> CoverageRead:
    """Coverage in minutes."""
    return CoverageRead(
        minutes_per_period=covered.minutes_per_period,
        needed=covered.needed,
        counted=covered.counted,
        complete=covered.complete,
        modules=[
            ModuleRead(module=one.module, title=one.title, needed=one.needed, counted=one.counted, missing=one.missing)
            for one in covered.modules
        ],
        lacks=covered.lacks(),
    )


def shown_programme(entries: list[ProgrammeEntry]) -> list[MeetingRead]:
    """A programme in the order of its times."""
    return [MeetingRead.model_validate(one, from_attributes=True) for one in entries]


def shown_session(row: CourseSession) -> SessionRead:
    """A session as its base sees it."""
    return SessionRead.model_validate(row, from_attributes=True)


def shown_detail(row: CourseSession, entries: list[ProgrammeEntry], covered: Coverage) -> SessionDetail:
    """A session with its programme and coverage."""
    return SessionDetail(
        **shown_session(row).model_dump(), programme=shown_programme(entries), coverage=shown_coverage(covered)
    )


def shown_public(one: Published) -> PublicSession:
    """A published session as anyone sees it."""
    row = one.session
    return PublicSession(
        id=row.id,
        code=row.code,
        title=row.title,
        base_name=one.base_name,
        province=one.province,
        level=one.level,
        syllabus=one.syllabus_title,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        sign_up_opens_at=row.sign_up_opens_at,
        sign_up_closes_at=row.sign_up_closes_at,
        sign_up=one.sign_up,
        capacity=row.capacity,
        seats_left=one.seats_left,
        fee_fen=row.fee_fen,
        place=row.place,
        state=row.state,
    )


def shown_public_detail(
    one: Published,
    entries: list[ProgrammeEntry],
    co_host: dict[str, str] | None = None,
    contractor: dict[str, str] | None = None,
) -> PublicSessionDetail:
    """A published session with its programme."""
    return PublicSessionDetail(
        **shown_public(one).model_dump(),
        notice=one.session.notice,
        co_host=co_host,
        contractor=contractor,
        programme=shown_programme(entries),
    )


def calendar_of(session: CourseSession, entries: list[ProgrammeEntry], titles: dict[str, dict[str, str]]) -> bytes:
    """A session's programme as a calendar file; `titles` are course titles by code."""
    events = []
    for one in entries:
        course = titles.get(one.course_code, {"zh": one.course_code, "en": one.course_code})
        english = session.title.get("en") or session.title["zh"]
        place = " ".join(part for part in (said(one.venue), one.room, one.address) if part)
        title = {"zh": f"{session.title['zh']}：{course['zh']}", "en": f"{english}: {course['en']}"}
        events.append(
            CalendarEvent(
                one.occurrence_id,
                title,
                one.starts_at,
                one.ends_at,
                place or None,
                one.sequence,
                one.changed_at,
                one.cancelled,
            )
        )
    return calendar_file(said(session.title), events)
