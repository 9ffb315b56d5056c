"""The walk's appeal: a candidate asks for a review, three people apart from the exam hear it, a new result stands."""

from fractions import Fraction

from service.cli.walking.exam import full_marks
from service.cli.walking.walker import Walk
from service.foundation.language import later

PANEL = ("appeals", "appeals2", "appeals3")


def hear(walk: Walk) -> None:
    """Lodged by the candidate, a panel named, opinions given apart, drawn up by one member and confirmed by another."""
    trainee, scheduler = walk.made["trainees"][-1], walk.role("scheduler")
    candidate = walk.person(trainee["phone"], trainee["name"])
    place = next(iter(place for place, stem in walk.made["stems"].items() if stem in full_marks()))
    before = candidate.get(f"/api/sittings/{trainee['sitting_id']}/result")
    with walk.step(later("A candidate appeals against the marks of an essay within the days allowed")) as show:
        statement = "问答题写明了先取得停机记录和节拍数据，符合评分量表第一行，请复核该行得分。"
        lodged = candidate.post(
            f"/api/sittings/{trainee['sitting_id']}/appeal", {"ground": "marking", "statement": statement}
        )
        standing = candidate.get(f"/api/sittings/{trainee['sitting_id']}/appeal")
        path = f"/api/appeals/{lodged['appeal_id']}"
        show(appeal=lodged["appeal_id"], state=lodged["state"], until=standing["closes_at"])
    with walk.step(later("Three people who neither marked, released nor taught are named as the panel")) as show:
        bench = scheduler.get(path)["bench"]
        members = {one["name"]: one["account_id"] for one in bench if not one["parts"]}
        chosen = [members[walk.sign_ins[name]["name"]] for name in PANEL]
        scheduler.call("POST", f"{path}/panel", (409, 422), json={"account_ids": chosen[:2]})
        named = scheduler.post(f"{path}/panel", {"account_ids": chosen})
        show(panel=named["appeal"]["panel"], barred=sum(1 for one in bench if one["parts"]))
    with walk.step(later("Each member gives an opinion before seeing the others'; two of three uphold")) as show:
        for name, outcome in zip(PANEL, ("upheld", "upheld", "dismissed"), strict=True):
            member = walk.role(name)
            heard = member.get(f"{path}/hearing")
            walk.check(not heard["opinions"], "another's opinion is shown too early")
            walk.check(trainee["name"] not in str(heard), "the candidate's name is shown to the panel")
            member.post(f"{path}/opinions", {"outcome": outcome, "reasons": "对照评分量表逐行核对答卷。"})
        show(opinions=len(walk.role(PANEL[0]).get(f"{path}/hearing")["opinions"]))
    with walk.step(later("One member draws the decision up, another confirms it, and a new result stands")) as show:
        first, second = walk.role(PANEL[0]), walk.role(PANEL[1])
        marks = {place: full_marks()[walk.made["stems"][place]]}
        first.post(f"{path}/decision", {"reasons": "答卷满足量表第一行全部要点，按满分记。", "marks": marks})
        first.call("POST", f"{path}/decision/confirmation", 403, json={"confirm": True})
        closed = second.post(f"{path}/decision/confirmation", {"confirm": True})
        walk.check(closed["appeal"]["outcome"] == "upheld", f"{closed['appeal']['outcome']}")
        after = candidate.get(f"/api/sittings/{trainee['sitting_id']}/result")
        walk.check(after["digest"] != before["digest"], "the result is the earlier one")
        whole = Fraction(before["earned"]) < Fraction(after["earned"]) == Fraction(after["points"])
        walk.check(whole, f"{before['earned']} -> {after['earned']} of {after['points']}")
        show(outcome=closed["appeal"]["outcome"], before=before["earned"], after=after["earned"])
