"""Each type of problem that the code has is explained, and its URI leads to the explanation."""

import html.parser
import re

import pytest

from support import PORT, PROJECT, Client
from test_access import start, token_file  # noqa: F401

PAGE = (PROJECT / "docs/reference/problems.md").read_text()
SECTIONS = dict(re.findall(r"^### (\S+)\n\n(.*?)(?=^#|\Z)", PAGE.split("## Types\n")[1], re.MULTILINE | re.DOTALL))


def types_of_the_code():
    """Slug, status and title of each."""
    sources = "".join(file.read_text() for file in (PROJECT / "Sources").rglob("*.swift"))
    found = re.findall(r'ProblemType\(\s*"([^"]+)",\s*status:\s*(\d+),\s*title:\s*"([^"]+)"\)', sources)
    assert len(found) == len(re.findall(r"= ProblemType\(", sources))
    return {slug: (int(status), title) for slug, status, title in found}


class Reader(html.parser.HTMLParser):
    """What a browser finds: titles, words and links."""

    def __init__(self, page):
        super().__init__()
        self.open, self.words, self.links, self.codes = [], "", [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.links += [value for name, value in attributes if name == "href"]
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data
        if self.open and self.open[-1] == "code":
            self.codes.append(data)


def test_the_page_and_the_code_have_the_same_types():
    assert {slug: f"{status}: {title}." for slug, (status, title) in types_of_the_code().items()} == {
        slug: text.split("\n\n")[0].strip() for slug, text in SECTIONS.items()}


def test_each_section_says_what_to_do_in_plain_paragraphs():
    for slug, text in SECTIONS.items():
        assert re.search(r"^To do: ", text, re.MULTILINE), slug
        # What the daemon makes a page of: words, code, nothing else.
        assert not re.search(r"\]\(|\*\*|^[-|>#<]|```", text, re.MULTILINE) and text.count("`") % 2 == 0, slug


def test_the_document_of_the_api_uses_known_types_only():
    used = set(re.findall(r"\btype: /problems/([\w-]+)", (PROJECT / "api/openapi.yaml").read_text()))
    assert used <= set(SECTIONS), used - set(SECTIONS)


def test_each_uri_leads_to_its_section(api):
    for slug, (status, title) in types_of_the_code().items():
        as_text = api.get(f"/problems/{slug}")
        assert as_text.status == 200 and as_text.content_type == "text/markdown"
        words = as_text.content.decode()
        assert words.startswith(f"### {slug}\n\n{status}: {title}.\n")
        assert words.split() == f"### {slug} {SECTIONS[slug]}".split()

        as_page = api.get(f"/problems/{slug}", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        assert as_page.status == 200 and as_page.content_type == "text/html"
        page = Reader(as_page.content.decode())
        assert page.open == [] and SECTIONS[slug].replace("`", "").split() == page.words.split(f"{slug}\n", 2)[-1].split()
        assert page.codes == re.findall(r"`([^`]+)`", SECTIONS[slug].replace("\n", " "))


def test_a_problem_that_happened_leads_to_its_page(api):
    problem = api.get("/endpoints/nobody").json
    assert api.get(problem["type"]).content.decode().startswith("### not-found\n")


def test_all_of_them_are_listed(api):
    page = Reader(api.get("/problems", headers={"Accept": "text/html"}).content.decode())
    assert {link for link in page.links if link.startswith("/problems/")} == {f"/problems/{slug}" for slug in SECTIONS}
    assert api.get("/problems").content.decode() == PAGE == api.get("/problems.md").content.decode()
    assert api.get("/problems.css").content_type == "text/css"
    for path in ("/problems/nothing", "/problems/Port-held", "/problems/%3Cscript%3E", "/problems/port-held/x"):
        assert api.get(path).status == 404, path
    assert api.get("/problems/port-held?x=1").status == 422
    assert api.get("/problems/port-held", headers={"Accept": "image/png"}).status == 406


@pytest.mark.parametrize("accept", ["text/html", "text/markdown"])
def test_they_may_do_nothing_and_take_no_token(start, namespace, token_file, accept):  # noqa: F811
    start("--listen", f"127.0.0.1:{PORT}", "--token-file", token_file)
    answer = Client(namespace).get("/problems/token-missing", headers={"Accept": accept})
    assert answer.status == 200 and answer.content_type == accept
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Vary"] == "Accept"
