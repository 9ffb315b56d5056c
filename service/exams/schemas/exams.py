"""What goes in and out of exam sessions, sittings, marking and results."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from service.exams.errors import ClosesBeforeOpening
from service.exams.rules import APPEAL_DAYS, APPEAL_PANEL
from service.exams.tables import ExamMode, PaperOutcome
from service.foundation.language import later

MOST_TEXT = 20_000
MOST_REVISION = 2**53 - 1


def storable(text: str) -> str:
    """Text without what the database cannot keep: NUL and halves of surrogate pairs, which nobody types."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def odd(number: int) -> int:
    """An odd number of people has a majority."""
    if number % 2 == 0:
        raise ValueError(later("Please give an odd number."))
    return number


def points_written(value: object) -> object:
    """Points as a whole number or as text; a number with a point in it is not exact, so it comes as text."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(later('Points are a whole number such as 3, or exact text such as "2.5" or "5/2".'))
    return value


Points = Annotated[int | str, BeforeValidator(points_written)]
Text = Annotated[StrictStr, Field(max_length=MOST_TEXT), AfterValidator(storable)]
Letter = Annotated[StrictStr, Field(max_length=16), AfterValidator(storable)]
Choices = Annotated[list[Letter], Field(max_length=26)]
PartAnswer = StrictBool | Text | Choices | None
Response = StrictBool | Text | Choices | Annotated[dict[Letter, PartAnswer], Field(max_length=26)] | None


class AnswerSave(BaseModel):
    """One answer: an option `"A"`, options `["A", "C"]`, `true`, a number or essay as text, or {part: answer}; null for none."""

    model_config = ConfigDict(extra="forbid")

    revision: int = Field(ge=1, le=MOST_REVISION)
    response: Response
    flagged: bool = False


Outcome = Literal["saved", "stale", "late", "closed", "unknown", "signed_out"]


class SaveOutcome(BaseModel):
    """What became of a save. `revision`, `response`, `flagged` and `saved_at` are those that stand now; times by the server."""

    outcome: Outcome
    revision: int
    response: Any
    flagged: bool
    saved_at: datetime | None
    server_time: datetime | None
    seconds_left: int


class ExamCreate(BaseModel):
    """A new exam session for a course session. Without `title` it bears the course session's name with 考试.

    Held `online` it needs blueprint and bank. On `paper` it needs neither: without a blueprint `full_marks` says what the
    paper is worth and `pass_points` how many pass (the course edition's pass mark when left out).
    """

    model_config = ConfigDict(extra="forbid")

    course_session_id: UUID
    mode: ExamMode = ExamMode.ONLINE
    blueprint_id: UUID | None = None
    bank_id: UUID | None = None
    full_marks: Annotated[int | None, Field(ge=1, le=1000)] = None
    pass_points: Annotated[Decimal | None, Field(gt=0, le=1000, max_digits=6, decimal_places=2)] = None
    title: Annotated[str | None, Field(max_length=200)] = None
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    duration_minutes: Annotated[int | None, Field(ge=5, le=600)] = None
    room_id: UUID | None = None
    appeal_days: Annotated[int, Field(ge=1, le=90)] = APPEAL_DAYS
    appeal_panel: Annotated[int, Field(ge=3, le=15), AfterValidator(odd)] = APPEAL_PANEL

    @field_validator("closes_at")
    @classmethod
    def _after_opening(cls, value: datetime, info: ValidationInfo) -> datetime:
        if (opens_at := info.data.get("opens_at")) is not None and value <= opens_at:
            raise ClosesBeforeOpening
        return value


class ExamRename(BaseModel):
    """Another name for a planned exam session; without `title_en` its English readers see the Chinese one."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=2, max_length=200)]
    title_en: Annotated[str | None, Field(max_length=200)] = None


class ExamRead(BaseModel):
    """An exam session."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    course_session_id: UUID
    mode: ExamMode
    blueprint_id: UUID | None
    bank_id: UUID | None
    occurrence_id: UUID | None
    title: dict[str, str]
    opens_at: datetime
    closes_at: datetime
    duration_minutes: int
    pass_numerator: int
    pass_denominator: int
    full_marks: int | None
    appeal_days: int
    appeal_panel: int
    state: str


class ExamFrozen(BaseModel):
    """What freezing wrote."""

    exam: ExamRead
    form_digest: str | None
    questions: int
    sittings: int


class MoreTime(BaseModel):
    """Minutes for one sitting, with the reason; `moves_window` lets them run past the closing time of the exam."""

    model_config = ConfigDict(extra="forbid")

    minutes: int = Field(ge=1, le=240)
    reason: str = Field(min_length=2, max_length=300)
    moves_window: bool = False


class BoardRow(BaseModel):
    """One sitting on the invigilator's board; `seconds_since_save` is None before the first save."""

    sitting_id: UUID
    name: str
    state: str
    opened_at: datetime | None
    deadline_at: datetime | None
    submitted_at: datetime | None
    extra_minutes: int
    answered: int
    slots: int
    seconds_since_save: int | None
    seconds_left: int | None


class OwnSitting(BaseModel):
    """One of the candidate's own sittings."""

    sitting_id: UUID
    exam_session_id: UUID
    mode: ExamMode
    title: dict[str, str]
    opens_at: datetime
    closes_at: datetime
    duration_minutes: int
    extra_minutes: int
    state: str
    deadline_at: datetime | None
    submitted_at: datetime | None
    receipt: str | None
    released: bool


class SavedAnswer(BaseModel):
    """One saved answer of a sitting.

    `unreadable` names the places (`7`, or `7.b` for a part) that hold what cannot be an answer there: a number wanted and
    none written, an option that is not offered. It was saved all the same and earns nothing as it is. None once the paper
    is closed.
    """

    slot: int
    revision: int
    response: Any
    flagged: bool
    saved_at: datetime
    unreadable: list[str] | None = None


class SittingRead(BaseModel):
    """A candidate's sitting: the paper while it is open, and what is saved. `seconds_left` by the database's clock."""

    sitting: OwnSitting
    paper: list[dict[str, Any]]
    answers: list[SavedAnswer]
    server_time: datetime
    seconds_left: int


class SittingClock(BaseModel):
    """The time that counts, for a page that was asleep; `csrf_token` is that of the present sign-in."""

    state: str
    server_time: datetime
    seconds_left: int
    csrf_token: str


class Receipt(BaseModel):
    """Proof of handing in: the SHA-256 over the final answers (RFC 8785 JSON of {sitting, answers by slot})."""

    sitting_id: UUID
    state: str
    receipt: str
    submitted_at: datetime
    answered: int


class MarkGive(BaseModel):
    """A mark by rubric: exact points (`3`, `"2.5"`) for every line; `round` is the round the marker saw as the next.

    A line that has levels takes the points of one of them.
    """

    model_config = ConfigDict(extra="forbid")

    points: dict[str, Points]
    comment: Annotated[str | None, Field(max_length=2000)] = None
    round: int = Field(ge=1)


class MarkRead(BaseModel):
    """A mark."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    sitting_id: UUID
    place: str
    round: int
    points: dict[str, Any]
    comment: str | None


class ScoreGiven(BaseModel):
    """What a score list says of one person: exact score (decimal text), or absent, or disqualified; and where it stood."""

    model_config = ConfigDict(extra="forbid")

    outcome: PaperOutcome = PaperOutcome.SCORED
    score: Annotated[Decimal | None, Field(ge=0, max_digits=8, decimal_places=2)] = None
    held_on: date
    import_id: UUID | None = None
    row_number: int | None = None

    @model_validator(mode="after")
    def _score_with_paper(self) -> "ScoreGiven":
        if (self.outcome is PaperOutcome.SCORED) is (self.score is None):
            raise ValueError(later("A score belongs to a paper that counts, and to no other."))
        return self


class ScriptRow(BaseModel):
    """One answer in the marking queue, without a name; `script` numbers the answers to one question."""

    sitting_id: UUID
    place: str
    script: int
    rounds: int
    own: bool


class QueueRow(BaseModel):
    """One essay question of an exam session with its rubric, and how many answers have a mark."""

    exam_session_id: UUID
    title: dict[str, str]
    place: str
    stem: dict[str, str]
    question_stem: dict[str, str] | None
    points: str
    rubric: list[dict[str, Any]]
    answers: int
    marked: int


class ScriptText(ScriptRow):
    """One answer with its text, without a name; `next_round` is what a new mark names as its round."""

    text: str
    next_round: int


class ScriptRead(ScriptText):
    """One answer to be marked: what was asked, the text, the rubric, the mark that stands; without a name."""

    stem: dict[str, str]
    question_stem: dict[str, str] | None
    worth: str
    rubric: list[dict[str, Any]]
    points: dict[str, Any] | None
    comment: str | None


class ResultRead(BaseModel):
    """A result: exact points as text, by module and by competence unit."""

    result_id: UUID
    sitting_id: UUID
    exam_session_id: UUID
    run: int
    earned: str
    points: str
    passed: bool
    complete: bool
    required: str
    by_module: dict[str, dict[str, Any]]
    by_unit: dict[str, dict[str, Any]]
    digest: str


class ReleaseProposed(BaseModel):
    """A proposal to release the results of an exam session."""

    approval_id: UUID
    exam_session_id: UUID
    digest: str
    results: int


class ReleaseDecision(BaseModel):
    """The second person's decision; a refusal needs a reason."""

    model_config = ConfigDict(extra="forbid")

    approve: bool
    reason: Annotated[str | None, Field(max_length=500)] = None

    @model_validator(mode="after")
    def _reason(self) -> "ReleaseDecision":
        if not self.approve and not (self.reason or "").strip():
            raise ValueError(later("Please say why it is refused."))
        return self
