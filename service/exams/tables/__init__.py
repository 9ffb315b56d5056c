"""Rows of exam sessions, forms, sittings, answers, marks, recorded scores and results, by noun."""

from service.exams.tables.appeals import (
    Appeal,
    AppealGround,
    AppealMember,
    AppealOpinion,
    AppealOutcome,
    AppealState,
    AppealStep,
    AppealStepKind,
)
from service.exams.tables.marks import Mark
from service.exams.tables.recording import PaperOutcome, RecordedScore
from service.exams.tables.results import Result, ResultRelease
from service.exams.tables.sessions import ExamForm, ExamMode, ExamSession, ExamState
from service.exams.tables.sittings import Answer, AnswerTrail, Sitting, SittingState, TimeAdjustment

__all__ = [
    "Answer",
    "AnswerTrail",
    "Appeal",
    "AppealGround",
    "AppealMember",
    "AppealOpinion",
    "AppealOutcome",
    "AppealState",
    "AppealStep",
    "AppealStepKind",
    "ExamForm",
    "ExamMode",
    "ExamSession",
    "ExamState",
    "Mark",
    "PaperOutcome",
    "RecordedScore",
    "Result",
    "ResultRelease",
    "Sitting",
    "SittingState",
    "TimeAdjustment",
]
