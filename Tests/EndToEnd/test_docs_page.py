"""The page that the API is read on, in a headless Chromium: nothing amiss, accessible, and its script does what it says."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from support import PORT, needs

PAGE = f"http://127.0.0.1:{PORT}/docs"


@pytest.fixture
def chromium(namespace):
    # Processes that this thread starts are where it is.
    with namespace.entered():
        playwright = sync_playwright().start()
        browser = playwright.chromium.launch(
            executable_path=needs("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"])
    yield browser
    browser.close()
    playwright.stop()


def opened(chromium, fragment="", **options):
    """The page, and what went wrong on it so far."""
    page = chromium.new_context(**options).new_page()
    faults = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith((f"http://127.0.0.1:{PORT}/", "data:"))
            else faults.append(request.url))
    page.goto(PAGE + fragment)
    return page, faults


def test_it_shows_copies_and_unfolds(daemon, chromium):
    page, faults = opened(chromium, "#problem-port-held", permissions=["clipboard-read", "clipboard-write"])
    # What the address names is unfolded and in sight.
    example = page.locator("#problem-port-held pre")
    example.wait_for(state="visible")
    assert example.evaluate("node => node.getBoundingClientRect().top < innerHeight")
    page.click("nav a[href='#createEndpoint']")
    command = page.locator("#createEndpoint .command").first
    command.get_by_role("button").click()
    page.get_by_role("status").get_by_text("Copied.").wait_for(state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"""curl -s 127.0.0.1:{PORT}/endpoints -d '{{"role": "server"}}'"""
    page.click("#createEndpoint a[href='#schema-EndpointRequest']")
    page.locator("#schema-EndpointRequest dl").wait_for(state="visible")
    assert not faults, faults


def test_it_is_whole_without_its_script(daemon, chromium):
    page, faults = opened(chromium, java_script_enabled=False)
    page.locator("#createEndpoint .command", has_text="localhost:8080/endpoints").first.wait_for(state="visible")
    page.click("#createEndpoint .answer summary")
    page.locator("#createEndpoint .answer pre").first.wait_for(state="visible")
    assert not faults, faults


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_nothing_sticks_out(daemon, chromium, scheme, width):
    page, faults = opened(chromium, color_scheme=scheme, viewport={"width": width, "height": 800})
    page.evaluate("document.querySelectorAll('#sendSegments details, .contents details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = [each for each in Axe().run(page).response["violations"] if each["impact"] in ("serious", "critical")]
    assert not found, [(each["id"], each["nodes"][0]["html"]) for each in found]
    assert not faults, faults
