"""The sentences printed on a certificate, Chinese and English, made from its facts."""

from dataclasses import dataclass
from datetime import date

from certificates.facts import CertificateFacts, CertificateKind

_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def date_zh(day: date) -> str:
    """2026年9月7日."""
    return f"{day.year}年{day.month}月{day.day}日"


def date_en(day: date) -> str:
    """7 September 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _span_zh(first: date, last: date) -> str:
    if first == last:
        return f"于{date_zh(first)}"
    until = f"{last.month}月{last.day}日" if first.year == last.year else date_zh(last)
    return f"于{date_zh(first)}至{until}"


def _span_en(first: date, last: date) -> str:
    return f"on {date_en(first)}" if first == last else f"from {date_en(first)} to {date_en(last)}"


def _article(noun: str) -> str:
    return "an" if noun[:1].lower() in "aeiou" else "a"


def body_zh(facts: CertificateFacts) -> str:
    """The Chinese paragraph under the name; it does not repeat the name."""
    session, hours, edition, result = facts.course_session, facts.hours, facts.edition, facts.result
    attended = f"{_span_zh(session.starts_on, session.ends_on)}参加{facts.base.name_zh}举办的“{session.title_zh}”"
    if facts.kind is CertificateKind.HOURS:
        return (
            f"{attended}，经核定取得培训学时{hours.periods}学时（每学时{hours.minutes_per_period}分钟，"
            f"共{hours.minutes}分钟）。本证明只证明学时，不代表考核结果与能力等级。"
        )
    trained = f"{attended}，完成规定的全部课程，共{hours.periods}学时"
    examined = ""
    if result is not None:
        examined = f"，考核成绩{result.score}分（合格线{result.pass_mark}分）"
    if facts.kind is CertificateKind.LEVEL and edition.level is not None:
        return (
            f"{trained}{examined}，成绩合格，达到《{edition.scheme_zh}》（{edition.version}）"
            f"{edition.level.title_zh}的能力要求，特发此证。"
        )
    return f"{trained}{examined}，符合《{edition.scheme_zh}》（{edition.version}）的结业要求，准予结业，特发此证。"


def body_en(facts: CertificateFacts) -> str:
    """The English paragraph, complete by itself: who, what, where, when, with which result."""
    session, hours, edition, result = facts.course_session, facts.hours, facts.edition, facts.result
    name = facts.holder.printed_name_en
    attended = (
        f"{session.title_en} ({session.code}), held by {facts.base.name_en} "
        f"{_span_en(session.starts_on, session.ends_on)}"
    )
    period = f"{hours.periods} periods of {hours.minutes_per_period} minutes"
    if facts.kind is CertificateKind.HOURS:
        return (
            f"This is to state that {name} attended {attended}, and was credited with {period} "
            f"({hours.minutes} minutes in all). It states hours only, neither a result nor a level."
        )
    trained = f"This is to certify that {name} completed the training {attended}, of {period}"
    examined = ""
    if result is not None:
        examined = (
            f", passed the assessment with {result.score} of {result.full_mark} marks (pass mark {result.pass_mark})"
        )
    if facts.kind is CertificateKind.LEVEL and edition.level is not None:
        level = edition.level.title_en
        return (
            f"{trained}{examined}, and has met the competence requirements of {_article(level)} {level} "
            f"under the {edition.scheme_en} ({edition.version})."
        )
    return f"{trained}{examined}, and has met the requirements of completion under the {edition.scheme_en} ({edition.version})."


def validity(facts: CertificateFacts) -> tuple[str, str]:
    """Validity in Chinese and English."""
    if facts.valid_until is None:
        return "长期有效", "no expiry"
    return (
        f"{date_zh(facts.valid_from)}至{date_zh(facts.valid_until)}",
        f"{date_en(facts.valid_from)} to {date_en(facts.valid_until)}",
    )


def register_note(facts: CertificateFacts) -> tuple[str, str]:
    """What the service attests of the base, and no more."""
    entry = facts.base.register_entry
    state_zh = "" if entry.verified else "，尚未核实"
    state_en = "" if entry.verified else ", not verified"
    return (
        f"培训基地{facts.base.code}“{facts.base.name_zh}”于{date_zh(entry.listed_on)}列于本服务登记册"
        f"（来源：{entry.source}{state_zh}）。",
        f"Base {facts.base.code} was listed in this service's register on {date_en(entry.listed_on)}"
        f" (source as named{state_en}).",
    )


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of hours and results."""

    title_zh: str
    title_en: str
    periods: str
    minutes: int
    score: str | None


MOST_COLUMNS = 8
"""Modules printed in columns of their own; papers of more modules show the total (the credential has them all)."""


def table_rows(facts: CertificateFacts) -> tuple[Row, ...]:
    """The modules with hours, and score where the result has one, then the total."""
    modules = facts.hours.modules
    scores = {module.code: module for module in facts.result.modules} if facts.result is not None else {}
    rows = []
    for module in modules if len(modules) <= MOST_COLUMNS else ():
        scored = scores.get(module.code)
        score = None if scored is None else f"{scored.score} / {scored.full_mark}"
        rows.append(Row(module.title_zh, module.title_en, module.periods, module.minutes, score))
    total = None if facts.result is None else f"{facts.result.score} / {facts.result.full_mark}"
    counted = () if rows else (f"（{len(modules)}个模块）", f" of {len(modules)} modules")
    zh, en = counted or ("", "")
    rows.append(Row(f"合计{zh}", f"Total{en}", facts.hours.periods, facts.hours.minutes, total))
    return tuple(rows)
