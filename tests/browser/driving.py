"""A real Chromium and what a page in it looks like: its texts by language, its width, its headings, its console."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Page, async_playwright, expect

from service.foundation.language import chinese

FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
PHONE, DESK = 390, 1280
BUTTONS = {"zh-CN": "中文", "en": "English"}
HEIGHT = 844
SHORTEST = 10  # characters: shorter English is a name or a word that data may hold as well
SHORTEST_CHINESE = 6

LOOK = """() => {
  const own = document.documentElement.lang, texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const holder = node.parentElement;
    if (!holder || holder.closest('script, style, template')) continue;
    const run = holder.closest('[lang]');
    const text = node.textContent.trim().replace(/\\s+/g, ' ');
    if (text && (!run || run.lang === own)) texts.push(text);
  }
  for (const one of document.querySelectorAll('[placeholder], [aria-label], [title]'))
    for (const name of ['placeholder', 'aria-label', 'title'])
      if (one.getAttribute(name)) texts.push(one.getAttribute(name));
  return {language: own, texts, headings: document.querySelectorAll('h1').length};
}"""
WIDTHS = "() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]"


def chromium_path() -> str:
    """The Chromium of this machine. Raises AssertionError with what to install when there is none."""
    named = os.environ.get("TMC_CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    assert found is not None, (
        f"{named or 'Chromium'} is not there: install the package `chromium` (make test does), or name the program in "
        "TMC_CHROMIUM; the tests in a browser are not left out."
    )
    return found


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A running Chromium without a window."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        yield running
        await running.close()


class Visitor:
    """One person's browser: a page, and everything its console complained of since it was last asked."""

    def __init__(self, context: BrowserContext, page: Page, base_url: str) -> None:
        self.context, self.page, self.base_url = context, page, base_url
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, line: ConsoleMessage) -> None:
        if line.type in ("error", "warning"):
            self.complaints.append(line.text)

    async def open(self, path: str) -> int:
        """Go to a path of the service; the status of the answer."""
        answer = await self.page.goto(path if path.startswith("http") else self.base_url + path)
        return answer.status if answer is not None else 0

    async def as_demonstration(self, login_name: str) -> None:
        """Sign in by the button of a role on the demonstration's page."""
        await self.open("/demo")
        form = self.page.locator(f"form:has(input[name=login_name][value='{login_name}'])")
        await form.get_by_role("button").click()
        await self.page.wait_for_url(self.base_url + "/")

    async def speak(self, language: str) -> None:
        """Have the home page in this language, by the button of the header when it is in the other one."""
        await self.open("/")
        button = self.page.get_by_role("button", name=BUTTONS[language], exact=True)
        if await button.count():
            await button.click()
        await expect(self.page.locator("html")).to_have_attribute("lang", language)

    async def faults(self, path: str, status: int, widths: tuple[int, ...] = (PHONE, DESK)) -> list[str]:
        """What is wrong with the page that is open: a sentence a fault, none when it is as it should be."""
        found = [f"status {status}"] if status != 200 else []
        seen: dict[str, Any] = await self.page.evaluate(LOOK)
        if seen["headings"] != 1:
            found.append(f"{seen['headings']} headings h1")
        for width in widths:
            await self.page.set_viewport_size({"width": width, "height": HEIGHT})
            whole, shown = await self.page.evaluate(WIDTHS)
            if whole > shown:
                found.append(f"sideways scroll at {width} px: {whole}")
        found += [f"foreign: {text}" for text in foreign(seen["language"], seen["texts"])]
        found += [f"console: {line}" for line in self.complaints]
        self.complaints.clear()
        return [f"{path} ({seen['language']}): {fault}" for fault in found]


@asynccontextmanager
async def visiting(
    browser: Browser, base_url: str, width: int = PHONE, locale: str = "zh-CN"
) -> AsyncIterator[Visitor]:
    """A browser of somebody who is not signed in yet."""
    context = await browser.new_context(viewport={"width": width, "height": HEIGHT}, locale=locale)
    context.set_default_timeout(20_000)
    try:
        yield Visitor(context, await context.new_page(), base_url)
    finally:
        try:
            await context.close()
        except Error as wrong:  # the browser itself is gone: the test has failed with the true reason already
            if "closed" not in str(wrong):
                raise


@cache
def catalogue() -> tuple[frozenset[str], frozenset[str]]:
    """Sentences without places to fill: the English that have a Chinese, the Chinese that have an English."""
    pairs = [(english, zh) for english, zh in chinese().items() if english != zh and "%" not in english]
    return (
        frozenset(english for english, _ in pairs if len(english) >= SHORTEST and " " in english),
        frozenset(zh for _, zh in pairs if len(zh) >= SHORTEST_CHINESE),
    )


def foreign(language: str, texts: list[str]) -> list[str]:
    """The texts of a page that are sentences of the other language's interface."""
    english, zh = catalogue()
    if language == "en":
        return sorted({text for text in texts if text in zh})
    latin = [text for text in texts if re.search(r"[A-Za-z]{3}", text)]
    return sorted({text for text in latin if text in english or any(one in text for one in english)})
