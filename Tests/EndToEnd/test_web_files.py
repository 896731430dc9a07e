"""The files that browsers are given: whole, asked for again only when they have changed."""

import pathlib

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "api" / "openapi.yaml"
PATH = "/openapi.yaml"


def test_the_file_in_the_repository_is_what_is_served(api):
    answer = api.get(PATH)
    assert answer.status == 200 and answer.content_type == "application/yaml"
    assert answer.content == DOCUMENT.read_bytes()
    assert answer.headers["Cache-Control"] == "no-cache"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy

def test_who_has_it_is_told_so(api):
    tag = api.get(PATH).headers["ETag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        answer = api.get(PATH, headers={"If-None-Match": known})
        assert (answer.status, answer.content) == (304, b""), known
        assert answer.headers["ETag"] == tag
    assert api.get(PATH, headers={"If-None-Match": '"other"'}).status == 200
