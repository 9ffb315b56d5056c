"""Exam sessions, sittings, marks, recorded scores and results that the actor may see, by noun."""

from service.exams.queries.marking import EssayPlace, closed_scripts, essay_places, marks_of, text_at
from service.exams.queries.recording import paper_sittings, recorded_scores, score_trail
from service.exams.queries.results import ReleasedResult, latest_results, own_result, released_result, unit_titles
from service.exams.queries.sessions import (
    blueprints,
    board_of,
    course_sessions_for,
    database_now,
    exam_for,
    exams_for,
    form_of,
    sitting_counts,
)
from service.exams.queries.sittings import (
    CLOSED,
    answers_of,
    exam_of,
    own_sitting,
    own_sittings,
    sitting_clock,
    sitting_of_org,
    sitting_read,
)

__all__ = [
    "CLOSED",
    "EssayPlace",
    "ReleasedResult",
    "answers_of",
    "blueprints",
    "board_of",
    "closed_scripts",
    "course_sessions_for",
    "database_now",
    "essay_places",
    "exam_for",
    "exam_of",
    "exams_for",
    "form_of",
    "latest_results",
    "marks_of",
    "own_result",
    "own_sitting",
    "own_sittings",
    "paper_sittings",
    "recorded_scores",
    "released_result",
    "score_trail",
    "sitting_clock",
    "sitting_counts",
    "sitting_of_org",
    "sitting_read",
    "text_at",
    "unit_titles",
]
