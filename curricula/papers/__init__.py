"""Papers: blueprints, the forms drawn from them, and each candidate's arrangement of a form."""

from curricula.papers.blueprint import Blueprint, Cell, blueprint_of, blueprint_problems
from curricula.papers.drawing import draw
from curricula.papers.form import CandidateSlot, Form, Slot, arrangement, candidate_paper

__all__ = [
    "Blueprint",
    "CandidateSlot",
    "Cell",
    "Form",
    "Slot",
    "arrangement",
    "blueprint_of",
    "blueprint_problems",
    "candidate_paper",
    "draw",
]
