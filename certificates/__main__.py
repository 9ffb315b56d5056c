"""The command line of this package: numbers, facts, credentials, signatures, paper and verification without a service."""

import argparse
import json
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from certificates.canonical import Json, read_json
from certificates.credential import compose
from certificates.facts import CertificateFacts, CertificateKind
from certificates.keys import DocumentResolver, Ed25519Signer, KeyState, PublishedKey, did_document, secret_multikey_of
from certificates.proofs import secured
from certificates.published_status import PublishedLists
from certificates.refusals import CertificateRefusal, NumberCheckFails
from certificates.render.certificate import render_pdf
from certificates.render.glyphs import FONTS_DIR
from certificates.samples import sample_facts
from certificates.serial import DEFAULT_PREFIX, CertificateNumber, parse_number
from certificates.status import StatusEntry
from certificates.verify import Answer, CredentialState, verify_credential

VALID, NOT_VALID, UNREADABLE = 0, 1, 2


class UnreadableFile(Exception):
    """A file that cannot be opened; its text says which and why."""


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _show(value: Json) -> None:
    _say(json.dumps(value, ensure_ascii=False, indent=2))


def _number_check(chosen: argparse.Namespace) -> int:
    try:
        _say(str(parse_number(chosen.number)))
    except NumberCheckFails as refusal:
        _say(refusal.sentence(chosen.language))
        for suggestion in refusal.suggestions:
            _say(f"  ? {suggestion}")
        return NOT_VALID
    return VALID


def _number_make(chosen: argparse.Namespace) -> int:
    _say(str(CertificateNumber(chosen.prefix, chosen.base, chosen.year, chosen.serial)))
    return VALID


def _sample(chosen: argparse.Namespace) -> int:
    _show(sample_facts(CertificateKind(chosen.kind), chosen.rank).to_data())
    return VALID


def _compose(chosen: argparse.Namespace) -> int:
    status = [] if chosen.status_list is None else [StatusEntry(chosen.status_list, chosen.status_index)]
    _show(compose(CertificateFacts.from_json(_read(chosen.facts)), status))
    return VALID


def _key(chosen: argparse.Namespace) -> int:
    seed = secrets.token_bytes(32)
    signer = Ed25519Signer(seed, chosen.method)
    content = {"verificationMethod": chosen.method, "secretKeyMultibase": secret_multikey_of(seed)}
    # The file is made unreadable for others before the secret is in it, and never replaces one that is there.
    with os.fdopen(os.open(chosen.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file)
    did, _, fragment = chosen.method.partition("#")
    _show(did_document(did, [PublishedKey(fragment, signer.multikey, KeyState.ACTIVE)]))
    return VALID


def _sign(chosen: argparse.Namespace) -> int:
    key = read_json(_read(chosen.key))
    signer = Ed25519Signer.from_secret_multikey(str(key.get("secretKeyMultibase")), str(key.get("verificationMethod")))
    credential = {name: value for name, value in read_json(_read(chosen.credential)).items() if name != "proof"}
    _show(secured(credential, signer, chosen.now))
    return VALID


def _render(chosen: argparse.Namespace) -> int:
    seal = None if chosen.seal is None else _read(chosen.seal)
    pdf = render_pdf(CertificateFacts.from_json(_read(chosen.facts)), chosen.fonts, seal=seal)
    chosen.out.write_bytes(pdf)
    _say(f"{chosen.out}: {len(pdf)} bytes")
    return VALID


def _verify(chosen: argparse.Namespace) -> int:
    keys = DocumentResolver(read_json(_read(path)) for path in chosen.keys)
    data = _read(chosen.credential)
    lists = [read_json(_read(path)) for path in chosen.status]
    status = PublishedLists(lists, keys, chosen.now) if lists else None
    answer = verify_credential(data, keys=keys, now=chosen.now, status=status)
    if chosen.json:
        _show(answer_as_data(answer))
    else:
        for line in (
            answer.number,
            answer.sentence("zh"),
            answer.reason("zh"),
            answer.sentence("en"),
            answer.reason("en"),
        ):
            if line is not None:
                _say(line)
    if answer.state is CredentialState.UNREADABLE:
        return UNREADABLE
    return VALID if answer.valid else NOT_VALID


def answer_as_data(answer: Answer) -> Json:
    """A verification's answer as JSON values, sentences in both languages."""
    return {
        "state": answer.state.value,
        "valid": answer.valid,
        "specimen": answer.specimen,
        "number": answer.number,
        "checkedAt": answer.checked_at.isoformat(),
        "sentences": {"zh": answer.sentence("zh"), "en": answer.sentence("en")},
        "reasons": {"zh": answer.reason("zh"), "en": answer.reason("en")},
        "checks": [
            {
                "name": check.name,
                "passed": check.passed,
                "refusal": None if check.refusal is None else check.refusal.slug,
            }
            for check in answer.checks
        ],
        "proofs": [
            {
                "verificationMethod": proof.verification_method,
                "controller": proof.controller,
                "created": None if proof.created is None else proof.created.isoformat(),
            }
            for proof in answer.proofs
        ],
    }


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("需写明时区，如 2026-11-22T08:00:00+08:00 / name the time zone")
    return moment


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m certificates",
        description="证书的编号、事实、凭证、签名、纸面与核验，不需要运行中的服务。"
        " Numbers, facts, credentials, signatures, paper and verification of certificates, without a running service.",
        epilog="返回值 0 有效，1 无效，2 无法读取。 Exit status: 0 valid, 1 not valid, 2 unreadable.",
    )
    parser.add_argument("--language", choices=("zh", "en"), default="zh", help="提示语言 / language of the messages")
    commands = parser.add_subparsers(required=True, metavar="命令/command")

    def command(
        name: str, run: Callable[[argparse.Namespace], int], help_text: str, under: object = None
    ) -> argparse.ArgumentParser:
        parent = commands if under is None else under
        added: argparse.ArgumentParser = parent.add_parser(name, help=help_text, description=help_text)  # type: ignore[attr-defined]
        added.set_defaults(run=run)
        return added

    number = commands.add_parser("number", help="证书编号 / certificate numbers")
    numbers = number.add_subparsers(required=True, metavar="check|make")
    check = command("check", _number_check, "检查编号的校验字符 / check a number's check character", numbers)
    check.add_argument("number", help="编号 / the number as typed")
    make = command("make", _number_make, "生成编号 / make a number", numbers)
    make.add_argument("--prefix", default=DEFAULT_PREFIX, help="前缀 / prefix, two to eight capital letters")
    make.add_argument("--base", required=True, help="基地代码 01-36 / base slot")
    make.add_argument("--year", required=True, type=int, help="颁证年份 / year of award")
    make.add_argument("--serial", required=True, type=int, help="流水号 / serial, 1 to 999999")

    sample = command("sample", _sample, "输出一份示例事实 / print facts of a made-up specimen")
    sample.add_argument("--kind", choices=[kind.value for kind in CertificateKind], default="level", help="种类 / kind")
    sample.add_argument("--rank", type=int, choices=(1, 2, 3), default=2, help="级别 / level")

    composing = command("compose", _compose, "由事实生成未签名的凭证 / compose the unsigned credential of facts")
    composing.add_argument("facts", type=Path, metavar="FACTS.json", help="事实文件 / facts")
    composing.add_argument("--status-list", help="状态列表地址 / address of the status list")
    composing.add_argument("--status-index", type=int, default=0, help="状态列表中的位置 / index in the status list")

    key = command("key", _key, "生成签名密钥，输出 DID 文档 / make a signing key, print its DID document")
    key.add_argument(
        "out", type=Path, metavar="KEY.json", help="密钥文件，不覆盖已有文件 / key file, never overwritten"
    )
    key.add_argument("--method", required=True, metavar="DID#FRAGMENT", help="密钥标识 / verification method")

    sign = command("sign", _sign, "签名 (eddsa-jcs-2022) / sign a credential")
    sign.add_argument("credential", type=Path, metavar="CREDENTIAL.json", help="凭证 / the credential")
    sign.add_argument("--key", type=Path, required=True, metavar="KEY.json", help="密钥文件 / key file")

    render = command("render", _render, "生成证书 PDF / render the certificate")
    render.add_argument("facts", type=Path, metavar="FACTS.json", help="事实文件 / facts")
    render.add_argument("out", type=Path, metavar="OUT.pdf", help="输出文件 / file to write")
    render.add_argument("--seal", type=Path, metavar="SEAL.png", help="印章图片 / picture of the seal")
    render.add_argument("--fonts", type=Path, default=FONTS_DIR, help="字体目录 / folder of typefaces")

    verify = command("verify", _verify, "离线核验凭证 / verify a credential offline")
    verify.add_argument("credential", type=Path, metavar="FILE.json", help="凭证 / the credential")
    verify.add_argument(
        "--keys",
        type=Path,
        nargs="+",
        required=True,
        metavar="did.json",
        help="DID 文档 / DID documents of the issuers",
    )
    verify.add_argument(
        "--status", type=Path, nargs="*", default=[], metavar="LIST.json", help="状态列表 / status lists"
    )
    verify.add_argument("--json", action="store_true", help="以 JSON 输出 / answer as JSON")
    for timed in (sign, verify):
        timed.add_argument("--now", type=_moment, default=datetime.now(UTC), help="作为当前时刻 / moment taken as now")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 valid (or done), 1 not valid, 2 unreadable or refused."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except CertificateRefusal as refusal:
        sys.stderr.write(f"{refusal.sentence(chosen.language)}\n")
    except (UnreadableFile, OSError) as error:
        sys.stderr.write(f"{error}\n")
    return UNREADABLE


if __name__ == "__main__":
    sys.exit(main())
