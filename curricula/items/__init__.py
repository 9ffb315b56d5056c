"""Items: frozen values with versions, what a candidate sees of them, and what they must be."""

from curricula.items.candidate import CandidateItem, CandidateQuestion, OptionOrder, candidate_view, option_order
from curricula.items.checking import COGNITIVE, KINDS, LEVELS, MODULES, POLICIES, item_problems
from curricula.items.values import (
    Citation,
    Item,
    NumericKey,
    Option,
    Question,
    RubricLevel,
    RubricLine,
    SecondReading,
    item_of,
)

__all__ = [
    "COGNITIVE",
    "KINDS",
    "LEVELS",
    "MODULES",
    "POLICIES",
    "CandidateItem",
    "CandidateQuestion",
    "Citation",
    "Item",
    "NumericKey",
    "Option",
    "OptionOrder",
    "Question",
    "RubricLevel",
    "RubricLine",
    "SecondReading",
    "candidate_view",
    "item_of",
    "item_problems",
    "option_order",
]
