"""The printed certificate: what it says, what it is made of, and what it never fetches."""

import hashlib
import io
import os
import re
from pathlib import Path

import pypdf
import pytest
import zxingcpp
from PIL import Image as Pictures
from PIL.Image import Image

from certificates.facts import CertificateFacts, CertificateKind
from certificates.refusals import FontsMissing, GlyphMissing, PaperAsksOutside, TextTooLong
from certificates.render.certificate import render_html, render_pdf
from certificates.render.glyphs import FONT_FILES, FONTS_DIR
from certificates.render.guilloche import INDIGO, Ring, hypotrochoid, pattern_of
from certificates.render.layout import ClosedFetcher, lay_out
from certificates.render.metadata import PdfMetadata
from certificates.render.paper import pdf_from_html
from certificates.render.qr import qr_code
from certificates.render.wording import body_en, body_zh, table_rows
from certificates.samples import sample_facts
from tests.certificates.conftest import NOW

METADATA = PdfMetadata("Statement", "Issuer", NOW, b"identifier")


def _text(pdf: bytes) -> str:
    """All text of the first page without white space."""
    return re.sub(r"\s", "", pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text())


def _fonts(pdf: bytes) -> set[str]:
    resources = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    return {str(font.get_object()["/BaseFont"]).partition("+")[2] for font in resources.values()}


def test_page_is_one_a4_landscape(specimen_pdf: bytes) -> None:
    (page,) = pypdf.PdfReader(io.BytesIO(specimen_pdf)).pages
    assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx((841.89, 595.28), abs=0.1)


@pytest.mark.parametrize("which", ["specimen", "rare"])
def test_text_of_the_page_equals_the_facts(which: str, request: pytest.FixtureRequest) -> None:
    facts: CertificateFacts = request.getfixturevalue("facts" if which == "specimen" else "rare_facts")
    text = _text(request.getfixturevalue(f"{which}_pdf"))
    holder = facts.holder
    assert holder.identity_document is not None
    said = [
        facts.title_zh,
        facts.title_en.upper(),
        holder.name_zh,
        holder.name_en or "",
        holder.identity_document.masked,
        body_zh(facts),
        body_en(facts),
        facts.number,
        facts.check_code,
        "2026年10月12日",
        "12 October 2026",
        facts.issuer.name_zh,
        facts.issuer.name_en,
        facts.signatories[0].name_zh,
        *(f"{module.periods} ({module.minutes})" for module in facts.hours.modules),
        *(f"{module.score} / {module.full_mark}" for module in (facts.result.modules if facts.result else ())),
    ]
    for part in said:
        assert re.sub(r"\s", "", part) in text, part


def test_only_our_typefaces_are_used_and_embedded(specimen_pdf: bytes, rare_pdf: bytes) -> None:
    ours = {"Certificate-Serif", "Certificate-Serif-Bold"}
    assert _fonts(specimen_pdf) == ours
    assert _fonts(rare_pdf) == ours | {"Certificate-Han-Supplement"}


def test_qr_code_on_paper_leads_to_the_verification_address(facts: CertificateFacts, specimen_picture: Image) -> None:
    (found,) = zxingcpp.read_barcodes(specimen_picture)
    assert found.text == facts.verification_address
    corners = found.position
    side = (corners.top_right.x - corners.top_left.x) / 300 * 25.4
    assert side >= 20, f"the code measures {side:.1f} mm"


def test_qr_code_survives_a_copy_at_low_resolution(facts: CertificateFacts, specimen_picture: Image) -> None:
    small = specimen_picture.resize((specimen_picture.width // 2, specimen_picture.height // 2)).point(
        lambda grey: 255 if grey > 150 else 0
    )
    assert [found.text for found in zxingcpp.read_barcodes(small)] == [facts.verification_address]


def test_qr_code_uses_the_compact_mode_at_level_m_or_better(facts: CertificateFacts) -> None:
    code = qr_code(facts.verification_address)
    assert code.version.split("-")[1] in ("M", "Q", "H")
    assert code.modules < qr_code(facts.verification_address.lower()).modules


def test_a_specimen_says_so_in_words_and_a_true_certificate_does_not(specimen_pdf: bytes, rare_pdf: bytes) -> None:
    specimen, true = _text(specimen_pdf), _text(rare_pdf)
    assert "样章SPECIMEN" in specimen
    assert "仅供演示，不具证明效力" in specimen
    assert "fordemonstrationonly,certifiesnothing" in specimen
    for word in ("样章", "SPECIMEN", "演示"):
        assert word not in true


def test_same_facts_give_the_same_bytes_and_other_facts_do_not(facts: CertificateFacts, specimen_pdf: bytes) -> None:
    again = CertificateFacts.from_json(facts.to_json())
    assert hashlib.sha256(render_pdf(again)).hexdigest() == hashlib.sha256(specimen_pdf).hexdigest()
    other = render_pdf(sample_facts(serial=129))
    assert other != specimen_pdf


def test_file_says_what_it_is(facts: CertificateFacts, specimen_pdf: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(specimen_pdf))
    assert reader.metadata is not None
    assert reader.metadata.title == f"{facts.title_zh} {facts.number}"
    assert reader.metadata.author == facts.issuer.name_zh
    assert reader.metadata.creation_date is not None
    assert reader.metadata.creation_date.isoformat() == "2026-10-12T00:00:00+08:00"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert b'pdfaid:part="3"' in reader.xmp_metadata.stream.get_data()  # type: ignore[union-attr]


def test_levels_differ_in_pattern_and_tint() -> None:
    patterns = [pattern_of(rank) for rank in (None, 1, 2, 3)]
    assert len({pattern.tint for pattern in patterns}) == 4
    assert len({pattern.rings for pattern in patterns}) == 4
    assert pattern_of(4) == pattern_of(1)
    pages = {rank: render_html(sample_facts(rank=rank)) for rank in (1, 2, 3)}
    assert INDIGO.full in pages[2]
    assert INDIGO.full not in pages[1] + pages[3]


def test_pattern_behind_text_stays_pale() -> None:
    for rank in (1, 2, 3):
        colour = pattern_of(rank).tint.pale(0.18)
        assert min(int(colour[place : place + 2], 16) for place in (1, 3, 5)) > 205


def test_a_hypotrochoid_closes_and_stays_within_its_circles() -> None:
    path = hypotrochoid((0.0, 0.0), 10.0, Ring(24, 10, 1.0, 0.5))
    points = [tuple(map(float, point.split()[-2:])) for point in re.split("[MCz]", path) if point]
    assert points[0] == pytest.approx(points[-1], abs=0.02)
    assert max((x * x + y * y) ** 0.5 for x, y in points) == pytest.approx(10, abs=0.02)
    assert min((x * x + y * y) ** 0.5 for x, y in points) == pytest.approx(5, abs=0.4)


def test_a_page_too_full_is_refused_and_a_full_one_is_set_smaller() -> None:
    facts = sample_facts(specimen=False)
    data = facts.to_data()
    data["course_session"]["title_zh"] = "高校院所与科技型企业技术经理人跨区域联合培养实务专题" * 3
    data["base"]["name_zh"] = "国家技术转移人才培养基地某某省科学技术成果转移转化促进中心" * 3
    full = CertificateFacts.from_data(data)
    pdf = render_pdf(full)
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 1
    assert re.sub(r"\s", "", body_zh(full)) in _text(pdf)
    for module in data["hours"]["modules"]:
        module.update(title_zh="专业能力" * 50, title_en="Professional capability " * 8 + "end")
    with pytest.raises(TextTooLong):
        render_pdf(CertificateFacts.from_data(data))


def test_many_modules_are_summed_on_paper() -> None:
    data = sample_facts().to_data()
    row = data["hours"]["modules"][0]
    data["hours"]["modules"] += [{**row, "code": f"m{n}", "minutes": 0, "periods": "0"} for n in range(5)]
    (total,) = table_rows(CertificateFacts.from_data(data))
    assert (total.title_zh, total.title_en, total.periods) == ("合计（9个模块）", "Total of 9 modules", "120")


def test_a_character_nothing_draws_stops_the_paper_by_name() -> None:
    with pytest.raises(GlyphMissing) as refused:
        render_pdf(sample_facts(name_zh="林\U00031350远"))
    assert refused.value.facts["code_points"] == "U+31350"
    assert "U+31350" in refused.value.sentence("zh")


def test_names_are_escaped() -> None:
    html = render_html(sample_facts(name_zh="林<b>远", name_en="O'Brien & <script>"))
    assert "林&lt;b&gt;远" in html
    assert "<script>" not in html


def test_a_seal_is_printed_on_a_true_certificate_only() -> None:
    picture = io.BytesIO()
    Pictures.new("RGB", (60, 60), "#b4232a").save(picture, "PNG")
    true = sample_facts(CertificateKind.HOURS, specimen=False)
    sealed = render_pdf(true, seal=picture.getvalue())
    images = pypdf.PdfReader(io.BytesIO(sealed)).pages[0].images
    assert len(images) == 1
    assert 'src="memory:seal"' in render_html(true, with_seal=True)
    specimen = render_pdf(sample_facts(CertificateKind.HOURS), seal=picture.getvalue())
    assert len(pypdf.PdfReader(io.BytesIO(specimen)).pages[0].images) == 0


@pytest.mark.parametrize(
    "asking",
    [
        '<img src="file:///etc/hostname">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="https://certificates.example/x.png">',
        '<img src="relative.png">',
        '<img src="data:image/png;base64,AAAA">',
        '<img src="memory:other">',
        '<link rel="stylesheet" href="file:///etc/hostname">',
        '<link rel="attachment" href="file:///etc/hostname">',
        '<a rel="attachment" href="file:///etc/hostname">x</a>',
        '<style>@import url("http://127.0.0.1:9/x.css");</style>',
        '<style>@import "file:///etc/hostname";</style>',
        '<p style="background: url(file:///etc/hostname)">x</p>',
        '<p style="background: url(ftp://127.0.0.1/x)">x</p>',
        '<ul style="list-style-image: url(http://127.0.0.1:9/x)"><li>x</ul>',
        '<p style="content: url(http://127.0.0.1:9/x)">x</p>',
        '<object data="file:///etc/hostname"></object>',
        '<embed src="file:///etc/hostname">',
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file:///etc/hostname" width="9" height="9"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><use href="file:///etc/hostname#x"/></svg>',
    ],
)
def test_paper_fetches_nothing(asking: str, tmp_path: Path) -> None:
    secret = "secret-of-this-machine"
    (tmp_path / "secret.txt").write_text(secret)
    asking = asking.replace("/etc/hostname", str(tmp_path / "secret.txt"))
    try:
        pdf = pdf_from_html(f"<!doctype html><title>x</title>{asking}", FONTS_DIR, METADATA)
    except PaperAsksOutside:
        return
    # What WeasyPrint ignores altogether may pass, but nothing of the file may be inside.
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert "file" not in asking or not reader.attachments
    assert secret.encode() not in b"".join(item.get_data() for item in _streams(reader))


def _streams(reader: pypdf.PdfReader) -> list[pypdf.generic.StreamObject]:
    objects = (reader.get_object(number) for number in range(1, len(reader.xref[0]) + 1) if number in reader.xref[0])
    return [item for item in objects if isinstance(item, pypdf.generic.StreamObject)]


def test_fetcher_gives_only_what_it_was_given() -> None:
    fetcher = ClosedFetcher({"seal": b"picture"})
    assert fetcher.fetch("memory:seal").read() == b"picture"
    for address in ("file:///etc/hostname", "http://127.0.0.1/", "memory:seal2", "MEMORY:seal", "seal", ""):
        with pytest.raises(PaperAsksOutside):
            fetcher.fetch(address)


def test_any_page_of_ours_becomes_a_pdf() -> None:
    html = (
        "<!doctype html><html lang='zh-Hans'><style>body{font-family:'Certificate Serif','Certificate Han Supplement'}"
        "</style><h1>激励对账单 Statement</h1><table><tr><th>项目<th>金额<tr><td>𠮷某<td>1,234.56</table>"
    )
    first, second = (pdf_from_html(html, FONTS_DIR, METADATA) for _ in range(2))
    assert first == second
    assert "激励对账单Statement" in _text(first)
    with pytest.raises(GlyphMissing):
        pdf_from_html("<p>&#x1F642;</p>", FONTS_DIR, METADATA)


def test_missing_typefaces_are_named(tmp_path: Path) -> None:
    for file in FONT_FILES[1:]:
        os.symlink(FONTS_DIR / file.name, tmp_path / file.name)
    with pytest.raises(FontsMissing, match=r"NotoSerifSC-Regular\.ttf"):
        lay_out("<p>x</p>", tmp_path)
