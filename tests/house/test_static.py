"""The files that browsers get: pinned, small, readable in both colours, and nothing inline for a strict policy to refuse."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from service.foundation.language import speaking
from service.foundation.templates import ENVIRONMENT

SERVICE = Path(__file__).parents[2] / "service"
STATIC = SERVICE / "static"
TEMPLATES = SERVICE / "templates"
STYLESHEET = (STATIC / "css" / "tmc.css").read_text()
CATALOGUE = SERVICE / "locale" / "zh_CN" / "LC_MESSAGES" / "base.po"
OWN_TEMPLATES = ("base.html", "parts/**.html", "errors/**.html", "mail/_base.html", "mail/_base.txt")
SAID_BY_CODE = {"Technology Manager Service"}  # in this catalogue, spoken by service/web


# files from elsewhere


def faults_of_manifest(static: Path) -> list[str]:
    """Every file under vendor/ is in the manifest with its SHA-256, version and licence, and the other way round."""
    entries = json.loads((static / "manifest.json").read_text())["files"]
    faults = []
    for entry in entries:
        if set(entry) != {"file", "package", "version", "from", "sha256", "licence"}:
            faults.append(f"{entry.get('file')}: fields {sorted(entry)}")
        path = static / entry["file"]
        if not path.is_file():
            faults.append(f"{entry['file']}: missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != entry["sha256"]:
            faults.append(f"{entry['file']}: changed")
    listed = {entry["file"] for entry in entries}
    found = {str(path.relative_to(static)) for path in (static / "vendor").rglob("*") if path.is_file()}
    return faults + [f"{name}: not in the manifest" for name in sorted(found - listed)]


def test_files_from_elsewhere_are_what_the_manifest_says() -> None:
    assert faults_of_manifest(STATIC) == []


def test_a_changed_and_an_unlisted_file_are_found(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    entry = {
        "file": "vendor/a.js",
        "package": "a",
        "version": "1",
        "from": "a.js",
        "sha256": hashlib.sha256(b"a").hexdigest(),
        "licence": "MIT",
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"files": [entry]}))
    (tmp_path / "vendor" / "a.js").write_bytes(b"b")
    (tmp_path / "vendor" / "c.js").write_bytes(b"c")
    assert faults_of_manifest(tmp_path) == ["vendor/a.js: changed", "vendor/c.js: not in the manifest"]


def test_the_first_view_weighs_at_most_60_kilobytes_compressed() -> None:
    parts = [shown("zh-CN").encode(), STYLESHEET.encode()]
    parts += [(STATIC / name).read_bytes() for name in ("js/tmc.js", "vendor/htmx-4.0.1.min.js")]
    assert sum(len(gzip.compress(part)) for part in parts) <= 60_000
    assert len(STYLESHEET.encode()) < 40 * 1024


# a strict content security policy

INLINE = {
    "style attribute": re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.I),
    "style element": re.compile(r"<style\b", re.I),
    "handler attribute": re.compile(r"<[a-z][^<>]*\s(?:on[a-z]+|hx-on[:\w-]*)\s*=", re.I),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*application/(?:ld\+)?json)", re.I),
    "javascript address": re.compile(r"=\s*[\"']?\s*javascript:", re.I),
    "file of another host": re.compile(
        r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)\s*=\s*[\"']?(?:https?:)?//", re.I
    ),
    "evaluated value": re.compile(r"hx-(?:vals|headers)[^=]*=\s*[\"']?js:", re.I),
}


def inline_faults(text: str) -> list[str]:
    """What a `script-src 'self'; style-src 'self'` policy would refuse in this markup."""
    return [name for name, pattern in INLINE.items() if pattern.search(text)]


def pages() -> Iterator[Path]:
    """Every template that becomes a page; letters and printed documents meet no browser policy."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        if path.relative_to(TEMPLATES).parts[0] not in ("mail", "documents", "pdf"):
            yield path


def test_no_page_holds_anything_inline() -> None:
    faults = {str(path.relative_to(TEMPLATES)): inline_faults(path.read_text()) for path in pages()}
    assert {name: found for name, found in faults.items() if found} == {}


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ('<p style="color: red">', "style attribute"),
        ("<style>p{}</style>", "style element"),
        ('<a href="#" onclick="go()">', "handler attribute"),
        ('<div hx-on:click="go()">', "handler attribute"),
        ("<script>go()</script>", "inline script"),
        ('<a href="javascript:go()">', "javascript address"),
        ('<script src="https://cdn.example/x.js"></script>', "file of another host"),
        ("<div hx-vals='js:{a: 1}'>", "evaluated value"),
    ],
)
def test_each_inline_fault_is_found(markup: str, fault: str) -> None:
    assert fault in inline_faults(markup)


def test_every_static_file_a_page_names_exists() -> None:
    named = {name for path in pages() for name in re.findall(r"static\('([^']+)'\)", path.read_text())}
    assert "css/tmc.css" in named
    assert [name for name in sorted(named) if not (STATIC / name).is_file()] == []


# colours


def tokens_of(selector: str) -> dict[str, str]:
    """The colour tokens of the first block with this selector."""
    start = STYLESHEET.index(selector + " {")
    block = STYLESHEET[start : STYLESHEET.index("}", start)]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """Relative luminance of a #rrggbb colour, WCAG 2.2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21, WCAG 2.2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2", "link", "brand") for ground in ("bg", "surface", "sunk")),
    *((kind, ground) for kind in ("ok", "warn", "err", "info") for ground in ("surface", "bg", f"{kind}-soft")),
    *(("ink", f"{kind}-soft") for kind in ("ok", "warn", "err", "info", "brand")),
    *(("ink-2", f"{kind}-soft") for kind in ("ok", "warn", "err", "info", "brand")),
    ("brand", "brand-soft"),
    ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    ("seal", "surface"),
]
SHAPE_PAIRS = [("line", "surface"), ("line", "bg"), ("focus", "bg"), ("focus", "surface")] + [
    (f"chart-{number}", "surface") for number in range(1, 7)
]


@pytest.mark.parametrize("selector", [":root", ':root[data-theme="dark"]'])
def test_text_reaches_4_5_and_shapes_reach_3_in_light_and_dark(selector: str) -> None:
    tokens = tokens_of(selector)
    faint = {pair: contrast(tokens[pair[0]], tokens[pair[1]]) for pair in TEXT_PAIRS}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}
    pale = {pair: contrast(tokens[pair[0]], tokens[pair[1]]) for pair in SHAPE_PAIRS}
    assert {pair: ratio for pair, ratio in pale.items() if ratio < 3} == {}


def test_contrast_is_computed_as_the_guidelines_say() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_chosen_dark_and_dark_of_the_device_are_the_same() -> None:
    assert tokens_of(':root[data-theme="dark"]') == tokens_of(':root:not([data-theme="light"])')
    assert set(tokens_of(":root")) == set(tokens_of(':root[data-theme="dark"]'))


def test_every_colour_stands_among_the_tokens() -> None:
    rules = STYLESHEET[STYLESHEET.index("@layer base {") : STYLESHEET.index("@layer print {")]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?![^{}]*\{)", rules) == []
    used = set(re.findall(r"var\(--([\w-]+)\)", STYLESHEET))
    assert used <= set(re.findall(r"--([\w-]+):", STYLESHEET))


# words


def messages_of_templates() -> set[str]:
    """The message ids of the base, the parts, the errors and the letters' base."""
    found = extract_from_dir(
        TEMPLATES,
        method_map=[(pattern, "jinja2.ext.babel_extract") for pattern in OWN_TEMPLATES],
        options_map={"**": {"newstyle_gettext": "true", "silent": "false", "extensions": "jinja2.ext.do"}},
    )
    ids: set[str] = set()
    for _, _, message, _, _ in found:
        ids.add(message if isinstance(message, str) else message[0])
    return ids


def test_every_sentence_of_the_base_has_its_chinese_and_none_is_left_over() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = {(one.id if isinstance(one.id, str) else one.id[0]): one.string for one in read_po(file) if one.id}
    messages = messages_of_templates()
    assert len(messages) > 50
    assert messages - set(catalogue) == set()
    assert set(catalogue) - messages == SAID_BY_CODE
    for message, text in catalogue.items():
        sentence = text if isinstance(text, str) else text[0]
        assert re.search(r"[一-鿿]", sentence), message
        assert set(re.findall(r"%\(\w+\)", sentence)) <= set(re.findall(r"%\(\w+\)", str(message))) | {"%(num)"}
        assert not re.search("你|非法|系统错误|[,;?!]", sentence), sentence


# the living page


def context(language: str, **changes: Any) -> dict[str, Any]:
    """What every render is given, for one signed-in person with two posts."""
    posts = [
        {"id": str(number), "title": f"T{number}", "organisation_name": f"O{number}", "current": number == 1}
        for number in (1, 2)
    ]
    return {
        "request_path": "/design?errors",
        "language": language,
        "languages": ("zh-CN", "en"),
        "actor": SimpleNamespace(name="欧阳娜娜", role_title="T1", organisation_name="O1", posts=posts),
        "csrf_token": "token-of-this-test",
        "theme": "dark",
        "text_size": "large",
        "nav": [{"href": "/", "label": "N", "current": True}],
        "flash": [{"kind": "ok", "text": "F"}],
        "demo": True,
        "static": lambda path: f"/static/{path}",
        "service_name": "S",
        "problem": None,
        **changes,
    }


def shown(language: str, template: str = "design.html", **changes: Any) -> str:
    """A template as a reader of this language gets it."""
    with speaking(language):
        return ENVIRONMENT.get_template(template).render(context(language, **changes))


class Marks(HTMLParser):
    """Collects what an assistive program would follow, and whether elements close in order."""

    VOID = {"meta", "link", "input", "br", "img", "hr"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.wanted: list[str] = []
        self.headings: list[int] = []
        self.unnamed: list[str] = []
        self.open: list[str] = []
        self.post_forms: list[set[str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note ids, the ids referred to, headings, forms."""
        given = dict(attrs)
        if given.get("id"):
            self.ids.append(str(given["id"]))
        for name in ("for", "aria-describedby", "aria-labelledby"):
            self.wanted += (given.get(name) or "").split()
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "form" and given.get("method") == "post":
            self.post_forms.append(set())
        if tag == "input" and self.post_forms and "form" in self.open:
            self.post_forms[-1].add(str(given.get("name")))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Each end tag closes the element opened last."""
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, self.getpos()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Self-closed SVG shapes open nothing."""


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_living_page_is_well_formed_and_its_references_lead_somewhere(language: str) -> None:
    html = shown(language)
    marks = Marks(html)
    assert marks.open == []
    assert len(marks.ids) == len(set(marks.ids))
    assert set(marks.wanted) <= set(marks.ids)
    assert marks.headings.count(1) == 1
    assert inline_faults(html) == []
    assert all("_csrf" in fields for fields in marks.post_forms)
    assert len(marks.post_forms) >= 6


def test_the_chinese_page_shows_no_english_message() -> None:
    page = re.sub(r"<[^>]+>", "\n", shown("zh-CN").split('id="icons"')[0])  # icons keep their names
    lines = {line.strip() for line in page.splitlines()}
    assert messages_of_templates() & lines == set()
    assert {"跳到正文", "退出登录", "（选填）", "保存并继续", "查无此证"} <= lines


def test_choices_of_colour_and_size_reach_the_page() -> None:
    html = shown("en")
    assert '<html lang="en" data-theme="dark" data-size="large">' in html
    plain = shown("en", theme="auto", text_size="standard")
    assert '<html lang="en">' in plain
    assert "data-theme" not in shown("en", theme='"><script>').split("<body")[0]


def test_names_are_escaped_wherever_they_are_shown() -> None:
    name = "<b>x</b>\"'"
    actor = SimpleNamespace(name=name, role_title=name, organisation_name=name, posts=[])
    html = shown("en", actor=actor, flash=[{"kind": "err", "text": name}], request_path=name, csrf_token=name)
    assert name not in html
    assert "<b>x" not in html


@pytest.mark.parametrize("status", [403, 404, 409, 422, 429, 500, 503])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_problem_says_what_happened_and_what_to_do(language: str, status: int) -> None:
    problem = SimpleNamespace(title="T-1", detail="D-1", status=status, request_id="r-1", errors=[])
    html = shown(language, "errors/problem.html", problem=problem)
    assert html.count("D-1") == 1
    assert "r-1" in html
    heading = "您可以这样做" if language == "zh-CN" else "What you can do"
    assert re.search(heading + r"</h2>\s*<p>[^<]{20,}", html)


def test_a_letter_is_written_twice_with_the_same_words() -> None:
    given = {
        "service_name": "S",
        "language": "zh-CN",
        "recipient_name": "王<芳",
        "action_url": "https://x/y",
        "action_label": "查看",
    }
    with speaking("zh-CN"):
        text = ENVIRONMENT.get_template("mail/_base.txt").render(given)
        html = ENVIRONMENT.get_template("mail/_base.html").render(given)
    assert "您好：" in text
    assert "您好：" in html
    assert "王&lt;芳" in html
    assert "https://x/y" in text


def test_money_keeps_every_fen() -> None:
    template = ENVIRONMENT.from_string(
        "{% from 'parts/money.html' import money, in_wan %}{{ money(n) }}|{{ in_wan(n) }}"
    )
    with speaking("en"):
        shown_money = re.sub(r"<[^>]+>", "", template.render(n=123456789012345678))
        assert shown_money == "CNY 1,234,567,890,123,456.78|123,456,789,012.35 ten thousand yuan"
        assert re.sub(r"<[^>]+>", "", template.render(n=-5000)).split("|")[1].startswith("-0.01")


def test_long_paging_keeps_first_last_and_neighbours() -> None:
    template = ENVIRONMENT.from_string(
        "{% from 'parts/pagination.html' import pages %}{{ pages(6, 12, '?a=1&page={page}') }}"
    )
    with speaking("en"):
        html = template.render()
    assert [int(one) for one in re.findall(r">(\d+)<", html)] == [1, 5, 6, 7, 12]
    assert html.count("…") == 2
    assert 'href="?a=1&amp;page=7" rel="next"' in html


def test_headings_of_the_living_page_skip_no_level() -> None:
    levels = Marks(shown("en")).headings
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
