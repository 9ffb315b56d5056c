"""The walk's fourth part: a contract, plans in force, money received once, balanced entries, and what people see of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.cli.walking.walker import Walk
from service.foundation.language import later

BEIJING = ZoneInfo("Asia/Shanghai")


def rate(percent: int) -> dict[str, int]:
    """A rate as two whole numbers."""
    return {"numerator": percent, "denominator": 100}


# Working values: 5 % of the first 500,000 yuan received and 8 % above; three quarters to managers, the rest to the unit.
COMMISSION: dict[str, Any] = {
    "base": "received",
    "bands": [{"up_to_fen": 50_000_000, "rate": rate(5)}, {"up_to_fen": None, "rate": rate(8)}],
    "lines": [
        {
            "key": "managers",
            "kind": "percent",
            "role": "managers",
            "rate": rate(75),
            "title": {"zh": "技术经理人", "en": "Managers"},
        },
        {"key": "unit", "kind": "rest", "role": "unit", "title": {"zh": "单位", "en": "Unit"}},
    ],
    "notice_days": 15,
    "notice_kind": "working",
    "tax_ground": "labour_service",
}
# Working values: 70 % of net income to those who made it work; of it 70 % to the main contributor, 5 % to the manager.
SHARE: dict[str, Any] = {
    "base": "net_income",
    "deductions": ["tax", "upkeep"],
    "bands": [{"up_to_fen": None, "rate": rate(70)}],
    "lines": [
        {
            "key": "main",
            "kind": "percent",
            "role": "main_contributors",
            "rate": rate(70),
            "title": {"zh": "主要贡献人", "en": "Main contributors"},
        },
        {
            "key": "managers",
            "kind": "percent",
            "role": "managers",
            "rate": rate(5),
            "title": {"zh": "技术经理人", "en": "Managers"},
        },
        {
            "key": "others",
            "kind": "rest",
            "role": "contributors",
            "title": {"zh": "其他贡献人", "en": "Other contributors"},
        },
    ],
    "notice_days": 15,
    "notice_kind": "calendar",
    "tax_ground": "wages",
}
INCOME = {"amount_fen": 100_000_001, "deductions": {"tax": 6_000_000, "upkeep": 1_000_000}}
# 70 % of 930,000.01 yuan is 651,000.007, rounded once to 651,000.01; by hand: 70 %, 5 % and the rest of it, to the fen.
SHARES_FEN = {"main": 45_570_001, "managers": 3_255_000, "others": 16_275_000}
RECEIVED_FEN = 60_000_000
EARNED_FEN = 3_300_000  # 5 % of 500,000 yuan and 8 % of 100,000 yuan
MANAGERS_FEN = 2_475_000  # three quarters of it


def technology_contract(number: str, zh: str, en: str) -> dict[str, Any]:
    """A licence signed twenty days ago, as it is sent."""
    return {
        "contract_no": number,
        "title": {"zh": zh, "en": en},
        "kind": "licence",
        "seller": "演示理工大学",
        "buyer": "演示新材料有限公司",
        "signed_on": str(datetime.now(BEIJING).date() - timedelta(days=20)),
        "contract_fen": 200_000_000,
        "transaction_fen": 180_000_000,
    }


def in_force(walk: Walk, code: str, kind: str, title: dict[str, str], body: dict[str, Any]) -> Any:
    """A plan's first version, proposed by the officer, refused to the officer and put in force by the approver."""
    officer, approver = walk.role("officer"), walk.role("approver")
    head = officer.post("/api/plans", {"code": f"{code}-{walk.made['mark']}", "kind": kind, "title": title})
    version = officer.post(f"/api/plans/{head['id']}/versions", {"places": [], **body})
    officer.post(f"/api/plan-versions/{version['id']}/proposal")
    officer.call("POST", f"/api/plan-versions/{version['id']}/decision", 403, json={"approve": True})
    decided = approver.post(f"/api/plan-versions/{version['id']}/decision", {"approve": True})
    walk.check(decided["state"] == "in_force", f"the plan is {decided['state']}")
    return {**version, "plan": head}


def contract(walk: Walk) -> None:
    """A technology contract with its registration and the manager's part."""
    officer = walk.role("officer")
    today = datetime.now(BEIJING).date()
    first = walk.made["trainees"][0]
    with walk.step(later("The officer records a technology contract, its registration and the manager's part")) as show:
        title = ("一种复合材料制备方法专利许可", "Licence of a composite preparation method")
        made = officer.post("/api/contracts", technology_contract(f"HT-{walk.made['mark']}", *title))
        officer.post(
            f"/api/contracts/{made['id']}/registration",
            {
                "registration_no": f"2026-{walk.made['mark']}",
                "registration_office": "演示登记处",
                "registered_on": str(today - timedelta(days=10)),
            },
        )
        manager = officer.post(
            f"/api/contracts/{made['id']}/managers",
            {"name": first["name"], "identity_kind": "resident", "identity_number": first["identity"], "role": "lead"},
        )
        walk.made |= {"contract": made, "manager": manager}
        show(contract=made["contract_no"], address=f"{walk.base_url}/contracts/{made['id']}")


def plan(walk: Walk) -> None:
    """A commission plan proposed by the officer and put in force by the approver; an agreement pins its version."""
    officer = walk.role("officer")
    today = datetime.now(BEIJING).date()
    with walk.step(later("A commission plan is proposed by one person and put in force by another")) as show:
        title = {"zh": "佣金办法（演示）", "en": "Commission plan (demonstration)"}
        body = {"valid_from": str(today - timedelta(days=365)), "terms": COMMISSION}
        version = in_force(walk, "YJ", "commission", title, body)
        walk.made["plan"] = version["plan"]
        show(plan=version["plan"]["code"], digest=version["digest"][:16], findings=len(version["findings"]))
    with walk.step(later("An agreement pins the plan's version and names its parties")) as show:
        agreement = officer.post(
            "/api/agreements",
            {
                "contract_id": walk.made["contract"]["id"],
                "plan_version_id": version["id"],
                "signed_on": str(today - timedelta(days=20)),
                "parties": [
                    {"person_id": walk.made["manager"]["person_id"], "line": "managers"},
                    {"person_id": None, "line": "unit"},
                ],
            },
        )
        walk.made["agreement"] = agreement
        show(agreement=agreement["id"])


def earn(walk: Walk) -> None:
    """A receipt posts balanced entries exactly once; the same reference with other content is refused."""
    officer = walk.role("officer")
    with walk.step(later("Money received is recorded once, split to the fen and balanced in the ledger")) as show:
        event = {
            "contract_id": walk.made["contract"]["id"],
            "source": "bank",
            "reference": f"R-{walk.made['mark']}",
            "kind": "receipt",
            "amount_fen": RECEIVED_FEN,
            "effective_on": str(datetime.now(UTC).astimezone(BEIJING).date()),
        }
        made = officer.post("/api/revenue-events", event)
        again = officer.post("/api/revenue-events", event)
        walk.check(made["id"] == again["id"], "the same event was recorded twice")
        officer.refused("POST", "/api/revenue-events", 409, "content-conflict", json={**event, "amount_fen": 1})
        amount = sum(one["amount_fen"] for one in made["accruals"])
        walk.check(amount == EARNED_FEN, f"{amount} fen earned, not {EARNED_FEN}")
        lines = {line["person_id"]: line["amount_fen"] for one in made["accruals"] for line in one["lines"]}
        walk.check(lines[walk.made["manager"]["person_id"]] == MANAGERS_FEN, f"{lines}")
        walk.made["event"] = made
        show(event=made["id"], earned_fen=amount, manager_fen=MANAGERS_FEN)


def share(walk: Walk) -> None:
    """Net income of a second contract is shared among three people by lines, to the fen."""
    officer = walk.role("officer")
    today = datetime.now(BEIJING).date()
    with walk.step(later("Net income of a second contract is shared among three people, to the fen")) as show:
        title = {"zh": "收益分享办法（演示）", "en": "Revenue share (demonstration)"}
        body = {"valid_from": str(today - timedelta(days=365)), "terms": SHARE}
        version = in_force(walk, "FX", "revenue_share", title, body)
        names = ("一种检测方法专利许可", "Licence of a testing method")
        made = officer.post("/api/contracts", technology_contract(f"HT-{walk.made['mark']}-2", *names))
        people = [
            officer.post(
                f"/api/contracts/{made['id']}/managers",
                {
                    "name": one["name"],
                    "identity_kind": "resident",
                    "identity_number": one["identity"],
                    "role": "lead" if number == 0 else "contributor",
                },
            )["person_id"]
            for number, one in enumerate(walk.made["trainees"])
        ]
        by_line = dict(zip(("managers", "main", "others"), people, strict=True))
        officer.post(
            "/api/agreements",
            {
                "contract_id": made["id"],
                "plan_version_id": version["id"],
                "signed_on": str(today - timedelta(days=20)),
                "parties": [{"person_id": person, "line": line} for line, person in by_line.items()],
            },
        )
        event = {"contract_id": made["id"], "source": "bank", "reference": f"N-{walk.made['mark']}", "kind": "receipt"}
        event = officer.post("/api/revenue-events", {**event, "effective_on": str(today), **INCOME})
        got = {line["person_id"]: line["amount_fen"] for one in event["accruals"] for line in one["lines"]}
        shared = {line: got.get(person) for line, person in by_line.items()}
        walk.check(shared == SHARES_FEN, f"{shared}, not {SHARES_FEN}")
        show(contract=made["contract_no"], **{f"{line}_fen": fen for line, fen in shared.items()})


def pay(walk: Walk) -> None:
    """A payout proposed by one person, approved by another, put on public notice; nothing is paid before it is over."""
    officer, approver, finance = walk.role("officer"), walk.role("approver"), walk.role("finance")
    today = datetime.now(BEIJING).date()
    with walk.step(later("A payout is proposed, approved by another and put on public notice")) as show:
        made = officer.post(
            "/api/payouts", {"plan_id": walk.made["plan"]["id"], "through": str(today), "title": "演示发放"}
        )
        walk.check(made["gross_fen"] == MANAGERS_FEN, f"{made['gross_fen']} fen")
        officer.call("POST", f"/api/payouts/{made['id']}/decision", 403, json={"approve": True})
        approver.post(f"/api/payouts/{made['id']}/decision", {"approve": True})
        noticed = officer.post(f"/api/payouts/{made['id']}/notice")
        early = {"paid_on": str(today), "payment_reference": "early"}
        finance.call("POST", f"/api/payouts/{made['id']}/payment", (409, 422), json=early)
        line = noticed["lines"][0]
        show(
            gross_fen=line["gross_fen"],
            tax_estimate_fen=line["tax_fen"],
            notice=f"{noticed['notice_opens_on']} – {noticed['notice_closes_on']}",
        )


def equity(walk: Walk) -> None:
    """A plain grant of shares under an approved plan, vested by the day."""
    officer, approver = walk.role("officer"), walk.role("approver")
    today = datetime.now(BEIJING).date()
    with walk.step(later("Shares are granted by two people from an approved pool and vest by the day")) as show:
        title = {"zh": "股权激励（演示）", "en": "Equity (demonstration)"}
        terms = {"company": "演示新材料有限公司", "pool_shares": 1_000_000}
        body = {"valid_from": str(today - timedelta(days=800)), "terms": terms}
        version = in_force(walk, "GQ", "equity", title, body)
        start = today.replace(day=1) - timedelta(days=400)
        grant = officer.post(
            "/api/equity-grants",
            {
                "plan_version_id": version["id"],
                "person_id": walk.made["manager"]["person_id"],
                "reference": f"G-{walk.made['mark']}",
                "instrument": "restricted",
                "quantity": 48_000,
                "granted_on": str(start),
                "terms": {"start": str(start), "total_months": 48, "step_months": 12, "cliff_months": 12},
            },
        )
        path = f"/api/equity-grants/{grant['id']}/decision"
        officer.call("POST", path, 403, json={"approve": True})
        approver.post(path, {"approve": True})
        booked = officer.post(f"/api/equity-vesting/{today}")
        grant = officer.get(f"/api/equity-grants/{grant['id']}")
        walk.check(grant["vested"] == 12_000, f"{grant['vested']} vested")
        show(granted=grant["quantity"], vested=grant["vested"], booked=booked)


def statement(walk: Walk) -> None:
    """The manager reads how each sum came about, on the page and on paper."""
    first = walk.made["trainees"][0]
    manager = walk.person(first["phone"], first["name"])
    with walk.step(later("The manager reads a statement of how each sum came about, and gets it on paper")) as show:
        year = str(datetime.now(BEIJING).year)
        payer = walk.role("officer").get("/api/me")["org_id"]
        manager.post("/api/my/statements", {"org_id": payer, "period": year})

        def made() -> Any:
            found = manager.get("/api/my/statements")
            rows = found["rows"] if isinstance(found, dict) else found
            return next((one for one in rows if one["document_id"]), None)

        issued = walk.until(later("The statement is made"), made)

        def printed() -> Any:
            answer = manager.client.get(f"/api/statements/{issued['id']}/file")
            return answer.content if answer.status_code == 200 else None

        paper = walk.until(later("The paper is made"), printed)
        walk.check(paper.startswith(b"%PDF"), "the statement is no PDF")
        show(totals=issued["totals"], paper=f"{len(paper):,} bytes")


def figures(walk: Walk) -> None:
    """The ministry's counts, each with its definition, small cells hidden; the base sees its own exactly."""
    with walk.step(later("The ministry reads counts by base, year and level, each with its definition")) as show:
        statistics = walk.role("ministry").get("/api/statistics")
        counts = statistics["total"]["counts"]
        defined = {one["name"] for one in statistics["definitions"]}
        walk.check(set(counts) <= defined, f"{set(counts) - defined} have no definition")
        show(
            **{
                one["title"]: "< 5" if counts[one["name"]] is None else counts[one["name"]]
                for one in statistics["definitions"]
            }
        )
    with walk.step(later("The base sees its own counts exactly: person-times are not persons")) as show:
        own = walk.role("director").get("/api/statistics")["total"]["counts"]
        walk.check(own["enrolments"] >= own["persons"] >= len(walk.made["trainees"]), f"{own}")
        show(enrolments=own["enrolments"], persons=own["persons"], specimens=own["specimens"])
