"""`tmc demo --base-url`: walks every part in order and stops at the first thing that is not as it should be."""

import sys
import time

import click
import httpx

from service.cli.speaking import say
from service.cli.walking import appeal, certificate, exam, files, incentive, schedule
from service.cli.walking.walker import NotAsItShouldBe, Walk
from service.foundation.language import later

PARTS = (
    schedule.register_and_editions,
    schedule.upload_edition,
    schedule.schedule,
    schedule.sign_up,
    schedule.see_documents,
    schedule.attend,
    exam.plan_and_freeze,
    files.rosters,
    files.attendance,
    files.paper_exam,
    files.past_certificates,
    exam.sit,
    exam.mark_and_release,
    appeal.hear,
    certificate.issue,
    certificate.verify,
    certificate.check_many,
    certificate.correct,
    certificate.suspend,
    certificate.export,
    files.contracts,
    incentive.contract,
    incentive.plan,
    incentive.earn,
    incentive.share,
    incentive.pay,
    incentive.equity,
    incentive.statement,
    incentive.figures,
    certificate.revoke,
)


@click.command()
@click.option("--base-url", default="http://127.0.0.1:8000", help="Address of the running demonstration.")
def demo(base_url: str) -> int:
    """Walk the whole main job over HTTP as each role against a running demonstration; exit 1 at the first wrong step."""
    began = time.monotonic()
    try:
        walk = Walk(base_url)
        for part in PARTS:
            part(walk)
    except NotAsItShouldBe as wrong:
        click.echo(f"✗ {wrong}", err=True)
        return 1
    except (httpx.TransportError, KeyError, StopIteration, TypeError, ValueError) as wrong:
        say(later("The walk cannot go on: %(reason)s"), reason=f"{type(wrong).__name__}: {wrong}")
        return 1
    say(
        later("The whole walk is as it should be: %(steps)s steps in %(seconds)s s."),
        steps=walk.number,
        seconds=round(time.monotonic() - began),
    )
    sys.stdout.flush()
    return 0
