"""What becomes of a row, what a file's columns are, and how a finding is kept without the file's text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from service.exchange.errors.imports import RowRefused, WholeRowRefused
from service.foundation.errors import DomainError, every_refusal
from service.foundation.language import chinese, later, sentence
from service.foundation.sheets.cells import CellValue
from service.foundation.sheets.columns import CellKind, Column
from service.foundation.sheets.errors import CellRefused
from service.foundation.sheets.limits import MEGABYTE, Limits
from service.people.rules import IDENTITY_NAMES

LARGEST_FILE = 8 * MEGABYTE
IMPORT_LIMITS = Limits(file_bytes=LARGEST_FILE, rows=2_000)
"""A roster has tens of rows, the largest class seen 280: files beyond these limits are sent in parts."""

KEPT_DAYS = 90


class Outcome(StrEnum):
    """What a row is: something new, a change, nothing new, refused, or no row of the table at all."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"
    LEFT_OUT = "left_out"


OUTCOME_TITLES = {
    Outcome.NEW: later("New entry"),
    Outcome.CHANGED: later("Changed"),
    Outcome.SAME: later("Same as on record"),
    Outcome.WRONG: later("Wrong"),
    Outcome.LEFT_OUT: later("Left out"),
}

RESULT_TITLES = {
    "enrolled": later("enrolled"),
    "waiting": later("on the waiting list"),
    "updated": later("updated"),
    "recorded": later("recorded"),
    "checked": later("checked, not stored"),
}
"""What was done with a row that was kept."""

STATE_TITLES = {
    "previewed": later("waiting for confirmation"),
    "applied": later("applied"),
    "dropped": later("dropped"),
}

_FOOTER = re.compile(
    r"(?:合\s*计|平\s*均|总\s*计|小\s*计|共\s*[0-9]+\s*[人条项行]|填\s*表|制\s*表|审\s*核|经\s*办|备\s*注|注\s*[:：1]|说\s*明|以下空白|total\b)",
    re.IGNORECASE,
)


def is_footer(cells: Mapping[str, CellValue], whole_row: Sequence[CellValue]) -> bool:
    """Whether a row is no row of the table: none of the columns asked for is filled, or it is a total, a signature line
    or a note, that is a word of that kind and hardly anything else."""
    if not any(is_filled(value) for value in cells.values()):
        return True
    filled = [value for value in whole_row if is_filled(value)]
    return len(filled) <= 3 and isinstance(filled[0], str) and _FOOTER.match(filled[0].strip()) is not None


def is_filled(value: CellValue) -> bool:
    """Whether a cell holds anything but blanks."""
    return value is not None and str(value).strip() != ""


_FORMULA = re.compile(r"#(?:N/A|NAME\?|REF!|VALUE!|DIV/0!|NUM!|NULL!)|=[A-Za-z+(].*", re.DOTALL)


def is_formula_rest(value: CellValue) -> bool:
    """Whether a cell shows a formula's error or the formula itself instead of a value."""
    return isinstance(value, str) and _FORMULA.fullmatch(value.strip()) is not None


_PLAIN_FACTS = frozenset(
    {"row", "column", "field", "limit", "length", "places", "choices", "kind", "minutes", "first", "last", "count"}
    | {"state", "begins", "opens", "full", "fields", "day", "signed_on", "region"}
)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HIDDEN = "…"


@dataclass(frozen=True)
class Finding:
    """One thing wrong with one row; `field` and `column` when one cell is meant."""

    row: int
    refusal: DomainError
    field: str | None = None
    column: str | None = None

    def said(self) -> str:
        """The whole sentence for the file that goes back to its owner."""
        return _said(self.row, self.column, self.refusal.message, self.refusal.facts, type(self.refusal))

    def stored(self) -> dict[str, Any]:
        """What is kept of it: slug, column and facts that cannot be personal; cell texts, names, numbers stay out."""
        facts = {name: _plain(name, value) for name, value in self.refusal.facts.items()}
        return {"slug": self.refusal.slug, "field": self.field, "column": self.column, "facts": facts}


def _plain(name: str, value: object) -> Any:
    if name == "reason" and str(value) in chinese():  # a sentence of ours, not of the file
        return str(value)
    if name not in _PLAIN_FACTS:
        return HIDDEN
    if name == "day" and not _DAY.fullmatch(str(value)):
        return HIDDEN
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return value if isinstance(value, int | bool | dict) else str(value)


def _said(row: int, column: str | None, message: str, facts: Mapping[str, object], kind: type[DomainError]) -> str:
    reason = sentence(message, dict(facts))
    if issubclass(kind, CellRefused):
        return reason
    if column:
        return sentence(RowRefused.message, {"row": row, "column": column, "reason": reason})
    return sentence(WholeRowRefused.message, {"row": row, "reason": reason})


@cache
def _by_slug() -> dict[str, type[DomainError]]:
    return {one.slug: one for one in every_refusal()}


def said_again(row: int, stored: Mapping[str, Any]) -> str:
    """The sentence of a stored finding in the reader's language; what was not kept shows as an ellipsis."""
    kind = _by_slug().get(stored["slug"], DomainError)
    return _said(row, stored["column"], kind.message, stored["facts"], kind)


NAME = Column("name", "姓名", ("学员姓名", "学员", "参训人员", "考生姓名", "持证人"), required=True, example="张三")
IDENTITY_KIND = Column(
    "identity_kind",
    "证件类型",
    ("证件种类", "证件名称"),
    choices=tuple(names["zh"] for names in IDENTITY_NAMES.values()),
    example="居民身份证",
    note="不填按居民身份证处理",
    width=22,
)
IDENTITY_NUMBER = Column(
    "identity_number",
    "证件号码",
    ("身份证号", "身份证号码", "证件号", "身份证", "身份证件号码", "公民身份号码"),
    required=True,
    kind=CellKind.IDENTITY,
    example="11010119900307002X",
    note="整列设为文本再填写，否则末几位会丢失",
    width=24,
)

ROSTER_COLUMNS = (
    NAME,
    IDENTITY_KIND,
    IDENTITY_NUMBER,
    Column(
        "employer",
        "派出单位",
        ("选派单位", "送培单位", "缴费单位", "派出单位名称"),
        example="某某大学",
        note="选派并缴费的单位全称；告知本人后，该单位可查看本次培训情况",
        width=28,
    ),
    Column(
        "employer_code",
        "单位统一社会信用代码",
        ("统一社会信用代码", "信用代码", "单位代码"),
        kind=CellKind.IDENTITY,
        note="18 位，可不填",
        width=24,
    ),
)

ATTENDANCE_COLUMNS = (
    NAME,
    Column(
        "identity_number",
        "证件号码",
        ("身份证号", "身份证号码", "证件号"),
        kind=CellKind.IDENTITY,
        note="班内有重名时必填",
        width=24,
    ),
    Column("day", "上课日期", ("日期", "考勤日期"), required=True, kind=CellKind.DATE, example="2026-05-15", width=14),
    Column("course", "课程", ("课程名称", "课程代码", "课程编号"), note="当天有多次课时填写课程代码或名称", width=24),
    Column("begins", "开始时间", ("上课时间",), note="当天同一课程有多次课时填写，如 09:00", width=12),
    Column(
        "presence",
        "出勤情况",
        ("考勤", "考勤结果", "出勤", "签到情况"),
        required=True,
        choices=("出勤", "迟到", "缺勤", "请假"),
        example="出勤",
        width=12,
    ),
    Column("missed", "迟到分钟", ("缺课分钟", "迟到（分钟）"), kind=CellKind.WHOLE, note="仅迟到填写", width=12),
)
PRESENCES = {
    "出勤": "present",
    "到": "present",
    "已到": "present",
    "正常": "present",
    "已签到": "present",
    "√": "present",
    "present": "present",
    "迟到": "late",
    "late": "late",
    "缺勤": "absent",
    "旷课": "absent",
    "未到": "absent",
    "缺席": "absent",
    "×": "absent",
    "absent": "absent",
    "请假": "excused",
    "病假": "excused",
    "事假": "excused",
    "公假": "excused",
    "excused": "excused",
}

SCORE_COLUMNS = (
    NAME,
    IDENTITY_NUMBER,
    Column("ticket", "准考证号", ("考号",), kind=CellKind.IDENTITY, width=18),
    Column("score", "成绩", ("总分", "分数", "考试成绩", "得分"), required=True, kind=CellKind.DECIMAL, width=10),
    Column("held_on", "考试日期", ("考试时间",), required=True, kind=CellKind.DATE, width=14),
    Column("remark", "备注", (), width=20),
)
NOT_TAKEN = ("缺考", "缓考", "弃考", "取消", "作弊", "违纪", "-", "—", "/")
FULL_MARKS = 100
"""The scale of scores that come from elsewhere: a working value until a file says otherwise."""

CERTIFICATE_COLUMNS = (
    NAME,
    IDENTITY_KIND,
    IDENTITY_NUMBER,
    Column("number", "证书编号", ("证书号", "编号"), required=True, kind=CellKind.IDENTITY, width=22),
    Column("level", "等级", ("证书等级", "能力等级", "级别"), required=True, width=18),
    Column("awarded_on", "发证日期", ("颁发日期", "取得日期", "签发日期"), required=True, kind=CellKind.DATE, width=14),
    Column("valid_until", "有效期至", ("有效期", "到期日期"), kind=CellKind.DATE, width=14),
)
LEVELS = {
    "初级技术经理人": "initial",
    "初级技术经纪人": "initial",
    "初级": "initial",
    "中级技术经理人": "intermediate",
    "中级技术经纪人": "intermediate",
    "中级": "intermediate",
    "高级技术经理人": "senior",
    "高级技术经纪人": "senior",
    "高级": "senior",
}

CONTRACT_COLUMNS = (
    Column("contract_no", "合同编号", ("合同号",), required=True, kind=CellKind.IDENTITY, width=20),
    Column("title", "合同名称", ("项目名称", "合同项目名称", "技术合同名称"), required=True, width=36),
    Column("kind", "合同类型", ("合同类别", "技术合同类别"), required=True, width=12),
    Column("seller", "卖方名称", ("卖方", "受托方", "转让方", "许可方", "乙方", "技术卖方"), required=True, width=24),
    Column("buyer", "买方名称", ("买方", "委托方", "受让方", "被许可方", "甲方", "技术买方"), required=True, width=24),
    Column("signed_on", "签订日期", ("签约日期", "合同签订日期"), required=True, kind=CellKind.DATE, width=14),
    Column(
        "contract_fen",
        "合同金额",
        ("合同总金额", "合同成交金额", "成交金额", "成交额"),
        required=True,
        kind=CellKind.YUAN,
    ),
    Column("transaction_fen", "技术交易额", ("技术交易金额", "其中技术交易额"), kind=CellKind.YUAN),
    Column("registration_no", "认定登记编号", ("登记编号", "合同登记编号", "登记号"), kind=CellKind.IDENTITY, width=22),
    Column("registration_office", "登记机构", ("认定登记机构", "登记机关", "技术合同登记机构"), width=24),
    Column("registered_on", "认定登记日期", ("登记日期", "认定日期"), kind=CellKind.DATE, width=14),
)
CONTRACT_KINDS = {
    "技术开发": "development",
    "开发": "development",
    "委托开发": "development",
    "合作开发": "development",
    "技术转让": "transfer",
    "转让": "transfer",
    "技术许可": "licence",
    "许可": "licence",
    "技术咨询": "consulting",
    "咨询": "consulting",
    "技术服务": "service",
    "服务": "service",
}


def in_ten_thousands(label: str) -> bool:
    """Whether a header says that its amounts are in 万元."""
    return "万" in label
