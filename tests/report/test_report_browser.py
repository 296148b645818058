"""The report as a browser shows it: offline, without errors, drawn, and usable by keyboard."""

import io
import json
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reepi.report import write_report

SECONDS = 30

CONTRAST = """
const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
  .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const behind = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor);
    if (colour.length && (colour.length < 4 || colour[3] === 1)) return colour;
  }
  return [255, 255, 255];
};
const faint = [];
const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (words.nextNode()) {
  const element = words.currentNode.parentElement;
  if (!words.currentNode.data.trim() || !element.getClientRects().length) continue;
  if (element.closest('script, style, noscript')) continue;
  const [one, two] = [light(parse(getComputedStyle(element).color)), light(behind(element))].sort((a, b) => a - b);
  const ratio = (two + 0.05) / (one + 0.05);
  if (ratio < 4.5) faint.push([words.currentNode.data.trim().slice(0, 40), ratio.toFixed(2)]);
}
return faint;
"""
"""Texts whose contrast with what lies behind them is below 4.5 (WCAG 2.2, 1.4.3)."""


@pytest.fixture(autouse=True)
def opened(chrome: Any, page: Path) -> Any:
    """Open the report anew."""
    chrome.set_window_size(1280, 900)
    chrome.get_log("performance")
    chrome.get_log("browser")
    chrome.get(page.as_uri())
    return chrome


def wait(chrome: Any, condition: str) -> Any:
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(chrome, SECONDS, 0.1).until(lambda driver: driver.execute_script(f"return {condition}"))


def errors(chrome: Any) -> list[str]:
    return [entry["message"] for entry in chrome.get_log("browser") if entry["level"] == "SEVERE"]


def requests(chrome: Any) -> list[str]:
    """Return what was asked for over a network."""
    messages = [json.loads(entry["message"])["message"] for entry in chrome.get_log("performance")]
    urls = [each["params"]["request"]["url"] for each in messages if each["method"] == "Network.requestWillBeSent"]
    return [url for url in urls if not url.startswith(("file:", "data:", "blob:"))]


def picture(chrome: Any, selector: str) -> np.ndarray:
    """Return what an element looks like."""
    element = chrome.find_element("css selector", selector)
    chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    return np.asarray(Image.open(io.BytesIO(element.screenshot_as_png)).convert("RGB"))


def test_it_opens_offline_and_draws_every_picture(chrome: Any) -> None:
    """From disk: nothing is asked for, nothing fails, every chart has a size, and photographs come when seen."""
    chrome.execute_script("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    pictures = "[...document.querySelectorAll('img[src]')]"
    chrome.execute_script(f"{pictures}.forEach((each) => {{ each.loading = 'eager'; each.decode(); }})")
    assert wait(chrome, f"{pictures}.length > 20 && {pictures}.every((each) => each.naturalWidth > 0)")
    chrome.execute_script("document.querySelector('.photos').scrollIntoView()")
    assert wait(chrome, "[...document.querySelector('.photos').querySelectorAll('img')].every((i) => i.naturalWidth)")
    assert not requests(chrome)
    assert not errors(chrome)


def test_tissues_are_shown_and_hidden_by_a_key(chrome: Any) -> None:
    """T, or Space on the box; the photograph below stays."""
    from selenium.webdriver.common.action_chains import ActionChains

    chrome.execute_script("document.querySelector('.photos').scrollIntoView()")
    wait(chrome, "document.querySelector('img.tissues').naturalWidth > 0")
    look = "getComputedStyle(document.querySelector('img.tissues')).visibility"
    assert chrome.execute_script(f"return {look}") == "visible"
    painted = picture(chrome, ".shot")
    ActionChains(chrome).send_keys("t").perform()
    assert chrome.execute_script(f"return {look}") == "hidden"
    assert (picture(chrome, ".shot") != painted).any()
    chrome.execute_script("document.getElementById('show-tissues').focus()")
    ActionChains(chrome).send_keys(" ").perform()
    assert chrome.execute_script(f"return {look}") == "visible"


def test_the_body_turns_by_keyboard(chrome: Any) -> None:
    """Opened with Enter it is drawn in more than one colour; a button turns it, another shows another visit."""
    from selenium.webdriver.common.keys import Keys

    assert not chrome.execute_script("return Boolean(window.Plotly)")
    chrome.find_element("css selector", ".body3d summary").send_keys(Keys.ENTER)
    wait(chrome, "document.querySelector('.body3d').dataset.drawn === 'true'")
    front = picture(chrome, ".body3d .canvas")
    assert len(np.unique(front.reshape(-1, 3), axis=0)) > 10
    assert "Day 5: open skin" in chrome.find_element("css selector", ".body3d [role=status]").text
    chrome.find_element("css selector", ".body3d [data-side='180']").send_keys(Keys.ENTER)
    wait(chrome, "document.querySelector('.body3d .canvas').layout.scene.camera.eye.y > 1")
    back = picture(chrome, ".body3d .canvas")
    assert (front != back).any()
    chrome.find_element("css selector", ".body3d [data-visit='0']").send_keys(Keys.SPACE)
    wait(chrome, "document.querySelector('.body3d [role=status]').textContent.startsWith('Day 0')")
    chrome.find_element("css selector", ".body3d .canvas").send_keys(Keys.ARROW_LEFT)
    chrome.find_element("css selector", ".body3d summary").send_keys(Keys.ENTER)
    wait(chrome, "!document.querySelector('.body3d').dataset.drawn")
    assert not requests(chrome)
    assert not errors(chrome)


def test_without_webgl_a_sentence_stands_in_place_of_the_body(chrome: Any) -> None:
    """And no error."""
    chrome.execute_script("HTMLCanvasElement.prototype.getContext = () => null")
    chrome.execute_script("document.querySelector('.body3d').open = true")
    assert wait(chrome, "document.querySelector('.body3d [role=status]').textContent.includes('WebGL is off')")
    assert not chrome.find_element("css selector", ".body3d .canvas").is_displayed()
    assert not errors(chrome)


def test_the_way_through_the_page_is_told(chrome: Any) -> None:
    """A skip link first, one main part, one title, headings without a gap, names of all parts, text on all buttons."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    ActionChains(chrome).send_keys(Keys.TAB).perform()
    assert chrome.switch_to.active_element.text == "Skip to content"
    assert chrome.execute_script("return getComputedStyle(document.activeElement).outlineStyle") != "none"
    count = "return document.querySelectorAll(arguments[0]).length"
    assert [chrome.execute_script(count, name) for name in ("main", "h1", "nav[aria-label]", "header.page")] == [1] * 4
    headings = "return [...document.querySelectorAll('h1, h2, h3, h4')].map((each) => Number(each.tagName[1]))"
    levels = chrome.execute_script(headings)
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert not chrome.execute_script(count, "section:not([aria-label], [aria-labelledby])")
    named = "return [...document.querySelectorAll('[aria-labelledby]')].every((e) => document.getElementById("
    assert chrome.execute_script(f"{named}e.getAttribute('aria-labelledby')))")
    buttons = "return [...document.querySelectorAll('button')].every((e) => (e.ariaLabel || e.textContent).trim())"
    assert chrome.execute_script(buttons)


def test_words_can_be_read(chrome: Any) -> None:
    """The contrast of every text is 4.5 or more."""
    chrome.execute_script("document.querySelectorAll('details:not(.body3d)').forEach((each) => { each.open = true; })")
    assert chrome.execute_script(CONTRAST) == []


def test_a_narrow_screen_shows_everything(chrome: Any) -> None:
    """Nothing but tables and film strips scrolls sideways on a telephone; definitions lie below their table."""
    chrome.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    )
    try:
        assert chrome.execute_script("return document.documentElement.scrollWidth") <= 390
        below = "return arguments[0].querySelector('.notes').getBoundingClientRect().top"
        noted = chrome.find_element("css selector", "article .noted")
        bottom = "return arguments[0].querySelector('table').getBoundingClientRect().bottom"
        table = chrome.execute_script(bottom, noted)
        assert chrome.execute_script(below, noted) >= table
    finally:
        chrome.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_pdf_has_pages_and_says_what_the_page_says(browser_program: str, page: Path) -> None:
    """Every endpoint of the trial, the notice and the number on every page, paper of A4."""
    write_report(page.parent, page.parent.parent, browser_program)
    pdf = page.with_suffix(".pdf")
    try:
        told = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout
        text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("PDF NOT READ: pdfinfo and pdftotext are not installed")
    assert "A4" in told
    pages = text.rstrip("\f").split("\f")
    assert len(pages) > 2
    for place, words in enumerate(pages, start=1):
        assert f"Page {place} of {len(pages)}" in words
        assert "Research software, not a medical device · Two patients" in words
    for words in ("Trial endpoints", "primary, efficacy", "Re-epithelialisation rate (primary)", "Responder", "Method"):
        assert words in text
