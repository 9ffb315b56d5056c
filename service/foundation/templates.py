"""The Jinja environment of pages, letters and statements: strict, escaped, bilingual, with the house's filters."""

from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.foundation.clock import BEIJING
from service.foundation.language import ENGLISH, current_language, gettext, ngettext, said
from service.foundation.money import format_yuan
from service.foundation.provinces import place_names, province_names

TEMPLATES = Path(__file__).parent.parent / "templates"


def show_date(value: date | datetime | None) -> str:
    """2026-05-15, in Beijing."""
    if value is None:
        return "—"
    if isinstance(value, datetime):
        value = value.astimezone(BEIJING).date()
    return value.isoformat()


def show_long_date(value: date | datetime | None) -> str:
    """2026年5月15日 or 15 May 2026, in Beijing."""
    if value is None:
        return "—"
    day = value.astimezone(BEIJING).date() if isinstance(value, datetime) else value
    if current_language() == ENGLISH:
        return f"{day.day} {day:%B} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


def show_time(value: datetime | None) -> str:
    """2026-05-15 09:30, in Beijing."""
    return "—" if value is None else f"{value.astimezone(BEIJING):%Y-%m-%d %H:%M}"


def show_clock(value: datetime | None) -> str:
    """09:30, in Beijing."""
    return "—" if value is None else f"{value.astimezone(BEIJING):%H:%M}"


def show_money(fen: int | None) -> str:
    """¥12,345.00 from fen."""
    return "—" if fen is None else format_yuan(fen, current_language())


def show_periods(minutes: int, minutes_per_period: int = 45) -> str:
    """学时 from minutes, exact to a hundredth and without trailing zeros."""
    exact = Fraction(minutes, minutes_per_period)
    if exact.denominator == 1:
        return str(exact.numerator)
    return f"{float(exact):.2f}".rstrip("0").rstrip(".")


def show_number(value: int | float | None) -> str:
    """12,345."""
    return "—" if value is None else f"{value:,}"


def make_environment() -> Environment:
    """One environment for everything the service renders."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        enable_async=False,
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        date=show_date,
        long_date=show_long_date,
        time=show_time,
        clock=show_clock,
        money=show_money,
        periods=show_periods,
        number=show_number,
        said=said,
        spoken=gettext,
        province=province_names,
        place=place_names,
    )
    environment.globals["current_language"] = current_language
    return environment


ENVIRONMENT = make_environment()


def render(template: str, context: dict[str, Any] | None = None) -> str:
    """Render a template with what it shows, by name."""
    return ENVIRONMENT.get_template(template).render(context or {})
