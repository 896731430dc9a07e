"""A headless Chromium in a network namespace, and the page of the daemon in it."""

import contextlib

from playwright.sync_api import sync_playwright

from support import needs

WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 360, "height": 740}


class Browser:
    """One browser for many pages. It has no network but that of the namespace."""

    def __init__(self, namespace):
        # Processes that this thread starts are where it is.
        with namespace.entered():
            self._playwright = sync_playwright().start()
            self._chromium = self._playwright.chromium.launch(
                executable_path=needs("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"])

    @contextlib.contextmanager
    def page(self, origin="http://127.0.0.1:8080", viewport=None, theme="light", is_clean=True):
        """The page, ready. With `is_clean` nothing may be written to the console, and nobody else may be asked."""
        context = self._chromium.new_context(
            viewport=viewport or WIDE, color_scheme=theme, reduced_motion="reduce", accept_downloads=True,
            timezone_id="UTC")
        page = context.new_page()
        page.set_default_timeout(10_000)
        faults, strangers = [], []
        page.on("console", lambda message: faults.append(f"{message.text} {message.location}")
                if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: strangers.append(request.url)
                if not request.url.startswith((f"{origin}/", f"blob:{origin}/", "data:")) else None)
        try:
            page.goto(f"{origin}/")
            yield page
            assert not strangers, strangers
            if is_clean:
                assert not faults, faults
        finally:
            context.close()

    def close(self):
        self._chromium.close()
        self._playwright.stop()


def ready(page):
    page.wait_for_selector("html[data-ready=true]", state="attached")
    return page


def rows(page):
    """The rows of the ladder that are in the document and shown."""
    return page.locator("#ladder .row:visible")


def paused(page):
    page.click("#pause")
    page.wait_for_selector(".live-state.paused")
    return page


def choose(page, words):
    """Chooses the first row of the ladder that says these words."""
    page.locator("#ladder .row:visible", has_text=words).first.click()
    page.wait_for_selector("#segment-details .byte-map")
