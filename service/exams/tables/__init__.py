"""Rows of exam sessions, forms, sittings, answers, marks and results, by noun."""

from service.exams.tables.marks import Mark
from service.exams.tables.results import Result, ResultRelease
from service.exams.tables.sessions import ExamForm, ExamSession, ExamState
from service.exams.tables.sittings import Answer, AnswerTrail, Sitting, SittingState, TimeAdjustment

__all__ = [
    "Answer",
    "AnswerTrail",
    "ExamForm",
    "ExamSession",
    "ExamState",
    "Mark",
    "Result",
    "ResultRelease",
    "Sitting",
    "SittingState",
    "TimeAdjustment",
]
