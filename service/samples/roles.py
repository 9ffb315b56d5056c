"""Who works in the demonstration: an account per role and more where two or three decide, at plausible organisations."""

from dataclasses import dataclass

from service.organisations.tables import OrganisationKind


@dataclass(frozen=True)
class DemoOrganisation:
    """An organisation of the demonstration: key, kind, names."""

    key: str
    kind: OrganisationKind
    zh: str
    en: str
    province: str | None = None


@dataclass(frozen=True)
class DemoRole:
    """One demonstration account: sign-in name, role, organisation key, display name."""

    login_name: str
    role: str
    organisation: str
    name: str


DEMO_PROVINCE = "31"  # where the demonstration's base and its provincial department are said to lie

ORGANISATIONS = (
    DemoOrganisation("ministry", OrganisationKind.GOVERNMENT, "演示主管部门", "Demonstration Ministry"),
    DemoOrganisation(
        "province", OrganisationKind.GOVERNMENT, "演示省科技厅", "Demonstration Provincial Department", DEMO_PROVINCE
    ),
    DemoOrganisation("operator", OrganisationKind.TRANSFER_INSTITUTION, "演示平台运营中心", "Demonstration Operator"),
    DemoOrganisation("employer", OrganisationKind.FIRM, "演示新材料有限公司", "Demonstration Materials Ltd"),
    DemoOrganisation(
        "university", OrganisationKind.UNIVERSITY, "演示理工大学", "Demonstration University of Technology"
    ),
)
BASE = "base"  # the tenant of the demonstration's base slot
BASE_CODE = "12"

ROLES = (
    DemoRole("director", "base_director", BASE, "基地负责人 方敏"),
    DemoRole("scheduler", "scheduler", BASE, "教务员 周宁"),
    DemoRole("lecturer", "lecturer", BASE, "授课教师 何川"),
    DemoRole("mentor", "practice_mentor", BASE, "实践导师 沈岩"),
    DemoRole("invigilator", "invigilator", BASE, "监考员 罗晴"),
    DemoRole("author", "item_author", BASE, "命题员 唐越"),
    DemoRole("reviewer", "item_reviewer", BASE, "审题员 郑秋"),
    DemoRole("psychometrician", "psychometrician", BASE, "测量分析员 韩松"),
    DemoRole("marker", "marker", BASE, "阅卷员 冯雨"),
    DemoRole("decider", "certification_decider", BASE, "发证决定人 蒋文"),
    DemoRole("appeals", "appeal_panellist", BASE, "申诉评议员 彭程"),
    DemoRole("appeals2", "appeal_panellist", BASE, "申诉评议员 梅朗"),
    DemoRole("appeals3", "appeal_panellist", BASE, "申诉评议员 施远"),
    DemoRole("standards", "standard_owner", "operator", "标准管理员 白露"),
    DemoRole("standards2", "standard_owner", "operator", "标准复核人 石磊"),
    DemoRole("hr", "employer_hr", "employer", "人事专员 吕薇"),
    DemoRole("verifier", "university_verifier", "university", "核验员 马骁"),
    DemoRole("officer", "incentive_officer", "university", "激励经办人 袁清"),
    DemoRole("approver", "incentive_approver", "university", "激励复核人 夏江"),
    DemoRole("finance", "finance_officer", "university", "财务 董越"),
    DemoRole("ministry", "ministry_reader", "ministry", "部委查阅员 高远"),
    DemoRole("province", "provincial_reader", "province", "省级查阅员 林森"),
    DemoRole("auditor", "auditor", "ministry", "审计员 江一"),
    DemoRole("system", "system_administrator", "operator", "系统管理员 谢安"),
    DemoRole("security", "security_administrator", "operator", "安全管理员 卢山"),
    DemoRole("security2", "security_administrator", "operator", "安全管理员 范湖"),
    DemoRole("audit", "audit_administrator", "operator", "审计管理员 田野"),
)

TEACHING = ("lecturer", "practice_mentor")
"""Roles whose demonstration accounts are also persons, so that they can be chosen for meetings."""
