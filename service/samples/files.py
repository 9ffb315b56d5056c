"""The five sample files with the faults such files have: made here, shipped in `files/`, the same bytes each time.

Run `python -m service.samples.files` to write them again. Nobody in them exists: the first six digits of every number
are no region of China, and the check character is right so that the number itself is not the fault.
"""

import csv
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import xlsxwriter

from certificates.check_characters import resident_check_character
from service.foundation.sheets.writing import WORKBOOK_OPTIONS

FOLDER = Path(__file__).parent / "files"
NOWHERE = "117099"  # city 70 of Beijing: there is none
MADE_ON = datetime(2026, 1, 1, tzinfo=UTC)

Row = Sequence[object]


def number(order: int, born: str = "19880808") -> str:
    """The resident number of the sample person of this order: a region that is none, a right check character."""
    places = f"{NOWHERE}{born}{order:03d}"
    return places + resident_check_character(places)


PEOPLE: tuple[tuple[str, str], ...] = tuple(
    (name, number(order))
    for order, name in enumerate(
        (
            "陈样一",
            "李样二",
            "王样三",
            "赵样四",
            "欧阳样五",
            "阿依古丽·样六",
            "周样七",
            "吴样八",
            "郑样九",
            "冯样十",
            "褚样本",
            "卫样章",
            "蒋样品",
            "沈样例",
            "韩样张",
            "杨样式",
        ),
        start=1,
    )
)
UNIVERSITY = "样例理工大学"
INSTITUTE = "样例材料研究院"


def workbook(fill: Callable[[Any, Any], None], sheet: str) -> bytes:
    """A workbook of one sheet, the same bytes each time."""
    target = BytesIO()
    book: Any = xlsxwriter.Workbook(target, {**WORKBOOK_OPTIONS, "in_memory": True})
    book.set_properties({"created": MADE_ON.replace(tzinfo=None), "author": "样例"})
    fill(book, book.add_worksheet(sheet))
    book.close()
    return target.getvalue()


def write_rows(page: Any, first: int, rows: Sequence[Row], day: Any = None) -> None:
    """Rows from a row index on; text stays text, numbers numbers, days days."""
    for index, row in enumerate(rows, start=first):
        for place, value in enumerate(row):
            match value:
                case None:
                    continue
                case date():
                    page.write_datetime(index, place, datetime.combine(value, datetime.min.time()), day)
                case int() | float():
                    page.write_number(index, place, value)
                case _:
                    page.write_string(index, place, str(value))


def roster() -> bytes:
    """A roster: title rows, headers merged over two rows, 16 people, 9 faulty rows, a total and a signature line."""

    def fill(book: Any, page: Any) -> None:
        head = book.add_format({"bold": True, "align": "center"})
        page.merge_range(0, 0, 0, 7, "技术经理人（初级）培训班学员名单", head)
        page.write_string(1, 0, "填报单位：样例理工大学技术转移中心")
        for place, title in ((0, "序号"), (1, "姓  名")):
            page.merge_range(2, place, 3, place, title, head)
        page.merge_range(2, 2, 2, 3, "身份证件", head)
        page.write_string(3, 2, "证件类型", head)
        page.write_string(3, 3, "证件号码", head)
        page.merge_range(2, 4, 2, 5, "选派并缴费单位", head)
        page.write_string(3, 4, "派出单位", head)
        page.write_string(3, 5, "统一社会信用代码", head)
        page.merge_range(2, 6, 3, 6, "联系电话", head)
        page.merge_range(2, 7, 3, 7, "备注", head)
        rows: list[list[object]] = []
        for order, (name, document) in enumerate(PEOPLE, start=1):
            unit = UNIVERSITY if order <= 8 else INSTITUTE if order <= 12 else None
            rows.append([order, name, "居民身份证", document, unit, None, "13800000000", None])
        rows[1][1] = "李　样二"  # a full-width blank inside the name
        rows[2][2] = None  # no kind: taken as an identity card
        rows[3][3] = f"{PEOPLE[3][1][:6]} {PEOPLE[3][1][6:14]} {PEOPLE[3][1][14:].lower()}"
        rows[5][1] = "阿依古丽•样六"  # another dot than the one of identity cards
        rows[6][3] = "".join(chr(ord(one) + 0xFEE0) if one.isdigit() else one for one in PEOPLE[6][1])
        rows[14][2:4] = ["护照", "E98765432"]
        rows[15][2:4] = ["台湾居民来往大陆通行证", "01234567"]
        rows += [
            [17, "秦错一", "居民身份证", float(number(17)[:17] + "0"), UNIVERSITY, None, None, "号码被存成数字"],
            [18, "尤错二", "居民身份证", wrong_check(number(18)), UNIVERSITY, None, None, "校验位不符"],
            [19, "许错三", "居民身份证", number(19, "19900231"), UNIVERSITY, None, None, "日期不存在"],
            [20, "何错四", "居民身份证", number(20)[:6] + number(20)[8:17], None, None, None, "十五位旧号码"],
            [21, "陈样一", "居民身份证", PEOPLE[0][1], UNIVERSITY, None, None, "与第 5 行重复"],
            [22, None, "居民身份证", number(22), None, None, None, "姓名漏填"],
            [23, "#N/A", "居民身份证", number(23), None, None, None, "公式没有结果"],
            [24, "施错八", "学生证", "20260001", None, None, None, "证件类型不认"],
            [25, "张错九", "居民身份证", number(25), "样例创新公司", "91310000MA1FL0000X", None, "信用代码有误"],
        ]
        write_rows(page, 4, rows)
        page.write_formula(26, 1, '=VLOOKUP("A",A1:B1,2,FALSE)', None, "#N/A")
        page.write_string(29, 1, "合计：25 人")
        page.write_string(30, 1, "填表人：样例  审核人：样例")
        page.set_column(1, 7, 20)

    return workbook(fill, "学员名单")


def wrong_check(right: str) -> str:
    """The same number with another check character."""
    return right[:17] + ("1" if right[17] == "0" else "0")


def text_file(rows: Sequence[Row], encoding: str) -> bytes:
    """A text file as offices save it: comma, CR LF."""
    target = StringIO(newline="")
    csv.writer(target, lineterminator="\r\n").writerows(rows)
    return target.getvalue().encode(encoding)


def attendance() -> bytes:
    """An attendance list in GB18030 for the first two meetings of any session, with 8 faulty rows and a total."""
    first, second = "1", "第2次"
    rows: list[Row] = [
        ("技术经理人（初级）培训班考勤表", "", "", "", "", "", ""),
        ("序号", "姓名", "身份证号", "课次", "上课日期", "考勤结果", "迟到（分钟）"),
    ]
    for order, (name, document) in enumerate(PEOPLE[:12], start=1):
        mark, missed = {3: ("迟到", "15"), 5: ("缺勤", ""), 7: ("病假", "")}.get(order, ("出勤", ""))
        rows.append((order, name, document, first, "", mark, missed))
    for order, (name, _) in enumerate(PEOPLE[:8], start=13):
        rows.append((order, name, "", second, "", "√", ""))
    rows += [
        (21, PEOPLE[0][0], PEOPLE[0][1], "第 1 次课", "", "出勤", ""),  # twice
        (22, "查无此人", "", first, "", "出勤", ""),
        (23, PEOPLE[8][0], PEOPLE[8][1], first, "2026年2月30日", "出勤", ""),
        (24, PEOPLE[9][0], PEOPLE[9][1], first, "2019-12-31", "出勤", ""),  # the first meeting is on another day
        (25, PEOPLE[10][0], PEOPLE[10][1], second, "", "在", ""),
        (26, PEOPLE[11][0], PEOPLE[11][1], second, "", "迟到", ""),
        (27, PEOPLE[12][0], PEOPLE[12][1][:10], first, "", "出勤", ""),
        (28, PEOPLE[13][0], "", "上午", "", "出勤", ""),  # which of the meetings?
        ("合计", "应到 16 人", "", "", "", "", ""),
    ]
    return text_file(rows, "gb18030")


def scores() -> bytes:
    """Scores of a paper exam of one day: merged title, 9 right scores, an absence, a cheat, a score with its unit, 7 faulty
    rows, a line of the class average."""

    def fill(book: Any, page: Any) -> None:
        page.merge_range(0, 0, 0, 7, "技术经理人（初级）结业考试成绩单", book.add_format({"bold": True}))
        day = book.add_format({"num_format": "yyyy/m/d"})
        header = ("序号", "姓名", "证件类型", "身份证号", "准考证号", "成绩", "考试日期", "备注")
        rows: list[Row] = [header]
        for order, (name, document) in enumerate(PEOPLE[:10], start=1):
            rows.append((order, name, None, document, f"2026{order:04d}", 60 + order * 3.5, None, None))
        rows += [
            (11, PEOPLE[10][0], None, PEOPLE[10][1], "20260011", "缺考", None, None),
            (12, PEOPLE[11][0], None, PEOPLE[11][1], "20260012", 105, None, "超出满分"),
            (13, PEOPLE[12][0], None, float(PEOPLE[12][1][:17] + "0"), "20260013", 77, None, None),
            (14, PEOPLE[0][0], None, PEOPLE[0][1], "20260001", 90, None, "与第 3 行不一致"),
            (15, PEOPLE[13][0], None, PEOPLE[13][1], "20260015", "85分", None, None),
            (16, "查无此人", None, number(90), "20260016", 66, None, None),
            (17, PEOPLE[1][0], None, wrong_check(PEOPLE[1][1]), "20260017", 70, "2026.13.1", None),
            (18, PEOPLE[14][0], "护照", "E98765432", "20260018", "作弊", None, "夹带"),
            (19, PEOPLE[12][0], None, PEOPLE[12][1], "20260019", 71, date(2019, 3, 20), "日期有误"),
            ("平均分", None, None, None, None, None, None, None),
        ]
        write_rows(page, 1, rows, day)
        page.write_formula(2, 5, "=40+23.5", None, 63.5)  # a formula with its result is as good as the number
        page.set_column(1, 7, 20)

    return workbook(fill, "成绩")


def past_certificates() -> bytes:
    """Certificates issued earlier, UTF-8 with its mark, 8 right rows, 7 faulty ones."""
    rows: list[Row] = [
        ("姓名", "证件类型", "证件号码", "证书编号", "能力等级", "发证日期", "有效期至"),
    ]
    levels = ("初级技术经纪人", "初级", "中级技术经纪人", "高级技术经理人")
    for order, (name, document) in enumerate(PEOPLE[:8], start=1):
        until = "长期" if order % 2 else ""
        rows.append((name, "居民身份证", document, f"YL-2023-{order:04d}", levels[order % 4], f"2023/6/{order}", until))
    rows += [
        (PEOPLE[8][0], "居民身份证", PEOPLE[8][1], "YL-2023-0001", "初级", "2023/6/1", ""),  # a number used twice
        (PEOPLE[9][0], "居民身份证", PEOPLE[9][1], "YL-2023-0010", "特级", "2023/6/1", ""),
        (PEOPLE[10][0], "居民身份证", PEOPLE[10][1], "YL-2023-0011", "初级", "2023.13.01", ""),
        (PEOPLE[11][0], "居民身份证", PEOPLE[11][1], "YL-2023-0012", "初级", "23/5/6", ""),
        (PEOPLE[12][0], "居民身份证", PEOPLE[12][1], "", "初级", "2023-05-06", ""),
        (PEOPLE[13][0], "居民身份证", "1.17099E+17", "YL-2023-0014", "初级", "2023-05-06", ""),
        (PEOPLE[10][0], "居民身份证", PEOPLE[10][1], "YL-2023-0015", "中级", "2023-05-06", "2022-05-06"),
    ]
    return text_file(rows, "utf-8-sig")


def technology_contracts() -> bytes:
    """An export of registered contracts in 万元: headers over two rows, 6 right rows, 7 faulty ones, a total by formula."""

    def fill(book: Any, page: Any) -> None:
        head = book.add_format({"bold": True, "align": "center"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page.merge_range(0, 0, 0, 11, "技术合同认定登记台账（导出）", head)
        titles = ("序号", "合同编号", "合同名称", "合同类别", "卖方名称", "买方名称", "签订日期")
        for place, title in enumerate(titles):
            page.merge_range(1, place, 2, place, title, head)
        page.merge_range(1, 7, 1, 8, "金额", head)
        page.write_string(2, 7, "合同成交金额（万元）", head)
        page.write_string(2, 8, "技术交易额（万元）", head)
        page.merge_range(1, 9, 1, 11, "认定登记", head)
        for place, title in enumerate(("登记编号", "登记机构", "登记日期"), start=9):
            page.write_string(2, place, title, head)
        office, signed, registered = "样例市技术合同登记处", date(2025, 3, 1), date(2025, 3, 20)
        seller, buyer = UNIVERSITY, "样例新材料有限公司"
        kinds = ("技术开发", "技术转让", "技术许可", "技术咨询", "技术服务", "委托开发")
        rows: list[Row] = [
            (
                order,
                f"YL-HT-2025-{order:03d}",
                f"样例项目{order}",
                kind,
                seller,
                buyer,
                signed,
                100 * order + 0.5,
                80 * order,
                f"2025110000{order:04d}",
                office,
                registered,
            )
            for order, kind in enumerate(kinds, start=1)
        ]
        rows += [
            (
                7,
                "YL-HT-2025-001",
                "样例项目1",
                "技术开发",
                seller,
                buyer,
                signed,
                100.5,
                80,
                "20251100000001",
                office,
                registered,
            ),
            (
                8,
                "YL-HT-2025-008",
                "样例项目8",
                "技术开发",
                seller,
                buyer,
                signed,
                50,
                80,
                "20251100000008",
                office,
                registered,
            ),
            (
                9,
                "YL-HT-2025-009",
                "样例项目9",
                "技术转让",
                seller,
                buyer,
                registered,
                50,
                30,
                "20251100000009",
                office,
                signed,
            ),
            (
                10,
                "YL-HT-2025-010",
                "样例项目10",
                "设备采购",
                seller,
                buyer,
                signed,
                50,
                30,
                "20251100000010",
                office,
                registered,
            ),
            (11, "YL-HT-2025-011", "样例项目11", "技术服务", seller, buyer, "2025年2月30日", 50, 30, None, None, None),
            (12, "YL-HT-2025-012", "样例项目12", "技术服务", seller, buyer, signed, "面议", None, None, None, None),
            (
                13,
                "YL-HT-2025-013",
                "样例项目13",
                "技术服务",
                seller,
                buyer,
                signed,
                12,
                12,
                "20251100000013",
                None,
                registered,
            ),
        ]
        write_rows(page, 3, rows, day)
        page.write_string(16, 1, "合计")
        page.write_formula(16, 7, "=SUM(H4:H9)", None, 2103)
        page.set_column(1, 11, 20)

    return workbook(fill, "台账")


FILES: dict[str, Callable[[], bytes]] = {
    "roster.xlsx": roster,
    "attendance.csv": attendance,
    "scores.xlsx": scores,
    "past-certificates.csv": past_certificates,
    "technology-contracts.xlsx": technology_contracts,
}


def sample(name: str) -> bytes:
    """A shipped sample file by its name."""
    return (FOLDER / name).read_bytes()


def write_all(folder: Path = FOLDER) -> None:
    """Write the five files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    write_all()
