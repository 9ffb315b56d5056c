"""The walk's third part: issuing by two people, paper and proof, verification by anyone, export, revocation."""

import io
import zipfile
from typing import Any

from certificates.serial import DEFAULT_PREFIX, CertificateNumber
from service.cli.walking.walker import Browser, Walk
from service.foundation.language import later

NOBODYS = str(CertificateNumber(DEFAULT_PREFIX, "36", 2020, 999_999))  # well formed, never issued


def issue(walk: Walk) -> None:
    """Eligibility from stored evidence, a list proposed and decided, one certificate each, its paper made by a job."""
    scheduler, decider, session = walk.role("scheduler"), walk.role("decider"), walk.made["session"]
    with walk.step(later("The issuing list is drawn up from hours and results")) as show:
        drawn = scheduler.post("/api/issuing-lists", {"course_session_id": session["id"], "kind": "level"})
        ours = {one["enrolment"]["id"] for one in walk.made["trainees"]}
        for entry in drawn["entries"]:
            walk.check(entry["eligible"] == (entry["enrolment_id"] in ours), f"{entry['name']}: {entry['reasons']}")
        show(people=drawn["people"], eligible=drawn["eligible"], digest=drawn["digest"][:16])
    with walk.step(later("Proposed by one person, decided by another who neither taught nor marked")) as show:
        scheduler.post(f"/api/issuing-lists/{drawn['id']}/propose")
        scheduler.call("POST", f"/api/issuing-lists/{drawn['id']}/decision", 403, json={"approve": True})
        decided = decider.post(f"/api/issuing-lists/{drawn['id']}/decision", {"approve": True})
        show(state=decided["state"])
    first = walk.made["trainees"][0]
    holder = walk.person(first["phone"], first["name"])
    with walk.step(later("Certificates are issued by a job, numbered without gaps; the paper follows")) as show:
        mine = walk.until(later("The certificate is issued"), lambda: holder.get("/api/my/credentials"))[0]
        whole = holder.get(f"/api/my/credentials/{mine['id']}")
        paper = paper_of(walk, holder, mine["id"])
        walk.made |= {"credential": mine, "code": whole["check_code"], "paper": paper}
        show(
            number=mine["number"],
            specimen=mine["specimen"],
            paper=f"{len(paper):,} bytes",
            address=whole["verification_address"],
        )


def paper_of(walk: Walk, holder: Browser, credential_id: str) -> bytes:
    """The PDF of one's certificate, once the job has made it."""

    def printed() -> Any:
        document = holder.get(f"/api/my/credentials/{credential_id}")["document_id"]
        answer = holder.client.get(f"/api/documents/{document}/file")
        return answer.content if answer.status_code == 200 else None

    paper: bytes = walk.until(later("The paper is made"), printed)
    walk.check(paper.startswith(b"%PDF"), "the paper is no PDF")
    return paper


def verify(walk: Walk) -> None:
    """By code and by name without an account; a wrong name and an unknown number are answered alike."""
    number, code, name = walk.made["credential"]["number"], walk.made["code"], walk.made["trainees"][0]["name"]
    with walk.step(
        later("Anyone verifies the certificate by the code in its QR picture, or by number and name")
    ) as show:
        answer = walk.anyone.get(f"/api/verify/{number}", params={"code": code})
        walk.check(answer["state"] == "valid", answer["sentence"])
        by_name = walk.anyone.post("/api/verify", {"number": number, "name": name})
        walk.check(by_name["state"] == "valid", by_name["sentence"])
        show(answer=answer["sentence"], name=answer["masked_name"], address=f"{walk.base_url}/v/{number}/{code}")
    with walk.step(later("A wrong name and an unknown number are answered alike")) as show:
        wrong = walk.anyone.post("/api/verify", {"number": number, "name": "没有此人"})
        unknown = walk.anyone.post("/api/verify", {"number": NOBODYS, "name": name})
        walk.check(wrong["state"] == unknown["state"] == "unknown", f"{wrong['state']} and {unknown['state']}")
        walk.check(wrong["sentence"] == unknown["sentence"], "the sentences differ")
        show(answer=wrong["sentence"])


def check_many(walk: Walk) -> None:
    """A university checks a list: each row has its answer, a wrong name the same as an unknown number."""
    number, name = walk.made["credential"]["number"], walk.made["trainees"][0]["name"]
    with walk.step(later("A university checks a list of certificates at once")) as show:
        items = [
            {"number": number, "name": name},
            {"number": number, "name": "没有此人"},
            {"number": NOBODYS, "name": name},
        ]
        answers = walk.role("verifier").post("/api/verify/batch", {"items": items})["items"]
        states = [one["answer"]["state"] for one in answers]
        walk.check(states == ["valid", "unknown", "unknown"], f"{states}")
        show(states=", ".join(states), address=f"{walk.base_url}/verify/batch")


def correct(walk: Walk) -> None:
    """The holder's English spelling is corrected by two people: the number stays, the earlier version leads to the new."""
    first, credential = walk.made["trainees"][0], walk.made["credential"]
    holder, scheduler, decider = (
        walk.person(first["phone"], first["name"]),
        walk.role("scheduler"),
        walk.role("decider"),
    )
    with walk.step(later("A certificate is corrected by two people: the number stays, one version stands")) as show:
        asked = holder.post(
            f"/api/my/credentials/{credential['id']}/corrections",
            {"kind": "english_name", "reason": "护照拼写不同", "evidence": "护照", "english_name": "LIN Chih-Yuan"},
        )
        path = f"/api/corrections/{asked['id']}"
        proposed = scheduler.post(f"{path}/propose")
        scheduler.call("POST", f"{path}/decision", 403, json={"approve": True})
        decider.post(f"{path}/decision", {"approve": True})
        old = walk.anyone.get(f"/api/verify/{credential['number']}", params={"code": walk.made["code"]})
        walk.check(old["state"] == "superseded", old["sentence"])
        rows = holder.get("/api/my/credentials")
        now = next(one for one in rows if one["number"] == credential["number"] and one["state"] == "valid")
        whole = holder.get(f"/api/my/credentials/{now['id']}")
        answer = walk.anyone.get(f"/api/verify/{now['number']}", params={"code": whole["check_code"]})
        walk.check(answer["state"] == "valid", answer["sentence"])
        paper = paper_of(walk, holder, now["id"])
        walk.check(paper != walk.made["paper"], "the corrected paper is the earlier one")
        walk.made |= {"credential": now, "code": whole["check_code"], "paper": paper}
        show(changes=[f"{one['before']} → {one['after']}" for one in proposed["changes"]], version=now["version"])
        show(earlier=old["sentence"])


def suspend(walk: Walk) -> None:
    """Suspended by two people and valid again by two people, seen at once both times."""
    director, decider, credential = walk.role("director"), walk.role("decider"), walk.made["credential"]
    with walk.step(later("A certificate is suspended and reinstated by two people each time")) as show:
        path = f"/api/credentials/{credential['id']}/changes"
        for state, reason in (("suspended", "investigation"), ("valid", "cleared")):
            director.post(path, {"to_state": state, "reason": reason, "note": "演示 demonstration"})
            decider.post(f"{path}/decision", {"approve": True})
            answer = walk.anyone.get(f"/api/verify/{credential['number']}", params={"code": walk.made["code"]})
            walk.check(answer["state"] == state, answer["sentence"])
            show(**{state: answer["sentence"]})


def export(walk: Walk) -> None:
    """An employer sees a person only after the person agreed; the export is a job with progress."""
    hr = walk.role("hr")
    first = walk.made["trainees"][0]
    holder = walk.person(first["phone"], first["name"])
    with walk.step(later("The employer records an employee, who agrees to be seen")) as show:
        asked = hr.post(
            "/api/employees",
            {"kind": "resident", "identity_number": first["identity"], "name": first["name"], "title": "技术经理人"},
        )
        waiting = [one for one in holder.get("/api/my/profile")["affiliations"] if not one["confirmed_at"]]
        holder.post(f"/api/my/employers/{waiting[0]['id']}/answer", {"agree": True})
        show(employee=asked["id"] if asked and "id" in asked else waiting[0]["id"])
    with walk.step(later("The employer exports its people as a workbook and their certificates as an archive")) as show:
        for kind, format_ in (("people", "xlsx"), ("certificates", "zip")):
            made = hr.post("/api/exports", {"kind": kind, "format": format_})

            def ready(export_id: str = made["id"]) -> Any:
                now = hr.get(f"/api/exports/{export_id}")
                walk.check(now["state"] != "failed", f"the export failed: {now['failure']}")
                return now if now["state"] == "ready" else None

            done = walk.until(later("The export is ready"), ready)
            content = hr.call("GET", f"/api/exports/{made['id']}/file", 200).content
            names = zipfile.ZipFile(io.BytesIO(content)).namelist()
            walk.check(done["total"] >= 1, "nobody was exported")
            shown = [one for one in names if one.endswith(".pdf")] or f"{len(content):,} bytes"
            show(**{kind: f"{done['done']} / {done['total']}", f"{kind} file": shown})


def revoke(walk: Walk) -> None:
    """Revocation by two people; from the moment it is answered no verification says valid."""
    director, decider, credential = walk.role("director"), walk.role("decider"), walk.made["credential"]
    with walk.step(later("A certificate is revoked by two people and anyone sees it at once")) as show:
        path = f"/api/credentials/{credential['id']}/changes"
        director.post(path, {"to_state": "revoked", "reason": "issued_in_error", "note": "演示 demonstration"})
        decider.post(f"{path}/decision", {"approve": True})
        answer = walk.anyone.get(f"/api/verify/{credential['number']}", params={"code": walk.made["code"]})
        walk.check(answer["state"] == "revoked", answer["sentence"])
        show(answer=answer["sentence"])
