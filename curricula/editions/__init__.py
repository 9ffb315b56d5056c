"""Editions: competence standards, syllabi and regional overlays, checked, frozen and named by their digest."""

from curricula.editions.checking import (
    Edition,
    Shelf,
    check,
    check_document,
    digest,
    edition_of,
    from_json,
    kind_of,
    parse,
)
from curricula.editions.overlay import Overlay, overlaid
from curricula.editions.standard import Criterion, Element, Standard, Unit
from curricula.editions.syllabus import FORMS, Course, EntryRule, Module, ResitRule, Syllabus

__all__ = [
    "FORMS",
    "Course",
    "Criterion",
    "Edition",
    "Element",
    "EntryRule",
    "Module",
    "Overlay",
    "ResitRule",
    "Shelf",
    "Standard",
    "Syllabus",
    "Unit",
    "check",
    "check_document",
    "digest",
    "edition_of",
    "from_json",
    "kind_of",
    "overlaid",
    "parse",
]
