"""The walk's files: the five shipped samples with their usual faults, each previewed row by row and kept once."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from service.cli.walking.walker import Browser, Walk
from service.foundation.language import later

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "files"
BEIJING = ZoneInfo("Asia/Shanghai")


def send(browser: Browser, kind: str, name: str, target: str | None = None) -> Any:
    """Upload a shipped sample; the preview of its rows."""
    path = f"/api/imports?kind={kind}" + (f"&target={target}" if target else "")
    return browser.call("POST", path, files={"data": (name, (SAMPLES / name).read_bytes())}).json()


def keep_once(walk: Walk, browser: Browser, kind: str, name: str, target: str | None = None) -> dict[str, Any]:
    """Preview, keep, and preview again: the second time nothing is new. What the step shows.

    Without a target an earlier walk has kept the rows already: then nothing is new the first time either.
    """
    preview = send(browser, kind, name, target)
    walk.check(target is None or preview["counts"].get("new", 0) > 0, f"{name}: {preview['counts']}")
    walk.check(preview["counts"].get("wrong", 0) > 0, f"{name} has faults, but none was found")
    kept = browser.post(f"/api/imports/{preview['id']}/confirm")
    again = send(browser, kind, name, target)
    walk.check(not again["counts"].get("new"), f"{name} again: {again['counts']}")
    back = browser.call("GET", f"/api/imports/{preview['id']}/file", 200).content
    return {"preview": preview["counts"], "state": kept["state"], "again": again["counts"], "back": f"{len(back):,} B"}


def rosters(walk: Walk) -> None:
    """A base's own workbook of learners."""
    with walk.step(later("A roster with its usual faults is uploaded, previewed row by row and kept once")) as show:
        show(**keep_once(walk, walk.role("scheduler"), "roster", "roster.xlsx", walk.made["session"]["id"]))


def attendance(walk: Walk) -> None:
    """A list of attendance kept elsewhere, in the encoding of Chinese Excel."""
    with walk.step(later("An attendance list kept elsewhere is matched to the session's meetings, row by row")) as show:
        show(**keep_once(walk, walk.role("scheduler"), "attendance", "attendance.csv", walk.made["session"]["id"]))


def paper_exam(walk: Walk) -> None:
    """An exam held on paper: its candidates written, scores from a list, no release while some are missing."""
    scheduler, today = walk.role("scheduler"), datetime.now(BEIJING).date()
    with walk.step(
        later("Scores of an exam held on paper are kept from a list; release waits for those missing")
    ) as show:
        day = today - timedelta(days=1)
        exam = scheduler.post(
            "/api/exams",
            {
                "course_session_id": walk.made["session"]["id"],
                "mode": "paper",
                "full_marks": 100,
                "opens_at": f"{day}T09:00:00+08:00",
                "closes_at": f"{day}T11:00:00+08:00",
            },
        )
        frozen = scheduler.post(f"/api/exams/{exam['id']}/freeze")
        kept = keep_once(walk, scheduler, "scores", "scores.xlsx", exam["id"])
        problem = scheduler.refused("POST", f"/api/exams/{exam['id']}/release", 409, "scores-missing", json={})
        show(sittings=frozen["sittings"], **kept, refusal=problem["detail"])


def past_certificates(walk: Walk) -> None:
    """What a base issued before: claimed by it, never verifiable as issued here."""
    with walk.step(later("Past certificates are kept as the base's own word, never verifiable as issued here")) as show:
        show(**keep_once(walk, walk.role("scheduler"), "certificates", "past-certificates.csv"))


def contracts(walk: Walk) -> None:
    """A technology-contract export."""
    with walk.step(later("An export of technology contracts is kept once, row by row")) as show:
        show(**keep_once(walk, walk.role("officer"), "contracts", "technology-contracts.xlsx"))
