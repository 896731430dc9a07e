"""Takes the pictures of docs/page.md: `sudo python3 Tests/EndToEnd/pictures.py docs`."""

import json
import pathlib
import sys
import tempfile

from browser import NARROW, Browser, choose, paused, ready, rows
from support import Daemon, Namespace

WIDE = {"width": 1280, "height": 770}
SERVER = {"role": "server", "local": {"port": 50080}, "id": "server", "remote": None, "rules": [
    {"match": {"flags": ["SYN"]}, "pace": "0s", "reply": [
        {"flags": ["SYN", "ACK"], "sequenceNumber": 7000, "acknowledgmentNumber": {"received": "end"}, "window": 65535,
         "options": [{"kind": "maximumSegmentSize", "value": 1460}]}]},
    {"match": {"flags": ["ACK"], "withoutFlags": ["RST", "FIN"], "payloadLength": {"from": 1}}, "pace": "0s", "reply": [
        {"flags": ["ACK"], "sequenceNumber": {"received": "acknowledgmentNumber"},
         "acknowledgmentNumber": {"received": "end"}, "window": 65535}]}]}
CLIENT = {"role": "client", "id": "client", "local": {"port": 50081}, "remote": {"port": 50080}, "opening": [], "rules": []}
REQUEST = {"flags": ["PSH", "ACK"], "sequenceNumber": 101, "acknowledgmentNumber": 7001, "window": 64240,
           "payload": "GET /health HTTP/1.1\r\nHost: bench\r\n\r\n"}
EXCHANGE = [
    {"flags": ["SYN"], "sequenceNumber": 100, "window": 64240, "options": [
        {"kind": "maximumSegmentSize", "value": 1460}, {"kind": "sackPermitted"}, {"kind": "noOperation"},
        {"kind": "windowScale", "shift": 7}]},
    {"flags": ["ACK"], "sequenceNumber": 101, "acknowledgmentNumber": 7001, "window": 64240},
    REQUEST, {**REQUEST, "checksum": "incorrect"}, REQUEST,
    {"flags": ["SYN", "FIN"], "sequenceNumber": 140, "dataOffset": 3},
    {"flags": ["FIN", "ACK"], "sequenceNumber": 137, "acknowledgmentNumber": 7001, "payload": ""},
    {"flags": ["RST"], "sequenceNumber": 138},
]
SCENARIO = {"name": "the handshake is answered", "steps": [
    {"send": {"endpoint": "client", "segment": {"flags": ["SYN"], "sequenceNumber": 900}}},
    {"expect": {"endpoint": "client", "segment": {"flags": ["SYN", "ACK"], "acknowledgmentNumber": 900},
                "within": "150ms"}},
    {"expectNone": {"endpoint": "client", "segment": {"flags": ["RST"]}, "for": "100ms"}}]}
FIREWALL = "table ip t {\nchain i {\ntype filter hook input priority -500;\ntcp dport 50080 tcp flags & fin == fin drop\n}\n}"


def play(api):
    api.post("/endpoints", [SERVER, CLIENT])
    for segment in EXCHANGE:
        api.transmit("client", segment)


def take(browser, directory, name, viewport=None, theme="light"):
    with browser.page(viewport=viewport or WIDE, theme=theme) as page:
        ready(page)
        rows(page).nth(9).wait_for()
        page.wait_for_timeout(3500)
        paused(page)
        if not viewport:
            choose(page, "GET /health")
            page.locator("#segment-details .octet").nth(24).hover()
        if name == "page-dark":
            page.click("#tab-runs")
            page.fill("#scenario", json.dumps(SCENARIO, indent=2))
            page.click("#run-begin")
            page.wait_for_selector("#run-details .verdict-unsatisfied")
        page.evaluate("document.getElementById('status').classList.remove('shown')")
        page.evaluate("document.getElementById('scenario').scrollTop = 0")
        page.screenshot(path=directory / f"{name}.png")


def main():
    directory = pathlib.Path(sys.argv[1])
    namespace = Namespace()
    namespace.run("nft", "-f", "-", input=FIREWALL, stdin=None)
    with tempfile.TemporaryDirectory() as logs:
        daemon = Daemon(namespace, logs)
        browser = Browser(namespace)
        try:
            play(daemon.api)
            take(browser, directory, "page-light")
            take(browser, directory, "page-narrow", viewport=NARROW)
            take(browser, directory, "page-dark", theme="dark")
        finally:
            browser.close()
            daemon.stop()
            namespace.close()


if __name__ == "__main__":
    main()
