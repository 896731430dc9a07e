"""The live page, as somebody uses it in a browser that has no other network than the daemon's."""

import json
import secrets

import pytest
from axe_playwright_python.sync_playwright import Axe

from browser import NARROW, WIDE, Browser, choose, paused, ready, rows
from support import PROJECT, Namespace, eventually

FILES = PROJECT / "Sources/CWebFiles/files/page"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html"}
QUIET_PAIR = [{"role": "server", "rules": []}, {"role": "client", "rules": [], "opening": []}]


@pytest.fixture(scope="module")
def namespace():
    made = Namespace()
    yield made
    made.close()


@pytest.fixture(scope="module")
def browser(namespace):
    made = Browser(namespace)
    yield made
    made.close()


def create(api, definitions):
    answer = api.post("/endpoints", definitions)
    assert answer.status == 201, answer


def grave_faults(page):
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found
            if one["impact"] in ("serious", "critical")]


def row_count(page):
    return int(page.locator("#row-count").inner_text().split()[0].replace(",", ""))


def test_each_file_of_the_page_is_served(api):
    for file in FILES.iterdir():
        answer = api.get("/" if file.name == "index.html" else f"/page/{file.name}")
        assert (answer.status, answer.content_type) == (200, TYPES[file.suffix]), file.name
        assert answer.content == file.read_bytes(), file.name


def test_events_are_read_however_they_are_cut(browser, daemon):
    with browser.page() as page:
        assert ready(page).evaluate('''async () => {
            const { EventParser } = await import("/page/event-parser.js");
            const text = ': instance x\\n\\nid: 1\\ndata: {"a":1}\\n\\nevent: gap\\nid: 5\\ndata: {"ring":4}\\n\\n';
            const whole = new EventParser().take(text);
            const wrong = [];
            for (let cut = 0; cut <= text.length; cut += 1) {
                const parser = new EventParser();
                const events = [...parser.take(text.slice(0, cut)), ...parser.take(text.slice(cut))];
                if (JSON.stringify(events) !== JSON.stringify(whole)) wrong.push(cut);
            }
            return [whole.map((event) => [event.name, event.id, event.data, event.comment]), wrong];
        }''') == [[["message", None, "", "instance x"], ["message", 1, '{"a":1}', None], ["gap", 5, '{"ring":4}', None]], []]


SEEN_BEFORE = [
    # Segments as (sequence number, octets of payload, flags), and which of them were seen before.
    ([(100, 10, []), (110, 10, []), (100, 10, [])], [False, False, True]),
    # Part of it is enough, a gap before it is none, and what fills the gap is new.
    ([(100, 10, []), (105, 10, []), (200, 10, []), (120, 80, [])], [False, True, False, False]),
    # Across 2^32.
    ([(4294967290, 10, []), (4, 5, []), (2, 1, []), (4294967295, 1, [])], [False, False, True, True]),
    # SYN and FIN count one; without any length there is nothing to repeat.
    ([(7, 0, ["SYN"]), (8, 0, ["ACK"]), (8, 0, ["ACK"]), (7, 0, ["SYN"]), (8, 0, ["FIN"]), (8, 0, ["FIN"])],
     [False, False, False, True, False, True]),
    # Another connection begins with another number.
    ([(7, 5, ["SYN"]), (900, 0, ["SYN"]), (8, 4, [])], [False, False, False]),
    ([(7, 5, []), (7, 5, ["RST"])], [False, False]),
]


def test_what_was_seen_before_is_known(browser, daemon):
    with browser.page() as page:
        known = ready(page).evaluate('''async (rows) => {
            const { Repeats } = await import("/page/repeats.js");
            const ends = { error: null, source: "a", sourcePort: 1, destination: "b", destinationPort: 2 };
            return rows.map((segments) => {
                const repeats = new Repeats();
                return segments.map(([sequenceNumber, length, flags]) => repeats.see({ ...ends, sequenceNumber, length, flags }));
            });
        }''', [segments for segments, _ in SEEN_BEFORE])
        assert known == [expected for _, expected in SEEN_BEFORE]


def test_from_an_empty_daemon_to_a_verdict(browser, daemon, namespace):
    with browser.page() as page:
        ready(page)
        page.get_by_role("button", name="Create a pair").click()
        page.locator("#ladder .row.segment .arrow.right").first.wait_for()
        page.locator("#ladder .row.segment .arrow.left").first.wait_for()
        assert page.locator(".ladder-head .column .name").all_inner_texts() == ["client", "server"]
        page.locator("[data-endpoint=server] .state-running").wait_for()
        assert "guard" in page.locator("[data-endpoint=server] .guard").inner_text()
        eventually(lambda: not page.locator("[data-endpoint=server] .rates").inner_text().startswith("in\n0/s"))

        # Filter: of both directions one is left.
        page.fill("#filter", "dst port 50001")
        page.press("#filter", "Enter")
        page.wait_for_selector("#filter-clear")
        page.locator("#ladder .row.segment .arrow.left:visible").first.wait_for()
        eventually(lambda: page.locator("#ladder .row.segment .arrow.right:visible").count() == 0)
        page.click("#filter-clear")
        page.locator("#ladder .row.segment .arrow.right:visible").first.wait_for()

        # A segment: hovering a field lights its octets, and the other way round.
        choose(paused(page), "Hello server")
        page.click("#pause")
        page.locator("#segment-details .field", has_text="destination port").hover()
        lit = page.locator("#segment-details .octet.lit")
        eventually(lambda: lit.all_inner_texts() == ["c3", "50"])
        page.locator("#segment-details .octet").nth(12).hover()
        eventually(lambda: lit.count() == 4)
        assert "127.0.0.1" in page.locator("#segment-details .field.lit").inner_text()

        # One is crafted, looked at, sent, and seen.
        page.click("#tab-craft")
        page.locator(".chip", has_text="SYN").click()
        page.locator(".chip", has_text="FIN").click()
        page.fill("#craft-sequenceNumber", "4711")
        page.fill("#craft-payload", "it's crafted")
        eventually(lambda: "it'scrafted" in "".join(page.locator("#craft-preview .ascii span").all_inner_texts()).replace(" ", ""))
        page.click("#craft-send")
        page.wait_for_selector("#craft-result:has-text('sent 1')")
        page.fill("#filter", "tcp[4:4] = 4711")
        page.press("#filter", "Enter")
        page.locator("#ladder .row:visible", has_text="it's crafted").first.wait_for()
        eventually(lambda: row_count(page) == 1)
        page.click("#filter-clear")

        # The line that is shown does the same.
        line = page.locator("#craft-curl").inner_text()
        before = daemon.api.counters("server")["flagsReceived"]["FIN"]
        sent = namespace.run("sh", "-c", line)
        assert json.loads(sent.stdout)["state"] in ("queued", "sending", "done"), sent
        eventually(lambda: daemon.api.counters("server")["flagsReceived"]["FIN"] == before + 1)

        # A scenario, and its verdict.
        page.click("#tab-runs")
        page.click("#run-example")
        page.click("#run-begin")
        page.wait_for_selector("#run-details .verdict-satisfied")
        assert page.locator("#run-details .step-passed").count() == 4
        page.fill("#scenario", json.dumps({"name": "a reset comes", "steps": [
            {"send": {"endpoint": "client", "segment": {"flags": ["SYN"]}}},
            {"expect": {"endpoint": "client", "segment": {"flags": ["RST"]}, "within": "200ms"}},
            {"pause": "1ms"}]}))
        page.click("#run-begin")
        page.wait_for_selector("#run-details .verdict-unsatisfied")
        assert "RST is not set" in page.locator("#run-details .near-miss").first.inner_text()
        assert page.locator("#run-details .step-skipped").count() == 1
        assert page.locator("#run-list .run").count() == 2

        with page.expect_download() as download:
            page.click("#capture")
        assert download.value.suggested_filename == "segments.pcapng"
        assert download.value.path().read_bytes()[:4] == b"\x0a\x0d\x0d\x0a"


def test_a_token_is_asked_for_and_stays_in_memory(browser, start_daemon, tmp_path):
    token = secrets.token_hex(32)
    tokens = tmp_path / "tokens"
    tokens.write_text(f"bench control {token}\n")
    tokens.chmod(0o600)
    # Without a token not even its health is told, so the start is awaited with it.
    daemon = start_daemon("--token-file", str(tokens), token=token)
    create(daemon.api, QUIET_PAIR)
    with browser.page(is_clean=False) as page:
        urls = []
        page.on("request", lambda request: urls.append(request.url))
        page.fill("#token", "x" * 40)
        page.click("#token-form button")
        page.locator("#token-fault", has_text="does not know").wait_for()
        page.fill("#token", token)
        page.click("#token-form button")
        ready(page)
        page.wait_for_selector(".live-state.live")
        daemon.api.transmit("client", {"payload": "with a token"})
        page.locator("#ladder .row", has_text="with a token").first.wait_for()
        kept = page.evaluate("""async () => JSON.stringify([
            {...localStorage}, {...sessionStorage}, document.cookie, location.href, await indexedDB.databases(),
            await caches.keys(), document.documentElement.outerHTML])""")
        assert token not in kept and not any(token in url for url in urls)
        page.click("#tab-craft")
        assert "$TOKEN" in page.locator("#craft-curl").inner_text()
        page.reload()
        page.wait_for_selector("#token-dialog[open]")


def test_ten_thousand_segments_stay_smooth(browser, daemon):
    create(daemon.api, QUIET_PAIR)
    with browser.page() as page:
        ready(page)
        page.wait_for_selector(".live-state.live")
        page.evaluate("""() => {
            window.frames_ = [];
            let last = performance.now();
            const frame = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(frame); };
            requestAnimationFrame(frame);
        }""")
        daemon.api.transmit("client", {
            "flags": ["ACK"], "payload": "x" * 200, "repeat": {"count": 10000, "rate": "5000/s", "record": 10000},
            "vary": [{"field": "sequenceNumber", "increment": 200}]})
        eventually(lambda: row_count(page) == 10000, seconds=20)
        # Through all of them, a screen or more in each frame.
        page.evaluate("""() => new Promise((resolve) => {
            const ladder = document.getElementById("ladder");
            ladder.scrollTop = 0;
            let frames = 0;
            const step = () => {
                ladder.scrollTop += 3000;
                frames += 1;
                if (frames < 100) requestAnimationFrame(step); else resolve();
            };
            requestAnimationFrame(step);
        })""")
        frames = sorted(page.evaluate("window.frames_"))
        assert len(frames) > 100
        assert frames[len(frames) * 9 // 10] < 150, frames[-20:]
        assert frames[-1] < 1500, frames[-20:]
        assert page.locator("#ladder .row").count() < 80
        assert page.evaluate("document.querySelectorAll('*').length") < 3000
        assert page.locator("#ladder .row .remark.loss").count() == 0


def test_a_pause_misses_nothing_and_says_what_is_lost(browser, start_daemon):
    daemon = start_daemon("--ring-segments", "64")
    create(daemon.api, QUIET_PAIR)
    with browser.page() as page:
        ready(page)
        page.wait_for_selector(".live-state.live")
        paused(page)
        daemon.api.transmit("client", [{"payload": f"while paused {index}"} for index in range(5)])
        page.wait_for_timeout(300)
        assert row_count(page) == 0
        page.click("#pause")
        eventually(lambda: row_count(page) == 5)
        assert page.locator("#ladder .row.gap:visible").count() == 0
        paused(page)
        daemon.api.transmit("client", {"repeat": {"count": 100, "record": 100}})
        page.click("#pause")
        eventually(lambda: row_count(page) > 20)
        page.focus("#ladder")
        page.keyboard.press("N")
        gap = page.locator("#ladder .row.gap.selected")
        gap.wait_for()
        assert "left the ring" in gap.inner_text()
        page.locator("#segment-details", has_text="Segments are missing here").wait_for()


def test_what_left_the_ring_before_the_page_came_is_not_lost(browser, start_daemon):
    daemon = start_daemon("--ring-segments", "4096")
    create(daemon.api, QUIET_PAIR)
    # The ring is full, and the oldest leave it while the page comes.
    daemon.api.transmit("client", {"repeat": {"count": 3000, "record": 3000}})
    daemon.api.send("client", repeat={"count": 5000, "rate": "2000/s", "record": 5000})
    # The one that is chosen may have left the ring by then, too, which is a 404.
    with browser.page(is_clean=False) as page:
        ready(page)
        eventually(lambda: row_count(page) > 1500)
        paused(page)
        page.focus("#ladder")
        page.keyboard.press("Home")
        first = page.locator("#ladder .row.selected")
        first.wait_for()
        assert "gap" not in first.get_attribute("class")


def test_it_finds_back_to_a_daemon_that_was_started_anew(browser, start_daemon):
    daemon = start_daemon()
    create(daemon.api, QUIET_PAIR)
    with browser.page(is_clean=False) as page:
        ready(page)
        page.wait_for_selector(".live-state.live")
        daemon.api.transmit("client", [{"payload": "the old one"}] * 3)
        eventually(lambda: row_count(page) == 3)
        daemon.stop()
        page.locator("#unreachable").wait_for()
        daemon = start_daemon()
        create(daemon.api, QUIET_PAIR)
        daemon.api.transmit("client", {"payload": "the new one"})
        page.locator("#ladder .row:visible", has_text="the new one").wait_for(timeout=15_000)
        assert row_count(page) == 1
        assert page.locator("#unreachable").is_hidden()


def test_what_is_remarkable_has_a_word(browser, daemon, namespace):
    create(daemon.api, QUIET_PAIR)
    rules = "table ip t {\nchain i {\ntype filter hook input priority -500;\ntcp dport 50000 tcp flags fin drop\n}\n}"
    assert namespace.run("nft", "-f", "-", input=rules, stdin=None).returncode == 0
    try:
        with browser.page() as page:
            ready(page)
            page.wait_for_selector(".live-state.live")
            daemon.api.transmit("client", [
                {"flags": ["ACK"], "sequenceNumber": 100, "payload": "first"},
                {"flags": ["ACK"], "sequenceNumber": 105, "payload": "second"},
                {"flags": ["ACK"], "sequenceNumber": 100, "payload": "first"},
                {"flags": ["RST"], "sequenceNumber": 110},
                {"flags": ["SYN"], "dataOffset": 3, "payload": "<img src=x onerror=alert(1)>"},
                {"flags": ["SYN"], "sequenceNumber": 500, "checksum": "incorrect"},
                {"flags": ["FIN"], "sequenceNumber": 110}])
            page.locator("#ladder .row", has_text="not seen at server").wait_for()
            assert row_count(page) == 7
            signs = [row.locator(".remark").all_inner_texts() for row in rows(page).all()]
            assert signs == [
                [], [], ["again"], ["reset"], ["data offset too small"], ["bad checksum"], ["not seen at server"]]
            # What comes from the wire is text.
            assert page.locator("#ladder img").count() == 0
            # The keys go from one to the next.
            page.focus("#ladder")
            page.keyboard.press("Home")
            page.keyboard.press("n")
            chosen = page.locator("#ladder .row.selected[aria-label*=reset]")
            chosen.wait_for()
            assert page.get_attribute("#ladder", "aria-activedescendant") == chosen.get_attribute("id")
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "segment-tab"
            page.wait_for_selector("#segment-details .byte-map")
            page.keyboard.press("Escape")
            assert page.evaluate("document.activeElement.id") == "ladder"
    finally:
        namespace.run("nft", "delete", "table", "ip", "t")


def test_endpoints_are_made_stopped_started_and_deleted(browser, daemon):
    with browser.page(is_clean=False) as page:
        ready(page)
        page.click("#endpoint-new")
        page.fill("#new-id", "bob")
        page.fill("#new-local-port", "70000")
        page.check("#endpoint-form [name=anyPeer]")
        page.click("#endpoint-form button[type=submit]")
        page.locator("#endpoint-fault", has_text="/local/port").wait_for()
        page.fill("#new-local-port", "50123")
        page.get_by_text("Rules and opening").click()
        page.fill("#new-rules", "[]")
        page.click("#endpoint-form button[type=submit]")
        card = page.locator("[data-endpoint=bob]")
        card.locator(".state-running").wait_for()
        made = daemon.api.get("/endpoints/bob").json
        assert (made["local"]["port"], made["remote"], made["rules"]) == (50123, None, [])
        card.get_by_role("button", name="Stop").click()
        card.locator(".state-stopped").wait_for()
        assert daemon.api.get("/endpoints/bob").json["state"] == "stopped"
        card.get_by_role("button", name="Start").click()
        card.locator(".state-running").wait_for()
        card.get_by_role("button", name="Delete").click()
        page.click("#confirm button[value=no]")
        assert daemon.api.get("/endpoints/bob").status == 200
        card.get_by_role("button", name="Delete").click()
        page.click("#confirm-yes")
        card.wait_for(state="detached")
        assert daemon.api.get("/endpoints/bob").status == 404


def test_mistakes_are_told_where_they_are_made(browser, daemon):
    create(daemon.api, QUIET_PAIR)
    with browser.page(is_clean=False) as page:
        ready(page)
        page.fill("#filter", "tcp[[")
        page.press("#filter", "Enter")
        page.locator("#filter-fault", has_text="syntax error").wait_for()
        assert page.get_attribute("#filter", "aria-invalid") == "true"
        page.click("#tab-craft")
        page.fill("#craft-window", "70000")
        page.locator("[data-pointer='/window'] .violation", has_text="70000").wait_for()
        assert page.locator("#craft-preview").is_hidden()
        page.fill("#craft-window", "7")
        page.locator("#craft-preview").wait_for()
        assert page.locator("[data-pointer='/window'] .violation").inner_text() == ""
        page.click("#craft-as-json")
        page.fill("#craft-json", '[{"flags": ["SYN"]}, {"flags": ["NONE"]}]')
        page.locator("#craft-fault", has_text="/1/flags/0").wait_for()
        page.click("#tab-runs")
        page.fill("#scenario", '{"steps": [{"send": {"endpoint": "nobody", "segment": {}}}]}')
        page.click("#run-begin")
        page.locator("#run-fault", has_text="/steps/0/send/endpoint").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nobody_is_shut_out(browser, daemon, theme, viewport):
    create(daemon.api, [{"role": "server"}, {"role": "client"}])
    with browser.page(viewport=viewport, theme=theme) as page:
        ready(page)
        is_narrow = viewport is NARROW

        def check(*, view):
            if is_narrow:
                page.click(f"#to-{view}")
            assert grave_faults(page) == []
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert overflow <= 0, f"{overflow} pixels are beyond the edge"

        rows(page).nth(12).wait_for()
        paused(page)
        check(view="exchange")
        choose(page, "Hello server")
        check(view="inspector")
        page.click("#tab-craft")
        page.locator("#craft-preview").wait_for()
        check(view="inspector")
        page.click("#tab-runs")
        page.click("#run-example")
        page.click("#run-begin")
        page.wait_for_selector("#run-details .verdict-satisfied")
        check(view="inspector")
        check(view="endpoints")
        page.click("#endpoint-new")
        assert grave_faults(page) == []
