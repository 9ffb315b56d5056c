"""Money as whole fen: rates as two integers, sums shared out without losing a fen, amounts read and written."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from service.foundation.errors import DomainError
from service.foundation.language import ENGLISH, later

FEN_PER_YUAN = 100
LARGEST_FEN = 2**63 - 1
"""What a BIGINT column holds."""

_WAN, _YI = 10**4, 10**8


class AmountUnreadable(DomainError):
    """A text is not one clear amount of yuan; `reason` says why."""

    status = 422
    slug = "amount-unreadable"
    message = later("“%(text)s” is not an amount in yuan: %(reason)s")


class AmountTooLarge(DomainError):
    """An amount is larger than the books can hold."""

    status = 422
    slug = "amount-too-large"
    message = later("The amount %(text)s is larger than this service can hold.")


class RateUnreadable(DomainError):
    """A text is not a rate between 0 and 1."""

    status = 422
    slug = "rate-unreadable"
    message = later("“%(text)s” is not a rate: write a percentage such as 5%% or a fraction such as 1/3.")


class RateOutOfRange(DomainError):
    """A rate is negative, above the whole, or has no denominator."""

    status = 422
    slug = "rate-out-of-range"
    message = later("The rate %(numerator)s/%(denominator)s must lie between 0 and 1.")


class NothingToShareBy(DomainError):
    """A sum should be shared, and every weight is zero."""

    status = 422
    slug = "nothing-to-share-by"
    message = later("The sum cannot be shared: every party's weight is zero.")


class NegativeWeight(DomainError):
    """A party's weight is below zero."""

    status = 422
    slug = "negative-weight"
    message = later("The weight of party %(position)s is below zero.")


def round_half_away(value: Fraction) -> int:
    """The nearest integer, halves away from zero (四舍五入, the same for negative sums)."""
    doubled = 2 * abs(value.numerator) + value.denominator
    size = doubled // (2 * value.denominator)
    return -size if value < 0 else size


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of something as two integers, 0 <= numerator <= denominator; 5 % is `Rate(5, 100)`, a third `Rate(1, 3)`.

    Raises `RateOutOfRange` for anything else.
    """

    numerator: int
    denominator: int

    def __post_init__(self) -> None:
        if self.denominator <= 0 or not 0 <= self.numerator <= self.denominator:
            raise RateOutOfRange(numerator=self.numerator, denominator=self.denominator)

    @property
    def exact(self) -> Fraction:
        """The rate as an exact fraction."""
        return Fraction(self.numerator, self.denominator)

    def of(self, fen: int) -> Fraction:
        """The exact share of an amount in fen; round it once, at the end, with `round_half_away`."""
        return Fraction(self.numerator * fen, self.denominator)

    def __str__(self) -> str:
        hundredths = self.exact * 10_000
        if hundredths.denominator == 1:
            percent = f"{Decimal(int(hundredths)) / 100:f}"
            return (percent.rstrip("0").rstrip(".") if "." in percent else percent) + "%"
        return f"{self.numerator}/{self.denominator}"


def parse_rate(text: str) -> Rate:
    """Read `5%`, `0.06％`, `3‰` or `1/3` as an exact rate.

    Raises `RateUnreadable` for any other form and `RateOutOfRange` above the whole. A bare number is refused: 5 may
    mean 5 % or five times.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    if match := re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*([%‰])", folded):
        value = Fraction(match[1]) / (100 if match[2] == "%" else 1000)
        return Rate(value.numerator, value.denominator)
    if match := re.fullmatch(r"([0-9]{1,12})\s*[/⁄]\s*([0-9]{1,12})", folded):
        return Rate(int(match[1]), int(match[2]))
    raise RateUnreadable(text=text[:60])


def allocate(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Share a sum by whole-number weights so that the parts add up to it exactly (largest remainder, Hamilton's rule).

    Each part lies within one fen of its exact share, on the side of zero or above it; the fen left over go to the
    largest remainders, ties to the lower position. A zero weight gets zero, and a negative sum is the mirror image of
    the positive one. Raises `NegativeWeight`, and `NothingToShareBy` when a sum other than zero meets only zero
    weights.
    """
    for position, weight in enumerate(weights, start=1):
        if weight < 0:
            raise NegativeWeight(position=position)
    whole = sum(weights)
    if whole == 0:
        if total_fen == 0:
            return [0] * len(weights)
        raise NothingToShareBy()
    size = abs(total_fen)
    parts = [size * weight // whole for weight in weights]
    left_over = size - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(size * weights[index] % whole), index))
    for index in by_remainder[:left_over]:
        parts[index] += 1
    return parts if total_fen >= 0 else [-part for part in parts]


_UNITS: dict[str, Fraction] = {
    **dict.fromkeys(("", "元", "圆", "块"), Fraction(1)),
    **dict.fromkeys(("万", "万元"), Fraction(_WAN)),
    **dict.fromkeys(("亿", "亿元"), Fraction(_YI)),
    "角": Fraction(1, 10),
    "分": Fraction(1, 100),
}
_AMOUNT = re.compile(
    r"(?P<sign>[+-]?)(?P<currency>(?:¥|人民币|RMB|CNY)?)(?P<inner>[+-]?)(?P<digits>[0-9][0-9,]*)(?:\.(?P<places>[0-9]*))?(?P<unit>[元圆块万亿角分]*)(?P<end>[整正]?)"
)


def parse_yuan(text: str) -> int:
    """Read an amount of yuan as fen: `¥12,345.00`, `12345元`, `1.2万元`, `１２３４．５`, `人民币 300 元整`, `-20`.

    Raises `AmountUnreadable` for anything that could mean two amounts (`1,23`, `1.234,5`, brackets for minus, powers
    of ten, parts of a fen) and `AmountTooLarge` beyond a BIGINT of fen.
    """
    shown = text.strip()[:60]

    def unreadable(reason: str) -> AmountUnreadable:
        return AmountUnreadable(text=shown, reason=reason)

    folded = unicodedata.normalize("NFKC", text).replace("−", "-").replace("－", "-").strip()
    if not folded:
        raise unreadable(later("it is empty."))
    if len(folded) > 60:
        raise unreadable(later("it is too long."))
    folded = re.sub(r"(?<=[¥币BY])\s+|\s+(?=[元圆块万亿整正])", "", folded.upper())
    match = _AMOUNT.fullmatch(folded)
    if match is None:
        raise unreadable(later("write digits with at most two decimal places, for example 12,345.00."))
    if match["sign"] and match["inner"]:
        raise unreadable(later("it has two signs."))
    digits, places = match["digits"], match["places"]
    if "," in digits and not re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+", digits):
        raise unreadable(later("commas must stand between groups of three digits."))
    if places == "":
        raise unreadable(later("nothing follows the decimal point."))
    if match["unit"] not in _UNITS:
        raise unreadable(later("its unit is not 元, 万元 or 亿元."))
    if match["end"] and match["unit"] not in ("元", "圆", "万元", "亿元", "角"):
        raise unreadable(later("整 follows only 元 or 角."))
    fen = Fraction(f"{digits.replace(',', '')}.{places or 0}") * _UNITS[match["unit"]] * FEN_PER_YUAN
    if fen.denominator != 1:
        raise unreadable(later("it has parts smaller than one fen."))
    if fen > LARGEST_FEN:
        raise AmountTooLarge(text=shown)
    return -int(fen) if "-" in (match["sign"], match["inner"]) else int(fen)


def yuan_text(fen: int) -> str:
    """An amount as plain digits with two places, for files other programs read: `-12345.60`."""
    yuan, rest = divmod(abs(fen), FEN_PER_YUAN)
    return f"{'-' if fen < 0 else ''}{yuan}.{rest:02d}"


def format_yuan(fen: int, language: str) -> str:
    """An amount as people read it: `¥12,345.00` in Chinese; `CNY 12,345.00` in English, where ¥ might be yen."""
    yuan, rest = divmod(abs(fen), FEN_PER_YUAN)
    sign = "-" if fen < 0 else ""
    number = f"{yuan:,}.{rest:02d}"
    return f"CNY {sign}{number}" if language == ENGLISH else f"{sign}¥{number}"


def format_wan_yuan(fen: int, language: str, places: int = 2) -> str:
    """An amount in units of ten thousand yuan, rounded for statistics only: `123.46 万元`, `CNY 1.23 million`."""
    unit = 100 * 10**6 if language == ENGLISH else FEN_PER_YUAN * _WAN
    scaled = round_half_away(Fraction(fen * 10**places, unit))
    whole, rest = divmod(abs(scaled), 10**places)
    number = f"{'-' if scaled < 0 else ''}{whole:,}" + (f".{rest:0{places}d}" if places else "")
    return f"CNY {number} million" if language == ENGLISH else f"{number} 万元"


_NUMERALS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")


def _up_to_9999(number: int) -> str:
    """One group of four digits, without leading zeros; zeros inside become one 零, zeros at the end none."""
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + _NUMERALS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return text


def _whole_yuan(number: int) -> str:
    """A positive whole number below 10**16 in capital numerals."""
    for size, name in ((_YI, "亿"), (_WAN, "万")):
        if number >= size:
            high, low = divmod(number, size)
            zero = "零" if 0 < low < size // 10 else ""
            return _whole_yuan(high) + name + zero + (_whole_yuan(low) if low else "")
    return _up_to_9999(number)


def capital_numerals(fen: int) -> str:
    """An amount in capital numerals (中文大写金额): `壹万贰仟叁佰肆拾伍元整`, `陆仟零柒元壹角肆分`.

    The rule is 会计基础工作规范 (Ministry of Finance) article 52 with the examples of 正确填写票据和结算凭证的基本规定:
    整 closes an amount that ends at 元 or 角; zeros inside give one 零; where the rule leaves 零 open after an 元 place
    of zero, it is written (壹仟陆佰捌拾元零叁角贰分). Zero is 零元整, a negative amount begins with 负. Raises
    `AmountTooLarge` from 10**16 yuan on.
    """
    yuan, rest = divmod(abs(fen), FEN_PER_YUAN)
    if yuan >= _YI * _YI:
        raise AmountTooLarge(text=yuan_text(fen))
    jiao, cents = divmod(rest, 10)
    sign = "负" if fen < 0 else ""
    text = _whole_yuan(yuan) + "元" if yuan else ""
    if not rest:
        return sign + (text or "零元") + "整"
    if yuan and (not jiao or yuan % 10 == 0):
        text += "零"
    if jiao:
        text += _NUMERALS[jiao] + "角"
    return sign + text + (_NUMERALS[cents] + "分" if cents else "整")
