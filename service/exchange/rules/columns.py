"""The columns of each kind of file that comes in, and the words their cells may hold."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from service.foundation.sheets.columns import CellKind, Column
from service.people.rules import IDENTITY_NAMES

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

LEARNER = Column(
    "learner",
    "学员编号",
    ("学员编号（请勿修改）",),
    kind=CellKind.IDENTITY,
    note="下载的名单里已填好，请勿修改",
    width=16,
)
NUMBER_IF_NEEDED = Column(
    "identity_number",
    "证件号码",
    IDENTITY_NUMBER.aliases,
    kind=CellKind.IDENTITY,
    note="名单中没有学员编号，或班内有重名时填写",
    width=24,
)

ATTENDANCE_COLUMNS = (
    LEARNER,
    NAME,
    IDENTITY_KIND,
    NUMBER_IF_NEEDED,
    Column(
        "meeting",
        "课次",
        ("第几次课", "课次序号"),
        example="第3次",
        note="本班第几次课；填了日期和时间可不填",
        width=10,
    ),
    Column("day", "上课日期", ("日期", "考勤日期"), kind=CellKind.DATE, example="2026-05-15", width=14),
    Column("begins", "开始时间", ("上课时间",), note="当天同一课程有多次课时填写，如 09:00", width=12),
    Column("course", "课程", ("课程名称", "课程代码", "课程编号"), note="当天有多次课时填写课程代码或名称", width=24),
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
    LEARNER,
    NAME,
    IDENTITY_KIND,
    NUMBER_IF_NEEDED,
    Column(
        "score",
        "成绩",
        ("总分", "分数", "考试成绩", "得分", "卷面成绩"),
        required=True,
        kind=CellKind.DECIMAL,
        example="86.5",
        note="最多两位小数；未参加填“缺考”，作弊填“作弊”",
        width=12,
    ),
    Column("held_on", "考试日期", ("考试时间",), kind=CellKind.DATE, note="考试只有一天时可不填", width=14),
    Column("remark", "备注", (), width=20),
)
ABSENT_WORDS = frozenset({"缺考", "未考", "缓考", "弃考", "缺席", "absent"})
DISQUALIFIED_WORDS = frozenset({"作弊", "舞弊", "违纪", "成绩无效", "取消成绩", "disqualified"})
SCORE_PLACES = 2

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


def learner_code(enrolment_id: UUID) -> str:
    """The code by which a downloaded list knows a learner again: eleven characters, a letter first, so that no spreadsheet
    takes it for a number."""
    return "S" + enrolment_id.hex[-10:].upper()


def hinted(column: Column) -> Column:
    """The column with its choices in its header, for lists that offer no drop-down; it reads back as the same column."""
    return replace(column, header=f"{column.header}（{'/'.join(column.choices)}）") if column.choices else column


def only(columns: Sequence[Column], *fields: str) -> tuple[Column, ...]:
    """Some of the columns, in the order of the names."""
    by_field = {one.field: one for one in columns}
    return tuple(hinted(by_field[name]) for name in fields)
