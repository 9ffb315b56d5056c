"""One kernel for bands, caps and tax: a function of a running total, booked as differences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from service.foundation.errors import DomainError
from service.foundation.language import later
from service.foundation.money import Rate, round_half_away, yuan_text

RunningFunction = Callable[[int], int]


class SlabRefused(DomainError):
    """A plan applies the reached band's rate to the whole sum, so that earning more can pay less."""

    status = 422
    slug = "slab-refused"
    message = later(
        "Bands apply to the part of the sum inside each band. A rate that jumps for the whole sum is not accepted."
    )


class BandsMissing(DomainError):
    """A plan has no band at all."""

    status = 422
    slug = "bands-missing"
    message = later("At least one band is needed.")


class BandsNotJoined(DomainError):
    """A band does not begin where the one before it ends, or the first not at zero."""

    status = 422
    slug = "bands-not-joined"
    message = later("Band %(position)s must begin at %(expected)s yuan, where the one before it ends.")


class BandEmpty(DomainError):
    """A band ends at or below its beginning."""

    status = 422
    slug = "band-empty"
    message = later("Band %(position)s must end above its beginning.")


class LastBandClosed(DomainError):
    """The last band has an end, so that nothing is said of what lies above."""

    status = 422
    slug = "last-band-closed"
    message = later("The last band must be open at the top; use a rate of zero or a cap to stop there.")


class CapNegative(DomainError):
    """A cap is below zero."""

    status = 422
    slug = "cap-negative"
    message = later("A cap cannot be below zero.")


@dataclass(frozen=True, slots=True)
class Band:
    """The part of a running total above `above_fen` up to and including `up_to_fen` (None: no end) at one rate."""

    above_fen: int
    up_to_fen: int | None
    rate: Rate


@dataclass(frozen=True, slots=True)
class BandedTotal:
    """Half-open bands (low, high], each rate on its own part, then a cap, then one rounding to fen.

    Calling it with a running total of the base in fen gives the running total of what is earned, in fen. A total at
    or below zero earns nothing. Raises at construction: `BandsMissing`, `BandsNotJoined`, `BandEmpty`,
    `LastBandClosed`, `CapNegative`.
    """

    bands: tuple[Band, ...]
    cap_fen: int | None = None

    def __post_init__(self) -> None:
        if not self.bands:
            raise BandsMissing()
        expected = 0
        for position, band in enumerate(self.bands, start=1):
            if band.above_fen != expected:
                raise BandsNotJoined(position=position, expected=yuan_text(expected))
            if band.up_to_fen is None:
                if position < len(self.bands):
                    raise BandsNotJoined(position=position + 1, expected="∞")
                break
            if band.up_to_fen <= band.above_fen:
                raise BandEmpty(position=position)
            expected = band.up_to_fen
        else:
            raise LastBandClosed()
        if self.cap_fen is not None and self.cap_fen < 0:
            raise CapNegative()

    def exact(self, total_fen: int) -> Fraction:
        """What the bands give for a running total, before cap and rounding."""
        earned = Fraction(0)
        for band in self.bands:
            if total_fen <= band.above_fen:
                break
            top = total_fen if band.up_to_fen is None else min(total_fen, band.up_to_fen)
            earned += band.rate.of(top - band.above_fen)
        return earned

    def __call__(self, total_fen: int) -> int:
        earned = self.exact(total_fen)
        if self.cap_fen is not None:
            earned = min(earned, Fraction(self.cap_fen))
        return round_half_away(earned)


@dataclass(frozen=True, slots=True)
class CappedTotal:
    """A running total in fen that stops at a cap (None: never) and does not go below zero. Raises `CapNegative`."""

    cap_fen: int | None

    def __post_init__(self) -> None:
        if self.cap_fen is not None and self.cap_fen < 0:
            raise CapNegative()

    def __call__(self, total_fen: int) -> int:
        whole = max(total_fen, 0)
        return whole if self.cap_fen is None else min(whole, self.cap_fen)


def bands_from_limits(rows: Sequence[tuple[int | None, Rate]], *, whole_sum: bool = False) -> tuple[Band, ...]:
    """Bands from rows of (upper limit in fen or None, rate), lowest first, the first beginning at zero.

    Raises `SlabRefused` when the rows are meant for the whole sum, and `BandsNotJoined` when a row follows an open one.
    """
    if whole_sum:
        raise SlabRefused()
    bands: list[Band] = []
    low: int | None = 0
    for position, (limit, rate) in enumerate(rows, start=1):
        if low is None:
            raise BandsNotJoined(position=position, expected="∞")
        bands.append(Band(low, limit, rate))
        low = limit
    return tuple(bands)


def book(function: RunningFunction, before: int, after: int) -> int:
    """What one step adds (or takes back): `function(after) - function(before)`.

    Summed over any way of cutting the same events this gives `function(end) - function(start)`, so that bands, caps
    and refunds need no rule of their own.
    """
    return function(after) - function(before)
