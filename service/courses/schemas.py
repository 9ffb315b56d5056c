"""What goes in and out of the courses room."""

from datetime import date, datetime, time
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.courses.tables import SessionState
from service.foundation.clock import BEIJING

MOST_FEE = 100_000_000  # fen: a million yuan for one seat


def in_beijing(value: datetime) -> datetime:
    """A time without a zone, as forms send it, is Beijing time."""
    return value if value.tzinfo is not None else value.replace(tzinfo=BEIJING)


Moment = Annotated[datetime, AfterValidator(in_beijing)]
Code = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{2,39}$")]


class BilingualTitle(BaseModel):
    """A title people typed; Chinese is needed, English is wished."""

    model_config = ConfigDict(extra="forbid")

    zh: str = Field(min_length=1, max_length=200)
    en: str | None = Field(default=None, max_length=200)

    def stored(self) -> dict[str, str]:
        """{zh, en?} without what was left out."""
        return {"zh": self.zh.strip(), **({"en": self.en.strip()} if self.en and self.en.strip() else {})}


class SessionCommon(BaseModel):
    """What a course session is, besides its syllabus and code. `fee_fen` in fen; places and hosts may stay open."""

    model_config = ConfigDict(extra="forbid")

    title: BilingualTitle
    starts_on: date
    ends_on: date
    sign_up_opens_at: Moment | None = None
    sign_up_closes_at: Moment | None = None
    capacity: int = Field(ge=1, le=10_000)
    fee_fen: int = Field(default=0, ge=0, le=MOST_FEE)
    place: str | None = Field(default=None, max_length=200)
    co_host_org_id: UUID | None = None
    contractor_org_id: UUID | None = None
    notice: BilingualTitle | None = None


class SessionCreate(SessionCommon):
    """A new course session; without a code it gets the base's next one."""

    syllabus_id: UUID
    code: Code | None = None


class SessionChange(SessionCommon):
    """What may change of a course session: everything but its syllabus and code."""


class SessionCopy(BaseModel):
    """A new session like an earlier one, beginning on another day; all meetings move by the same number of days."""

    model_config = ConfigDict(extra="forbid")

    starts_on: date
    code: Code | None = None


class MeetingCreate(BaseModel):
    """A meeting: which course, when, in which form, where and by whom. The minutes follow from times and breaks."""

    model_config = ConfigDict(extra="forbid")

    course_code: str = Field(min_length=1, max_length=60)
    starts_at: Moment
    ends_at: Moment
    break_minutes: int = Field(default=0, ge=0, le=600)
    form: str = Field(default="classroom", pattern="^(classroom|online|practice|degree_course)$")
    room_id: UUID | None = None
    lecturer_id: UUID | None = None


class MeetingForm(BaseModel):
    """The page's form of a meeting: a day and two times of the clock."""

    model_config = ConfigDict(extra="forbid")

    course_code: str = Field(min_length=1, max_length=60)
    day: date
    begins: time
    ends: time
    break_minutes: int = Field(default=0, ge=0, le=600)
    form: str = Field(default="classroom", pattern="^(classroom|online|practice|degree_course)$")
    room_id: UUID | None = None
    lecturer_id: UUID | None = None

    def meeting(self) -> MeetingCreate:
        """The meeting in Beijing time."""
        return MeetingCreate(
            course_code=self.course_code,
            starts_at=datetime.combine(self.day, self.begins, BEIJING),
            ends_at=datetime.combine(self.day, self.ends, BEIJING),
            break_minutes=self.break_minutes,
            form=self.form,
            room_id=self.room_id,
            lecturer_id=self.lecturer_id,
        )


class SessionForm(BaseModel):
    """The page's form of a course session: money in yuan, organisations by name or credit code."""

    model_config = ConfigDict(extra="forbid")

    syllabus_id: UUID | None = None
    code: Code | None = None
    title: BilingualTitle
    starts_on: date
    ends_on: date
    sign_up_opens_at: Moment | None = None
    sign_up_closes_at: Moment | None = None
    capacity: int = Field(ge=1, le=10_000)
    fee: str = Field(default="0", max_length=30)
    place: str | None = Field(default=None, max_length=200)
    co_host: str | None = Field(default=None, max_length=200)
    contractor: str | None = Field(default=None, max_length=200)
    notice: BilingualTitle | None = None


class CancelReason(BaseModel):
    """Why a session is cancelled, kept in the journal as given."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=2, max_length=200)


class SessionRead(BaseModel):
    """A course session as its base sees it."""

    id: UUID
    code: str
    title: dict[str, str]
    base_id: UUID
    syllabus_id: UUID
    starts_on: date
    ends_on: date
    sign_up_opens_at: datetime | None
    sign_up_closes_at: datetime | None
    capacity: int
    taken: int
    fee_fen: int
    place: str | None
    co_host_org_id: UUID | None
    contractor_org_id: UUID | None
    notice: dict[str, str] | None
    state: SessionState
    published_at: datetime | None


class MeetingRead(BaseModel):
    """A meeting with its times, place and lecturer."""

    meeting_id: UUID
    course_code: str
    module: str
    form: str
    minutes: int
    starts_at: datetime
    ends_at: datetime
    room: str | None
    venue: dict[str, str] | None
    address: str | None
    lecturer: str | None
    cancelled: bool


class LecturerRead(BaseModel):
    """Who may teach for an organisation."""

    person_id: UUID
    name: str
    english_name: str | None


class ModuleRead(BaseModel):
    """Minutes counted and needed in one module."""

    module: str
    title: dict[str, str]
    needed: int
    counted: int
    missing: int


class CoverageRead(BaseModel):
    """Minutes counted and needed over all modules, and each gap in both languages."""

    minutes_per_period: int
    needed: int
    counted: int
    complete: bool
    modules: list[ModuleRead]
    lacks: list[dict[str, str]]


class SessionDetail(SessionRead):
    """A course session with its programme and how far it covers the syllabus."""

    programme: list[MeetingRead]
    coverage: CoverageRead


class SessionCopied(BaseModel):
    """The new session, and what of the old one could not be taken over as it was."""

    session: SessionRead
    open_ends: list[dict[str, Any]]


class PublicSession(BaseModel):
    """A published course session as anyone sees it."""

    id: UUID
    code: str
    title: dict[str, str]
    base_name: dict[str, str]
    province: str | None
    level: str | None
    syllabus: dict[str, str]
    starts_on: date
    ends_on: date
    sign_up_opens_at: datetime | None
    sign_up_closes_at: datetime | None
    sign_up: str
    capacity: int
    seats_left: int
    fee_fen: int
    place: str | None
    state: SessionState


class PublicSessionDetail(PublicSession):
    """A published course session with its programme."""

    notice: dict[str, str] | None
    co_host: dict[str, str] | None
    contractor: dict[str, str] | None
    programme: list[MeetingRead]
