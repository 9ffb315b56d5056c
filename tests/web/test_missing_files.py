"""A form without the file that is asked for is the sender's fault, said with its field; so is an address with a NUL."""

import pytest

from tests.conftest import ClientAs, World
from tests.given import accounts as given
from tests.given.bases import base


@pytest.mark.parametrize(
    "body",
    [
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\ntext\r\n--b--\r\n',
        b"--b--\r\n",
        b"",
    ],
)
async def test_a_form_without_a_file_is_refused_by_its_field(world: World, client_as: ClientAs, body: bytes) -> None:
    async with world() as db:
        scheduler = await given.staff(db, "scheduler", (await base(db)).org_id)
    browser = await client_as(scheduler)
    answer = await browser.post(
        "/api/imports?kind=certificates", content=body, headers={"content-type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code in (400, 422), answer.text
    if answer.status_code == 422:
        assert [one["pointer"] for one in answer.json()["errors"]] == ["/file"]


async def test_an_address_with_a_nul_cannot_be_read(client_as: ClientAs) -> None:
    answer = await (await client_as(None)).get("/api/courses?level=%00")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/address-unreadable")
