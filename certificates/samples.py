"""Facts of made-up specimens, for previews, demonstrations and tests; nobody of this name exists."""

from datetime import date

from certificates.canonical import digest
from certificates.facts import (
    Base,
    CertificateFacts,
    CertificateKind,
    Competence,
    CompetenceUnit,
    CourseSession,
    Edition,
    Holder,
    Hours,
    Issuer,
    Level,
    MaskedDocument,
    ModuleHours,
    ModuleResult,
    RegisterEntry,
    Result,
    Signatory,
)
from certificates.keys import did_of_base
from certificates.serial import DEFAULT_PREFIX, CertificateNumber, verification_address

HOST = "certificates.example"
CHECK_CODE = "7K3M-9QXA-42TD"

_LEVELS = {
    1: ("junior", "初级技术经理人", "Junior Technology Manager"),
    2: ("intermediate", "中级技术经理人", "Intermediate Technology Manager"),
    3: ("senior", "高级技术经理人", "Senior Technology Manager"),
}
_MODULES = (
    ("public-knowledge", "公共知识", "Public knowledge", 16, "88"),
    ("policy-and-law", "政策法规", "Policy and law", 24, "84.5"),
    ("practical-skills", "实务技能", "Practical skills", 56, "86"),
    ("capability", "能力提升", "Capability", 24, "87.5"),
)
_UNITS = (
    ("U1", "需求与成果的识别", "Finding needs and results"),
    ("U2", "价值评估与定价", "Valuation and pricing"),
    ("U3", "商务谈判与合同", "Negotiation and contracts"),
    ("U4", "转化跟踪与服务", "Follow-up and service"),
)
_TITLES = {
    CertificateKind.LEVEL: ("能力等级证书", "Certificate of Competence Level"),
    CertificateKind.COMPLETION: ("结业证书", "Certificate of Completion"),
    CertificateKind.HOURS: ("学时证明", "Statement of Training Hours"),
}


def sample_facts(
    kind: CertificateKind = CertificateKind.LEVEL,
    rank: int = 2,
    *,
    name_zh: str = "林知远",
    name_en: str = "Lin Zhiyuan",
    serial: int = 128,
    specimen: bool = True,
) -> CertificateFacts:
    """A complete set of facts of one kind; ``rank`` 1 to 3 is the level."""
    number = str(CertificateNumber(DEFAULT_PREFIX, "07", 2026, serial))
    code, level_zh, level_en = _LEVELS[rank]
    scored = kind is not CertificateKind.HOURS
    return CertificateFacts(
        number=number,
        kind=kind,
        credential_id=f"https://{HOST}/credentials/0b0f3a52-6d0e-4c52-9d3e-6f2a9a5d4{serial % 1000:03d}",
        title_zh=_TITLES[kind][0],
        title_en=_TITLES[kind][1],
        holder=Holder(
            name_zh=name_zh,
            name_en=name_en,
            name_en_confirmed=True,
            identity_document=MaskedDocument(
                type="resident-card", type_zh="居民身份证", type_en="Resident ID card", masked="310***********002X"
            ),
        ),
        edition=Edition(
            scheme_code="JSJL-NLDJ",
            scheme_zh="技术经理人能力等级培训大纲",
            scheme_en="Training Syllabus for Competence Levels of Technology Managers",
            version="2026",
            level=None
            if kind is CertificateKind.HOURS
            else Level(code=code, rank=rank, title_zh=level_zh, title_en=level_en),
            digest=digest({"edition": "sample", "level": code}),
        ),
        base=Base(
            code="07",
            name_zh="国家技术转移人才培养基地（示例）",
            name_en="National Technology Transfer Training Base (Sample)",
            register_entry=RegisterEntry(
                source="示例登记册 sample register", verified=True, listed_on=date(2026, 9, 1)
            ),
        ),
        issuer=Issuer(
            name_zh="示例技术转移中心",
            name_en="Sample Technology Transfer Centre",
            uscc=None,
            did=did_of_base(HOST, "07"),
        ),
        course_session=CourseSession(
            code="JSJL-07-2026-03",
            title_zh=f"{level_zh}培训班第三期",
            title_en=f"{level_en} Training, Session 3",
            starts_on=date(2026, 9, 7),
            ends_on=date(2026, 9, 25),
        ),
        hours=Hours(
            minutes_per_period=45,
            minutes=sum(periods * 45 for _, _, _, periods, _ in _MODULES),
            periods=str(sum(periods for _, _, _, periods, _ in _MODULES)),
            modules=tuple(
                ModuleHours(code=module, title_zh=zh, title_en=en, minutes=periods * 45, periods=str(periods))
                for module, zh, en, periods, _ in _MODULES
            ),
        ),
        result=Result(
            assessed_on=date(2026, 9, 27),
            score="86.5",
            full_mark="100",
            pass_mark="60",  # noqa: S106  # a mark, not a password
            passed=True,
            modules=tuple(
                ModuleResult(code=module, title_zh=zh, title_en=en, score=score, full_mark="100", passed=True)
                for module, zh, en, _, score in _MODULES
            ),
        )
        if scored
        else None,
        competence=Competence(
            standard_code="TM-COMPETENCE",
            standard_version="2026",
            title_zh="技术经理人能力标准（示例）",
            title_en="Competence Standard for Technology Managers (Sample)",
            digest=digest({"standard": "sample"}),
            units=tuple(CompetenceUnit(code=unit, title_zh=zh, title_en=en) for unit, zh, en in _UNITS),
        )
        if scored
        else None,
        awarded_on=date(2026, 10, 12),
        valid_from=date(2026, 10, 12),
        signatories=(
            Signatory(name_zh="周可期", name_en="Zhou Keqi", office_zh="基地主任", office_en="Director of the base"),
        ),
        specimen=specimen,
        check_code=CHECK_CODE,
        verification_address=verification_address(f"https://{HOST}", number, CHECK_CODE),
    )
