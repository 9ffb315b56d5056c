"""Whoever has a part in a deal gets it to the fen, in any order of events, and the law's floors are told honestly."""

from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.foundation.money import Rate, RateOutOfRange, round_half_away
from service.foundation.running_total import BandsMissing, BandsNotJoined, CapNegative, LastBandClosed, SlabRefused
from service.incentives.errors import (
    DeductionUnknown,
    LineWithoutParty,
    NegativeAmount,
    NegativeTotal,
    PartyLineUnknown,
    PartyTwice,
    PartyWeightWrong,
    RuleFileWrong,
    SharesAboveWhole,
    SharesBelowWhole,
    SplitLineIncomplete,
    SplitLinesMissing,
    SplitLineTwice,
    TwoRestLines,
)
from service.incentives.rules import (
    Binding,
    LineKind,
    LineRole,
    Outcome,
    Party,
    PlanTerms,
    RuleKind,
    SplitLine,
    accrue,
    check_law,
    net_base,
    read_rules,
    reversed_parts,
    rules_for,
    share_out,
    shipped_rules,
    split_lines,
    waterfall,
    within_year_cap,
)

DAY = date(2026, 5, 15)


def rate(numerator: int, denominator: int = 100) -> dict[str, int]:
    return {"numerator": numerator, "denominator": denominator}


def line(key: str, kind: str = "rest", role: str = "managers", **numbers: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "role": role, **numbers}


def terms(**changes: Any) -> PlanTerms:
    content: dict[str, Any] = {
        "base": "received",
        "bands": [{"up_to_fen": 100_000_00, "rate": rate(5)}, {"up_to_fen": None, "rate": rate(3)}],
        "lines": [
            line("manager", "percent", rate=rate(60)),
            line("team", "percent", rate=rate(1, 3)),
            line("unit", role="unit"),
        ],
    }
    return PlanTerms.model_validate(content | changes)


PARTIES = (Party(1, "manager", 2), Party(2, "manager", 1), Party(3, "team"), Party(4, "unit"))


@st.composite
def deals(draw: st.DrawFn) -> tuple[PlanTerms, tuple[Party, ...]]:
    denominator = draw(st.integers(2, 60))
    first = draw(st.integers(0, denominator))
    second = draw(st.integers(0, denominator - first))
    lines = [
        line("a", "percent", rate=rate(first, denominator)),
        line("b", "percent", rate=rate(second, denominator)),
        line("rest"),
    ]
    fixed = draw(st.none() | st.integers(0, 10_000))
    if fixed is not None:
        lines.insert(draw(st.integers(0, 3)), line("fixed", "fixed", fixed_fen=fixed))
    limit = draw(st.integers(1, 10**7))
    rates = [rate(draw(st.integers(0, 100))) for _ in range(2)]
    bands = [{"up_to_fen": limit, "rate": rates[0]}, {"up_to_fen": None, "rate": rates[1]}]
    plan = terms(lines=lines, bands=bands, cap_deal_fen=draw(st.none() | st.integers(0, 10**6)))
    parties = [Party(number, one["key"]) for number, one in enumerate(lines, start=1)]
    extra = draw(st.lists(st.tuples(st.sampled_from([one["key"] for one in lines]), st.integers(1, 9)), max_size=4))
    parties += [Party(number, key, weight) for number, (key, weight) in enumerate(extra, start=10)]
    return plan, tuple(parties)


EVENTS = st.lists(st.integers(-(10**7), 10**8), max_size=8)


@given(deals(), EVENTS)
def test_parts_add_up_at_every_step_and_end_where_the_total_ends(
    deal: tuple[PlanTerms, tuple[Party, ...]], events: list[int]
) -> None:
    plan, parties = deal
    totals = [0, *accumulate(events)]
    held = dict.fromkeys((party.number for party in parties), 0)
    for before, after in pairwise(totals):
        accrued = accrue(plan, parties, before, after)
        assert sum(accrued.parts.values()) == accrued.amount_fen == plan.earned(after) - plan.earned(before)
        held = {number: fen + accrued.parts[number] for number, fen in held.items()}
        assert all(fen >= 0 for fen in held.values())
    assert held == share_out(plan, parties, plan.earned(totals[-1]))


@given(deals(), EVENTS)
def test_a_refund_of_everything_returns_everybody_to_zero(
    deal: tuple[PlanTerms, tuple[Party, ...]], events: list[int]
) -> None:
    plan, parties = deal
    held = dict.fromkeys((party.number for party in parties), 0)
    for before, after in pairwise([0, *accumulate(events), 0]):
        for number, fen in accrue(plan, parties, before, after).parts.items():
            held[number] += fen
    assert set(held.values()) == {0}


@given(deals(), st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_reversal_turns_the_stored_parts(deal: tuple[PlanTerms, tuple[Party, ...]], before: int, after: int) -> None:
    plan, parties = deal
    there, back = accrue(plan, parties, before, after), accrue(plan, parties, after, before)
    assert reversed_parts(there.parts) == back.parts


@given(deals(), st.integers(0, 10**9))
def test_each_line_gets_its_exact_share_within_a_fen(deal: tuple[PlanTerms, tuple[Party, ...]], total: int) -> None:
    plan, _ = deal
    parts = split_lines(plan.lines, total)
    assert sum(parts) == total
    fixed = sum(part for part, one in zip(parts, plan.lines, strict=True) if one.kind is LineKind.FIXED)
    for part, one in zip(parts, plan.lines, strict=True):
        if one.kind is LineKind.FIXED:
            assert part <= (one.fixed_fen or 0)
        if one.kind is LineKind.PERCENT and one.rate is not None:
            assert abs(part - one.rate.of(total - fixed)) < 1


@given(st.integers(0, 10**7), st.lists(st.integers(-(10**6), 10**7), max_size=8))
def test_one_persons_year_never_passes_its_cap_and_refunds_free_room(cap: int, changes: list[int]) -> None:
    plan = terms(cap_person_year_fen=cap)
    earned = booked = 0
    for change in changes:
        step = within_year_cap(plan, earned, change)
        assert step.booked_fen + step.above_cap_fen == change
        earned, booked = earned + change, booked + step.booked_fen
        assert booked == min(earned, cap)


def test_a_commission_by_bands_comes_out_as_computed_by_hand() -> None:
    plan = terms()
    # 150,000 yuan: 5 % of 100,000 and 3 % of 50,000 = 6,500 yuan; 60 % : 1/3 : rest.
    accrued = accrue(plan, PARTIES, 0, 150_000_00)
    assert accrued.amount_fen == 6_500_00
    assert accrued.parts == {1: 2_600_00, 2: 1_300_00, 3: 2_166_67, 4: 433_33}
    refund = accrue(plan, PARTIES, 150_000_00, 100_000_00)
    assert refund.amount_fen == -1_500_00
    assert {number: accrued.parts[number] + refund.parts[number] for number in accrued.parts} == {
        1: 2_000_00,
        2: 1_000_00,
        3: 1_666_67,
        4: 333_33,
    }
    assert accrue(plan, PARTIES, -5_00, 0).parts == dict.fromkeys((1, 2, 3, 4), 0)


def test_a_fixed_sum_is_taken_first_and_no_more_than_there_is() -> None:
    plan = terms(lines=[line("all"), line("fixed", "fixed", fixed_fen=500)])
    assert split_lines(plan.lines, 300) == [0, 300]
    assert split_lines(plan.lines, 800) == [300, 500]
    with pytest.raises(NegativeTotal):
        split_lines(plan.lines, -1)


def test_stored_terms_come_back_the_same_and_unknown_keys_are_refused() -> None:
    plan = terms(deductions=["tax"], cap_deal_fen=5, rules=["lanzhou-2025-rate"])
    stored = plan.model_dump(mode="json")
    assert PlanTerms.model_validate(stored) == plan
    assert stored["bands"][0] == {"up_to_fen": 100_000_00, "rate": {"numerator": 5, "denominator": 100}}
    for wrong in (
        stored | {"bonus": 1},
        stored | {"base": "turnover"},
        stored | {"cap_deal_fen": 1.5},
        stored | {"cap_deal_fen": "5"},
        stored | {"notice_days": -1},
        stored | {"bands": [{"up_to_fen": None, "rate": rate(5), "from": 0}]},
        stored | {"bands": [{"up_to_fen": None, "rate": rate(5) | {"percent": 5}}]},
        stored | {"lines": [line("a", weight=3)]},
    ):
        with pytest.raises(ValidationError):
            PlanTerms.model_validate(wrong)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"bands": []}, BandsMissing),
        ({"bands": [{"up_to_fen": 5, "rate": rate(5)}]}, LastBandClosed),
        ({"bands": [{"up_to_fen": None, "rate": rate(5)}] * 2}, BandsNotJoined),
        ({"bands": [{"up_to_fen": None, "rate": rate(101)}]}, RateOutOfRange),
        ({"bands_apply_to": "whole"}, SlabRefused),
        ({"cap_deal_fen": -1}, CapNegative),
        ({"cap_person_year_fen": -1}, CapNegative),
        ({"lines": []}, SplitLinesMissing),
        ({"lines": [line("a"), line("a", "percent", rate=rate(5))]}, SplitLineTwice),
        ({"lines": [line("a"), line("b")]}, TwoRestLines),
        ({"lines": [line("a", "percent", rate=rate(60)), line("b", "percent", rate=rate(41))]}, SharesAboveWhole),
        ({"lines": [line("a", "percent", rate=rate(99))]}, SharesBelowWhole),
        ({"lines": [line("a", "fixed", fixed_fen=5)]}, SharesBelowWhole),
        ({"lines": [line("a", "percent")]}, SplitLineIncomplete),
        ({"lines": [line("a", "fixed", fixed_fen=-5), line("b")]}, SplitLineIncomplete),
        ({"lines": [line("a", "rest", fixed_fen=5)]}, SplitLineIncomplete),
    ],
)
def test_terms_that_do_not_add_up_are_refused(changes: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        terms(**changes)


@pytest.mark.parametrize(
    ("parties", "refusal"),
    [
        (PARTIES[:3], LineWithoutParty),
        ((*PARTIES, Party(5, "nobody")), PartyLineUnknown),
        ((*PARTIES, Party(4, "unit")), PartyTwice),
        ((*PARTIES, Party(5, "unit", 0)), PartyWeightWrong),
    ],
)
def test_parties_must_fit_the_lines(parties: tuple[Party, ...], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        share_out(terms(), parties, 100)


def test_only_listed_deductions_reduce_the_base() -> None:
    plan = terms(base="net_income", deductions=["tax", "direct_cost"])
    assert net_base(plan, 1_000, {"tax": 60, "direct_cost": 40}) == 900
    assert net_base(plan, 10, {"tax": 60}) == -50
    with pytest.raises(DeductionUnknown) as refused:
        net_base(plan, 1_000, {"research_money": 1})
    assert refused.value.facts == {"deduction": "research_money", "allowed": ["tax", "direct_cost"]}
    for gross, deductions in ((-1, {}), (5, {"tax": -1})):
        with pytest.raises(NegativeAmount):
            net_base(plan, gross, deductions)


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**5), max_size=6))
def test_a_waterfall_pours_all_in_order(total: int, claims: list[int]) -> None:
    poured = waterfall(total, claims)
    assert sum(poured.paid) + poured.rest == total
    for index, (paid, unpaid, claim) in enumerate(zip(poured.paid, poured.unpaid, claims, strict=True)):
        assert paid + unpaid == claim
        if unpaid:
            assert poured.rest == 0
            assert not any(poured.paid[index + 1 :])


def test_a_waterfall_refuses_sums_and_claims_below_zero() -> None:
    with pytest.raises(NegativeTotal):
        waterfall(-1, [])
    with pytest.raises(NegativeAmount):
        waterfall(1, [-1])


def findings_of(plan: PlanTerms, place: str, *claimed: str) -> dict[str, Outcome]:
    return {
        finding.rule.key: finding.outcome
        for finding in check_law(plan, rules_for(shipped_rules(), [place], DAY, claimed))
    }


def net_plan(*lines: dict[str, Any], percent: int = 70, **changes: Any) -> PlanTerms:
    return terms(base="net_income", bands=[{"up_to_fen": None, "rate": rate(percent)}], lines=list(lines), **changes)


def test_a_plan_that_keeps_the_law_of_its_place_is_found_to_keep_it() -> None:
    plan = net_plan(
        line("main", "percent", "main_contributors", rate=rate(70)),
        line("staff", "percent", "transfer_staff", rate=rate(5)),
        line("others", role="contributors"),
    )
    assert findings_of(plan, "浙江省") == {
        "national-2015-45-1": Outcome.MET,
        "national-2016-main": Outcome.MET,
        "zhejiang-2021-37-1": Outcome.MET,
        "zhejiang-2021-37-main": Outcome.MET,
        "zhejiang-2021-37-office": Outcome.MET,
        "zhejiang-2021-39": Outcome.MET,
    }


def test_floors_are_found_broken_by_one_part_in_a_thousand() -> None:
    plan = net_plan(
        line("main", "percent", "main_contributors", rate=rate(699, 1000)),
        line("staff", "percent", "managers", rate=rate(49, 1000)),
        line("others", role="contributors"),
        percent=69,
        notice_days=14,
    )
    found = findings_of(plan, "浙江省")
    assert {key for key, outcome in found.items() if outcome is Outcome.UNMET} == {
        "zhejiang-2021-37-1",
        "zhejiang-2021-37-main",
        "zhejiang-2021-37-office",
        "zhejiang-2021-39",
    }
    assert found["national-2015-45-1"] is Outcome.MET


def test_what_the_unit_keeps_is_not_counted_into_the_pool() -> None:
    plan = net_plan(line("unit", "percent", "unit", rate=rate(60)), line("main", role="main_contributors"), percent=100)
    found = findings_of(plan, "全国")
    assert found == {"national-2015-45-1": Outcome.UNMET, "national-2016-main": Outcome.MET}
    kept = net_plan(line("unit", role="unit"), percent=100)
    assert findings_of(kept, "全国")["national-2016-main"] is Outcome.UNMET


def test_the_worst_band_decides_and_caps_or_fixed_sums_leave_it_open() -> None:
    bands = [{"up_to_fen": 10**9, "rate": rate(80)}, {"up_to_fen": None, "rate": rate(40)}]
    falling = terms(base="net_income", bands=bands, lines=[line("main", role="main_contributors")])
    assert findings_of(falling, "全国")["national-2015-45-1"] is Outcome.UNMET
    capped = net_plan(line("main", role="main_contributors"), cap_deal_fen=10**9)
    assert findings_of(capped, "全国") == {"national-2015-45-1": Outcome.OPEN, "national-2016-main": Outcome.MET}
    fixed = net_plan(line("main", role="main_contributors"), line("fee", "fixed", "other", fixed_fen=5))
    assert set(findings_of(fixed, "全国").values()) == {Outcome.OPEN}


def test_profit_and_office_and_pool_plans_meet_their_own_rules_only() -> None:
    profit = terms(
        base="operating_profit", bands=[{"up_to_fen": None, "rate": rate(7)}], lines=[line("all", role="contributors")]
    )
    assert findings_of(profit, "山东省") == {"national-2015-45-3": Outcome.MET, "shandong-2017-34-3": Outcome.UNMET}
    office = net_plan(
        line("office", "percent", "transfer_office", rate=rate(10)), line("main", role="main_contributors"), percent=100
    )
    assert findings_of(office, "山东省")["shandong-2017-36"] is Outcome.MET
    pool = terms(base="pool", bands=[{"up_to_fen": None, "rate": rate(4)}], lines=[line("managers")])
    assert findings_of(pool, "浙江省")["zhejiang-2021-37-office"] is Outcome.UNMET
    assert "national-2015-45-1" not in findings_of(terms(), "全国")


def test_a_local_award_is_looked_at_only_when_it_is_claimed() -> None:
    claimed = ("lanzhou-2025-rate", "lanzhou-2025-year")
    assert not set(claimed) & set(findings_of(terms(), "兰州市"))
    kept = terms(cap_person_year_fen=200_000_00)
    assert findings_of(kept, "兰州市", *claimed) == dict.fromkeys(claimed, Outcome.MET)
    for plan in (terms(), terms(cap_person_year_fen=200_000_01)):
        assert findings_of(plan, "兰州市", *claimed)["lanzhou-2025-year"] is Outcome.UNMET
    greedy = terms(bands=[{"up_to_fen": None, "rate": rate(51, 1000)}])
    (finding,) = check_law(greedy, rules_for(shipped_rules(), [], DAY, ["lanzhou-2025-rate"]))
    assert (finding.outcome, finding.needed, finding.found) == (Outcome.UNMET, "<= 5%", "5.1%")
    record = finding.as_record()
    assert record["verified"] is False
    assert record["message"] % record == "The plan gives 5.1%, more than the rule allows: <= 5%."


def test_shipped_rules_are_dated_and_sourced_and_award_rules_are_not_called_verified() -> None:
    rules = shipped_rules()
    assert len({rule.key for rule in rules}) == len(rules) >= 20
    assert {rule.kind for rule in rules} == set(RuleKind)
    for rule in rules:
        assert rule.source.startswith("http")
        assert rule.verified == (rule.in_force is not None)
        assert not (rule.binding is Binding.AWARD and rule.verified)
    assert not rules_for(rules, ["浙江省"], date(2015, 1, 1))[0].verified
    national = next(rule for rule in rules if rule.key == "national-2015-45-1")
    assert national.rate.exact == Fraction(1, 2)


GOOD = """
source: text
dated: 2026-05-01
rules:
  - {key: a, place: 全国, act: {zh: 甲, en: A}, article: "1", kind: notice_days_min, days: 15, binding: must, source: text, verified: true}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("days: 15", "days: 15, weeks: 2"),
        ("days: 15", "numerator: 15, denominator: 100"),
        ("days: 15", "days: 15, amount_fen: 3"),
        ("days: 15", "days: '15'"),
        ("kind: notice_days_min", "kind: notice"),
        ("verified: true", "verified: 1"),
        (", source: text", ""),
        (", en: A", ""),
        ("dated: 2026-05-01", "dated: someday"),
        ("source: text\n", "source: text\nauthor: me\n"),
        ("rules:", "rules: ["),
    ],
)
def test_a_rule_file_with_something_out_of_place_is_refused(old: str, new: str) -> None:
    assert read_rules(GOOD)[0].days == 15
    with pytest.raises(RuleFileWrong) as refused:
        read_rules(GOOD.replace(old, new, 1))
    assert refused.value.facts["detail"]


def test_a_rule_file_with_a_key_twice_or_an_impossible_share_is_refused() -> None:
    with pytest.raises(RuleFileWrong):
        read_rules(GOOD + GOOD.splitlines()[-1])
    with pytest.raises(RateOutOfRange):
        read_rules(GOOD.replace("notice_days_min, days: 15", "pool_of_shares_min, numerator: 3, denominator: 2"))


@given(deals())
def test_the_share_of_all_roles_is_the_whole(deal: tuple[PlanTerms, tuple[Party, ...]]) -> None:
    plan, _ = deal
    share = plan.share_of(*LineRole)
    assert share is None or share == 1
    assert (share is None) == any(one.kind is LineKind.FIXED for one in plan.lines)


def test_rounding_happens_once_on_the_running_total() -> None:
    plan = terms(bands=[{"up_to_fen": None, "rate": rate(1, 3)}], lines=[line("all")])
    parties = (Party(1, "all"),)
    steps = [accrue(plan, parties, total, total + 1).amount_fen for total in range(300)]
    assert sum(steps) == round_half_away(Fraction(300, 3)) == 100
    assert set(steps) <= {0, 1}
    assert Rate(1, 3) == plan.bands[0].rate
    assert SplitLine(key="x", kind=LineKind.REST, role=LineRole.UNIT).title == {}
