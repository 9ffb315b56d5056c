"""What goes in and out of appeals."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictStr, model_validator

from service.exams.schemas.exams import Points, storable
from service.exams.tables import AppealGround, AppealOutcome
from service.foundation.language import later


class AppealLodge(BaseModel):
    """An appeal against one's own released result: what was wrong, and why."""

    model_config = ConfigDict(extra="forbid")

    ground: AppealGround
    statement: Annotated[StrictStr, Field(min_length=10, max_length=2000), AfterValidator(storable)]


class AppealStepRead(BaseModel):
    """One dated step."""

    kind: str
    at: datetime


class OwnAppeal(BaseModel):
    """One's own appeal with its steps; `reasons` once it is closed, None also when the person's key is destroyed."""

    appeal_id: UUID
    sitting_id: UUID
    ground: str
    statement: str | None
    state: str
    outcome: str | None
    reasons: str | None
    result_changed: bool
    lodged_at: datetime
    closed_at: datetime | None
    steps: list[AppealStepRead]


class AppealStanding(BaseModel):
    """Whether one may appeal against a result now, until when, and the appeal there is."""

    closes_at: datetime
    open: bool
    appeal: OwnAppeal | None


class AppealRow(BaseModel):
    """An appeal in a list, without the person; for a panellist `own_opinion` is what they gave."""

    appeal_id: UUID
    exam_session_id: UUID
    exam_title: dict[str, str]
    number: str
    ground: str
    state: str
    outcome: str | None
    lodged_at: datetime
    closed_at: datetime | None
    panel: int
    opinions: int
    own_opinion: str | None


class BenchRow(BaseModel):
    """One who may be named to a panel, with the parts that forbid it; `on_panel` when named."""

    account_id: UUID
    name: str
    parts: list[str]
    on_panel: bool
    spoke: bool


class AppealManaged(BaseModel):
    """An appeal as whoever names the panel sees it: no text, no opinions."""

    appeal: AppealRow
    least: int
    bench: list[BenchRow]
    steps: list[AppealStepRead]


class PanelName(BaseModel):
    """The whole panel of an appeal."""

    model_config = ConfigDict(extra="forbid")

    account_ids: Annotated[list[UUID], Field(max_length=15)]


class OpinionGive(BaseModel):
    """One panellist's opinion."""

    model_config = ConfigDict(extra="forbid")

    outcome: AppealOutcome
    reasons: Annotated[StrictStr, Field(min_length=5, max_length=2000), AfterValidator(storable)]


class DecisionDrawUp(BaseModel):
    """The panel's decision: the outcome follows from the opinions.

    New `marks` are {place: {rubric line: points}}; of an exam on paper the new `score` as a whole.
    """

    model_config = ConfigDict(extra="forbid")

    reasons: Annotated[StrictStr, Field(min_length=10, max_length=4000), AfterValidator(storable)]
    marks: dict[str, dict[str, Points]] = {}
    score: Annotated[Decimal | None, Field(ge=0, max_digits=8, decimal_places=2)] = None


class DecisionConfirm(BaseModel):
    """The second member's word; not confirming needs a reason."""

    model_config = ConfigDict(extra="forbid")

    confirm: bool
    reason: Annotated[str | None, Field(max_length=500)] = None

    @model_validator(mode="after")
    def _reason(self) -> "DecisionConfirm":
        if not self.confirm and not (self.reason or "").strip():
            raise ValueError(later("Please say why it is refused."))
        return self


class OpinionRead(BaseModel):
    """An opinion as the panel sees it, once one's own is given; `member` numbers the panel, `own` marks one's own."""

    member: int
    own: bool
    outcome: str
    reasons: str | None
    given_at: datetime


class HeardQuestion(BaseModel):
    """One question of the appealed paper: asked, answered, the key or rubric, and every mark by round."""

    place: str
    part: str
    kind: str
    stem: dict[str, str]
    options: list[dict[str, Any]]
    answer: Any
    key: Any
    rubric: list[dict[str, Any]]
    points: str
    earned: str | None
    marks: list[dict[str, Any]]


class HeardSlot(BaseModel):
    """One numbered place of the appealed paper."""

    number: int
    slot: str
    kind: str
    stem: dict[str, str]
    points: str
    earned: str
    questions: list[HeardQuestion]


class AppealHeardRead(BaseModel):
    """An appeal as its panel sees it: the paper with answers, keys and marks; no name."""

    appeal: AppealRow
    statement: str | None
    earned: str
    points: str
    passed: bool
    required: str
    slots: list[HeardSlot]
    opinions: list[OpinionRead]
    missing: int
    outcome: str | None
    reasons: str | None
    marks: dict[str, dict[str, Any]] | None
    score: str | None
    drawn_up_by_me: bool
    steps: list[AppealStepRead]
