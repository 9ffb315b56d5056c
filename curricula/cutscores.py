"""Pass marks: an exact share of the points, compared without rounding."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from curricula.canonical import fraction_text


@dataclass(frozen=True)
class Cut:
    """Who reaches `pass_mark` (a share, 0 < share <= 1) of `points` passes; reaching it exactly is passing."""

    pass_mark: Fraction
    points: Fraction

    @property
    def required(self) -> Fraction:
        """The points that pass."""
        return self.pass_mark * self.points

    def passes(self, earned: Fraction) -> bool:
        """Whether so many points pass: an exact comparison, nothing is rounded up."""
        return earned >= self.required

    def to_json(self) -> dict[str, Any]:
        """{pass_mark, required} as exact numbers."""
        return {"pass_mark": fraction_text(self.pass_mark), "required": fraction_text(self.required)}
