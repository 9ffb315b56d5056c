"""The command line: every command through its door, with its exit status."""

import json
import stat
from pathlib import Path

import pytest

from certificates.__main__ import main
from certificates.keys import did_of_base

METHOD = f"{did_of_base('certificates.example', '07')}#k2026-1"


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(arguments)
    written = capsys.readouterr()
    return status, written.out, written.err


@pytest.fixture
def made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with facts, key, DID document, credential and signed credential, made by the commands themselves."""
    for name, arguments in (
        ("facts.json", ["sample", "--kind", "level", "--rank", "1"]),
        ("did.json", ["key", str(tmp_path / "key.json"), "--method", METHOD]),
        ("credential.json", ["compose", str(tmp_path / "facts.json")]),
        ("signed.json", ["sign", str(tmp_path / "credential.json"), "--key", str(tmp_path / "key.json")]),
    ):
        status, out, _ = _run(capsys, *arguments)
        assert status == 0
        (tmp_path / name).write_text(out, "utf-8")
    return tmp_path


def test_number_is_made_and_checked(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capsys, "number", "make", "--base", "07", "--year", "2026", "--serial", "128")
    assert (status, out) == (0, "JSJL-07-2026-000128-0\n")
    assert _run(capsys, "number", "check", "jsjl 07 2026 000128 0")[:2] == (0, "JSJL-07-2026-000128-0\n")
    status, out, _ = _run(capsys, "number", "check", "JSJL-07-2026-000128-O")
    assert status == 1
    assert "  ? JSJL-07-2026-000128-0" in out
    status, _, err = _run(capsys, "--language", "en", "number", "check", "nonsense!")
    assert status == 2
    assert "is not a certificate number" in err
    assert _run(capsys, "number", "make", "--prefix", "TM", "--base", "07", "--year", "2026", "--serial", "1")[0] == 2


def test_signed_credential_is_valid_and_a_changed_one_is_not(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = ["--keys", str(made / "did.json")]
    status, out, _ = _run(capsys, "verify", str(made / "signed.json"), *keys)
    assert status == 0
    assert "此证书有效。它是样章" in out
    assert "This certificate is valid." in out
    status, out, _ = _run(capsys, "verify", str(made / "signed.json"), *keys, "--json")
    assert json.loads(out)["state"] == "valid"
    changed = (made / "signed.json").read_text("utf-8").replace("86.5", "99.5")
    (made / "changed.json").write_text(changed, "utf-8")
    status, out, _ = _run(capsys, "verify", str(made / "changed.json"), *keys)
    assert status == 1
    assert "签名与内容不符" in out
    early = _run(capsys, "verify", str(made / "signed.json"), *keys, "--now", "2026-01-01T00:00:00+08:00")
    assert early[0] == 1
    assert "尚未生效" in early[1]


def test_unreadable_files_end_with_two(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (made / "nothing.json").write_bytes(b"\xff")
    assert _run(capsys, "verify", str(made / "nothing.json"), "--keys", str(made / "did.json"))[0] == 2
    status, _, err = _run(capsys, "verify", str(made / "missing.json"), "--keys", str(made / "did.json"))
    assert status == 2
    assert "missing.json" in err
    assert _run(capsys, "compose", str(made / "did.json"))[0] == 2
    assert _run(capsys, "verify", str(made / "signed.json"), "--keys", str(made / "facts.json"))[0] == 2


def test_key_file_is_private_and_never_overwritten(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = made / "key.json"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    status, out, err = _run(capsys, "key", str(key), "--method", METHOD)
    assert status == 2
    assert key.read_bytes() == before
    secret = json.loads(before)["secretKeyMultibase"]
    assert secret not in out + err + (made / "did.json").read_text("utf-8")


def test_status_entry_goes_into_the_credential(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = "https://certificates.example/bases/b07/status/revocation"
    _, out, _ = _run(capsys, "compose", str(made / "facts.json"), "--status-list", address, "--status-index", "9")
    assert json.loads(out)["credentialStatus"]["statusListIndex"] == "9"


def test_facts_become_paper(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capsys, "render", str(made / "facts.json"), str(made / "certificate.pdf"))
    assert status == 0
    assert "bytes" in out
    assert (made / "certificate.pdf").read_bytes().startswith(b"%PDF-")


def test_help_is_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["verify"], ["render"], ["number", "make"]):
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--help"])
        assert ended.value.code == 0
        shown = capsys.readouterr().out
        assert any("\u4e00" <= character <= "\u9fff" for character in shown)
        assert " / " in shown
