"""Raw HTTP that is wrong on purpose: the octets, the answers, what becomes of the connection, and how many requests are
executed. Each request asks for an endpoint of its own, so that the endpoints afterwards tell which were."""

import dataclasses
import json

HOST = b"Host: localhost:8080\r\n"
JSON = b"Content-Type: application/json\r\n"


def wanted(name):
    """What asks for an endpoint that is not started."""
    return json.dumps({"role": "server", "id": name, "start": False}).encode()


def post(name="first", fields=b"", body=None, host=HOST, line=b"POST /endpoints HTTP/1.1", kind=JSON, length=None):
    """A whole request for an endpoint; `length` is what it says of its body, b"" for nothing."""
    body = wanted(name) if body is None else body
    if length is None:
        length = b"Content-Length: %d\r\n" % len(body)
    return line + b"\r\n" + host + kind + length + fields + b"\r\n" + body


def chunked(*pieces, end=b"\r\n", last=b"0", trailer=b""):
    return b"".join(b"%x" % len(piece) + end + piece + end for piece in pieces) + last + end + trailer + end


SMUGGLED = post("smuggled")
BODY = wanted("first")
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def in_chunks(coding=CHUNKED, body=None, fields=b"", line=b"POST /endpoints HTTP/1.1"):
    body = chunked(BODY) if body is None else body
    return post(body=body, fields=fields, line=line, length=coding)


@dataclasses.dataclass
class Row:
    name: str
    octets: bytes
    #: Of all answers, in order.
    statuses: list
    #: Whether the connection is closed after them.
    closed: bool = True
    executed: int = 0
    #: Whether the answer is a page of libmicrohttpd's, which refuses by itself what never becomes a request.
    library: bool = False
    #: What goes at once; the whole, unless it says how many octets each time.
    piece: int = 0
    #: Text of the detail of the problem.
    says: str = ""


def refused(name, status, octets, says="", **more):
    """Refused and closed; what comes right after it is never a request."""
    return Row(name, octets + SMUGGLED, [status], says=says, **more)


def page(name, status, octets):
    """The same by libmicrohttpd alone."""
    return refused(name, status, octets, library=True)


def taken(name, octets, **more):
    """Right, if odd: executed, and so is what follows."""
    return Row(name, octets + SMUGGLED, [201, 201], closed=False, executed=2, **more)


def answered(name, status, octets, says="", **more):
    """Wrong in what it asks for, but whole: what follows is a request of its own."""
    return Row(name, octets + SMUGGLED, [status, 201], closed=False, executed=1, says=says, **more)


def get(target, fields=b"", method=b"GET", version=b"HTTP/1.1", host=HOST):
    return method + b" " + target + b" " + version + b"\r\n" + host + fields + b"\r\n"


ORIGINS = [
    b"http://example.org", b"null", b"http://localhost", b"http://localhost:81", b"https://localhost:8080",
    b"http://localhost:8080.example.org", b"http://127.0.0.1.example.org:8080", b"http://localhost:8080@example.org",
    b"file://", b"", b"chrome-extension://abc", b"http://localhost:8080, http://example.org", b"//localhost:8080",
]

HOSTS = [
    b"example.org", b"localhost:1", b"localhost:80", b"localhost:8080.", b"localhost.example.org", b"127.0.0.1.nip.io",
    b"0.0.0.0:8080", b"8.8.8.8", b"", b":8080", b"localhost:", b"localhost:8080:8080", b"localhost:+8080",
    b"localhost:08080000", b"user@localhost:8080", b"localhost:8080/", b"localhost, example.org", b"[::2]:8080",
    b"[::1", b"127.1:8080", b"2130706433", b"0x7f000001", b"localhost%00", b"l\xc3\xb6calhost", b"localhost\\@a",
    b"127.000.000.001:8080",
]

TARGETS = [
    # target, what the detail says
    (b"/%00", "control character"), (b"/endpoints%00", "control character"), (b"/%0a", "control character"),
    (b"/%0d%0aX:y", "control character"), (b"/%7f", "control character"), (b"/%1b", "control character"),
    (b"/%ff", "not UTF-8"), (b"/%c0%af", "not UTF-8"), (b"/%c0%ae%c0%ae/", "not UTF-8"),
    (b"/%ed%a0%80", "not UTF-8"), (b"/%f4%90%80%80", "not UTF-8"), (b"/%f8%80%80%80%80", "not UTF-8"),
    (b"/%e2%82", "not UTF-8"), (b"/%4", "hexadecimal"), (b"/%", "hexadecimal"), (b"/%zz", "hexadecimal"),
    (b"/%u0041", "hexadecimal"), (b"/?a=%", "hexadecimal"), (b"/?%00=1", "control character"),
    (b"/segments?endpoint=%0a", "control character"), (b"/\xc3\xa9", "percent-encoded"),
    (b"/\xff", "percent-encoded"), (b"/a\tb", "percent-encoded"), (b"/a\x01b", "percent-encoded"),
    (b"/a\x7fb", "percent-encoded"), (b"/a#b", "percent-encoded"), (b"endpoints", "begin with"),
    (b"http://localhost:8080/endpoints", "begin with"), (b"http://example.org/", "begin with"),
    (b"*", "OPTIONS only"), (b"?a", "begin with"), (b"\\endpoints", "begin with"),
]

FRAMINGS = [
    # name, fields about the body, what follows the head, status, what the detail says
    ("two lengths, short first", b"Content-Length: 3\r\nContent-Length: 46\r\n", b"abc", 400, "more than one"),
    ("two lengths, long first", b"Content-Length: 46\r\nContent-Length: 3\r\n", b"abc", 400, "more than one"),
    ("two equal lengths", b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc", 400, "more than one"),
    ("a length and chunks", b"Content-Length: 3\r\n" + CHUNKED, b"0\r\n\r\n", 400, "exclude each other"),
    ("chunks and a length", CHUNKED + b"Content-Length: 5\r\n", b"0\r\n\r\n", 400, "exclude each other"),
    ("chunks and a length of 0", CHUNKED + b"Content-Length: 0\r\n", b"0\r\n\r\n", 400, "exclude each other"),
    ("chunks and a bad length", CHUNKED + b"Content-Length: x\r\n", b"0\r\n\r\n", 400, "exclude each other"),
    ("chunked twice", CHUNKED + CHUNKED, b"0\r\n\r\n", 400, "only \"chunked\""),
    ("chunked, chunked", b"Transfer-Encoding: chunked, chunked\r\n", b"0\r\n\r\n", 400, "only \"chunked\""),
    ("gzip, chunked", b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n", 400, "only \"chunked\""),
    ("chunked, identity", b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n", 400, "only \"chunked\""),
    ("identity", b"Transfer-Encoding: identity\r\n", b"", 400, "only \"chunked\""),
    ("gzip", b"Transfer-Encoding: gzip\r\n", b"", 400, "only \"chunked\""),
    ("xchunked", b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n", 400, "only \"chunked\""),
    ("an empty coding", b"Transfer-Encoding:\r\n", b"0\r\n\r\n", 400, "only \"chunked\""),
    ("a quoted coding", b'Transfer-Encoding: "chunked"\r\n', b"0\r\n\r\n", 400, "only \"chunked\""),
    ("chunked;x=y", b"Transfer-Encoding: chunked;x=y\r\n", b"0\r\n\r\n", 400, "only \"chunked\""),
    ("chunked and a blank", b"Transfer-Encoding: chunked \r\n", b"0\r\n\r\n", 400, "only \"chunked\""),
    ("chunked after a vertical tab", b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n", 400, "control character"),
    ("chunked after a bare CR", b"Transfer-Encoding: \rchunked\r\n", b"0\r\n\r\n", 400, "control character"),
    ("a blank before the colon", b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n", 400, "not a token"),
    ("a tab before the colon", b"Transfer-Encoding\t: chunked\r\n", b"0\r\n\r\n", 400, "not a token"),
    ("a folded coding", b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n", 400, "folded"),
    ("a folded length", b"Content-Length: 1\r\n 0\r\n", b"0123456789", 400, "folded"),
    ("a length made by folding", b"Content-Lengt: 0\r\n h\r\n", b"", 400, "folded"),
    ("a length behind a bare LF", b"X: y\nContent-Length: 3\r\n", b"abc", 400, "CR and LF"),
    ("chunks behind a NUL", b"X: y\0\r\n" + CHUNKED, b"0\r\n\r\n", 400, "NUL"),
    ("a coding that a NUL cuts", b"Transfer-Encoding: chunked\0, gzip\r\n", b"0\r\n\r\n", 400, "NUL"),
    ("a signed length", b"Content-Length: +3\r\n", b"abc", 400, "Content-Length is not a number"),
    ("a negative length", b"Content-Length: -1\r\n", b"abc", 400, "Content-Length is not a number"),
    ("a hexadecimal length", b"Content-Length: 0x3\r\n", b"abc", 400, "Content-Length is not a number"),
    ("a fraction", b"Content-Length: 3.0\r\n", b"abc", 400, "Content-Length is not a number"),
    ("an exponent", b"Content-Length: 3e0\r\n", b"abc", 400, "Content-Length is not a number"),
    ("a list of lengths", b"Content-Length: 3, 3\r\n", b"abc", 400, "Content-Length is not a number"),
    ("an empty length", b"Content-Length:\r\n", b"abc", 400, "Content-Length is not a number"),
    ("a length and a blank", b"Content-Length: 3 \r\n", b"abc", 400, "Content-Length is not a number"),
    ("a length in words", b"Content-Length: three\r\n", b"abc", 400, "Content-Length is not a number"),
    ("a length of 2^63", b"Content-Length: 9223372036854775808\r\n", b"abc", 413, "limit"),
    ("a length of 2^64 - 1", b"Content-Length: 18446744073709551615\r\n", b"abc", 413, "limit"),
    ("a length of 2^64 + 3", b"Content-Length: 18446744073709551619\r\n", b"abc", 413, "limit"),
    ("a length of 100 digits", b"Content-Length: " + b"9" * 100 + b"\r\n", b"abc", 413, "limit"),
    ("a length over the limit", b"Content-Length: 4194305\r\n", b"abc", 413, "limit"),
]

TABLE = [
    taken("a right request", post()),
    taken("octet by octet", post(), piece=1),
    taken("seven octets at a time", post(), piece=7),
    taken("names of fields in any case", post(host=b"hOsT: LOCALHOST:8080\r\n", kind=b"content-TYPE: Application/JSON\r\n")),
    taken("empty lines before it", b"\r\n\r\n" + post()),
    taken("a line that begins with a NUL before it", b"\0x\r\n" + post()),
    taken("a length with zeros before it", post(length=b"Content-Length: %05d\r\n" % len(BODY))),
    taken("the origin of the service itself", post(fields=b"Origin: http://localhost:8080\r\n")),
    taken("a body that is announced", post(fields=b"Expect: 100-continue\r\n")),
    Row("nothing", b"", [], closed=False),
    Row("a head without its end", b"GET /healthz HTTP/1.1\r\n" + HOST, [], closed=False),
    Row("a body without its end", post()[:-1], [], closed=False),
    Row("an endless chunk", in_chunks(body=b"ffffffff\r\n" + BODY), [], closed=False),

    # Chunks. Whatever follows them is not taken for a request.
    Row("chunks", in_chunks() + SMUGGLED, [201], executed=1),
    Row("chunks, octet by octet", in_chunks() + SMUGGLED, [201], executed=1, piece=1),
    Row("many chunks", in_chunks(body=chunked(*(BODY[i:i + 1] for i in range(len(BODY))))) + SMUGGLED, [201], executed=1),
    Row("Chunked", in_chunks(b"Transfer-Encoding: Chunked\r\n") + SMUGGLED, [201], executed=1),
    Row("chunks with a trailer", in_chunks(body=chunked(BODY, trailer=b"Host: example.org\r\nContent-Length: 9\r\n"))
        + SMUGGLED, [201], executed=1),
    Row("a chunk with an extension", in_chunks(body=b"%x;a=b\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n") + SMUGGLED,
        [201], executed=1),
    Row("an extension with a bare LF", in_chunks(
        body=b"%x;a\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n") + SMUGGLED, [201], executed=1),
    Row("chunks between bare LFs", in_chunks(body=chunked(BODY, end=b"\n")) + SMUGGLED, [201], executed=1),
    page("a chunk size that is no number", 400, in_chunks(body=b"x\r\n" + BODY + b"\r\n0\r\n\r\n")),
    page("a chunk size with 0x", 400, in_chunks(body=b"0x%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n")),
    page("a signed chunk size", 400, in_chunks(body=b"+%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n")),
    page("a chunk size after a blank", 400, in_chunks(body=b" %x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n")),
    page("an empty chunk size", 400, in_chunks(body=b"\r\n" + BODY + b"\r\n0\r\n\r\n")),
    page("a chunk longer than it says", 400, in_chunks(body=b"3\r\n" + BODY + b"\r\n0\r\n\r\n")),
    page("a chunk size beyond 2^64", 413, in_chunks(body=b"1ffffffffffffffff\r\n" + BODY + b"\r\n0\r\n\r\n")),
    refused("chunks in HTTP/1.0", 400, in_chunks(line=b"POST /endpoints HTTP/1.0"), "needs HTTP/1.1"),

    # Lines.
    Row("no request line", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n" + SMUGGLED, []),
    Row("a method alone", b"GET\r\n" + HOST + b"\r\n" + SMUGGLED, []),
    page("no version", 400, b"GET /endpoints\r\n" + HOST + b"\r\n"),
    page("HTTP/0.9", 505, get(b"/", version=b"HTTP/0.9")),
    page("HTTP/2", 505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    page("HTTP/3.0", 505, get(b"/", version=b"HTTP/3.0")),
    page("http/1.1", 400, get(b"/", version=b"http/1.1")),
    page("HTTP/1", 400, get(b"/", version=b"HTTP/1")),
    page("HTTP/01.1", 400, get(b"/", version=b"HTTP/01.1")),
    page("HTTP/1.10", 400, get(b"/", version=b"HTTP/1.10")),
    page("a tab after the version", 400, get(b"/", version=b"HTTP/1.1\t")),
    refused("HTTP/1.9", 505, post(line=b"POST /endpoints HTTP/1.9"), "Use HTTP/1.1"),
    refused("two blanks before the target", 400, post(line=b"POST  /endpoints HTTP/1.1"), "request line"),
    refused("two blanks before the version", 400, post(line=b"POST /endpoints  HTTP/1.1"), "percent-encoded"),
    page("a blank at the end", 400, post(line=b"POST /endpoints HTTP/1.1 ")),
    refused("a blank in the target", 400, post(line=b"POST /endpoints /x HTTP/1.1"), "percent-encoded"),
    refused("a NUL in the target", 400, post(line=b"POST /endpoints\0x HTTP/1.1"), "request line"),
    refused("a NUL at the end of the target", 400, post(line=b"POST /endpoints\0 HTTP/1.1"), "request line"),
    refused("a NUL in the method", 400, post(line=b"POST\0X /endpoints HTTP/1.1"), "request line"),
    refused("a control character in the method", 400, post(line=b"PO\x01ST /endpoints HTTP/1.1"), "not a token"),
    refused("a colon in the method", 400, post(line=b"PO:ST /endpoints HTTP/1.1"), "not a token"),
    refused("a tab for a blank", 400, post(line=b"POST\t/endpoints x HTTP/1.1"), "not a token"),
    refused("a request line that ends in LF", 400, b"GET / HTTP/1.1\n" + HOST + b"\r\n", "CR and LF"),
    refused("lines that end in LF", 400, post().replace(b"\r\n", b"\n"), "CR and LF"),
    refused("an empty line of LF alone", 400, b"GET / HTTP/1.1\r\n" + HOST + b"\n", "CR and LF"),
    refused("a line that ends in CR CR LF", 400, b"GET / HTTP/1.1\r\nHost: localhost:8080\r\r\n\r\n", "control"),
    refused("a bare CR in a value", 400, get(b"/", b"X: a\rContent-Length: 5\r\n"), "control character"),
    refused("a NUL in a value", 400, get(b"/", b"X: a\0b\r\n"), "NUL"),
    refused("a NUL at the end of a value", 400, get(b"/", b"X: a\0\r\n"), "NUL"),
    refused("a NUL after the Host", 400, get(b"/", host=b"Host: localhost:8080\0example.org\r\n"), "NUL"),
    refused("a line of a NUL", 400, get(b"/", b"\0\r\nContent-Length: 100\r\n"), "NUL"),
    refused("a line of two NULs", 400, get(b"/", b"\0\0\r\nContent-Length: 100\r\n"), "NUL"),
    refused("a folded line", 400, get(b"/", b"X: a\r\n b\r\n"), "folded"),
    refused("a line folded by a tab", 400, get(b"/", b"X: a\r\n\tb\r\n"), "folded"),
    refused("a fold before the first field", 400, b"GET / HTTP/1.1\r\n X: a\r\n" + HOST + b"\r\n", "not a token"),
    refused("an empty name", 400, get(b"/", b": a\r\n"), "no name"),
    refused("an empty name before a request", 400, get(b"/", b": a\r\n")[:-2], "no name"),
    refused("a name with a blank", 400, get(b"/", b"X Y: a\r\n"), "not a token"),
    refused("a name beyond ASCII", 400, get(b"/", b"\xc3\xa9: a\r\n"), "not a token"),
    refused("a control character in a value", 400, get(b"/", b"X: \x01\r\n"), "control character"),
    refused("a DEL in a value", 400, get(b"/", b"X: \x7f\r\n"), "control character"),
    page("a line without a colon", 400, get(b"/", b"nonsense\r\n")),
    page("a name that a NUL cuts", 400, get(b"/", b"X\0Y: a\r\n")),

    # Sizes.
    refused("a long target", 414, get(b"/" + b"a" * 9000), "limit"),
    refused("a large head", 431, get(b"/", b"X: " + b"a" * 17_000 + b"\r\n"), "limit"),
    refused("many fields", 431, get(b"/", b"X: y\r\n" * 100), "limit"),
    page("a line beyond all bounds", 414, b"GET /" + b"a" * 40_000),
    page("a head beyond all bounds", 431, get(b"/", b"X: " + b"a" * 40_000 + b"\r\n")),
    page("2000 fields", 431, get(b"/", b"X: y\r\n" * 2000)),
    Row("chunks over the limit", in_chunks(body=chunked(*[b" " * 65536] * 65)), [413], says="limit"),

    # Host.
    refused("no Host", 400, post(host=b""), "no Host"),
    refused("no Host in HTTP/1.0", 400, post(host=b"", line=b"POST /endpoints HTTP/1.0"), "no Host"),
    refused("two Hosts", 400, post(host=HOST + HOST), "more than one Host"),
    refused("two Hosts, the second foreign", 400, post(host=HOST + b"Host: example.org\r\n"), "more than one Host"),
    refused("two Hosts, apart", 400, post(fields=b"host: localhost:8080\r\n"), "more than one Host"),
    *(refused(f"the Host {host!r}", 403, post(host=b"Host: " + host + b"\r\n"), "is not served here")
      for host in HOSTS),

    # Browsers.
    *(refused(f"the Origin {origin!r}", 403, post(fields=b"Origin: " + origin + b"\r\n"), "another site")
      for origin in ORIGINS),
    refused("two Origins", 403, post(fields=b"Origin: http://localhost:8080\r\nOrigin: http://a\r\n"), "another site"),
    refused("a request from another site", 403, post(fields=b"Sec-Fetch-Site: cross-site\r\n"), "another site"),
    refused("a read from another site", 403, get(b"/endpoints", b"Sec-Fetch-Site: cross-site\r\n"), "another site"),
    refused("the question before a request from another site", 403, get(
        b"/endpoints", b"Origin: http://a\r\nAccess-Control-Request-Method: POST\r\n", b"OPTIONS"), "another site"),
    refused("a form", 415, post(kind=b"Content-Type: application/x-www-form-urlencoded\r\n",
                                fields=b"Origin: http://localhost:8080\r\n"), "must not be with an Origin"),
    refused("plain text", 415, post(kind=b"Content-Type: text/plain\r\n"), "must be one of"),
    refused("parts", 415, post(kind=b"Content-Type: multipart/form-data; boundary=x\r\n"), "must be one of"),
    refused("text that calls itself JSON too", 400, post(kind=JSON + b"Content-Type: text/plain\r\n"), "Content-Type"),
    refused("JSON in a parameter", 415, post(kind=b"Content-Type: text/plain; application/json\r\n"), "must be one of"),

    # Framing.
    *(refused(name, status, post(length=fields, body=after), says)
      for name, fields, after, status, says in FRAMINGS),

    # Targets.
    *(refused(f"the target {target!r}", 400, get(target), says) for target, says in TARGETS),
    refused("CONNECT", 400, get(b"localhost:8080", method=b"CONNECT"), "begin with"),

    # What is wrong in order: the first in the order of the checks is told.
    refused("a bad line before a foreign Host", 400, get(b"/", b"X: \x01\r\n", host=b"Host: a\r\n"), "control"),
    refused("a foreign Host before an Origin", 403, get(b"/%00", b"Origin: http://a\r\n", host=b"Host: a\r\n"), "served"),
    refused("an Origin before the framing", 403, post(fields=b"Origin: http://a\r\n" + CHUNKED), "another site"),
    refused("the framing before the method", 400, post(line=b"P:T /endpoints HTTP/1.1", fields=CHUNKED), "exclude"),
    refused("the method before the target", 400, get(b"/%00", method=b"G:T"), "not a token"),
    refused("the target before the type", 400, post(line=b"POST /%00 HTTP/1.1", kind=b"Content-Type: a/b\r\n"), "target"),
    refused("the type before the length", 415, post(kind=b"Content-Type: a/b\r\n", length=b"Content-Length: 9999999\r\n"),
            "must be one of"),

    # Whole requests that ask for what is not there.
    answered("a method in lower case", 405, post(line=b"post /endpoints HTTP/1.1")),
    answered("a method of nobody", 405, post(line=b"FROBNICATE /endpoints HTTP/1.1")),
    answered("TRACE", 405, get(b"/endpoints", b"X: secret\r\n", method=b"TRACE")),
    answered("a path with dots", 404, get(b"/../../etc/passwd")),
    answered("a path with escaped dots", 404, get(b"/%2e%2e%2fendpoints")),
    answered("an escaped slash", 404, get(b"/endpoints%2f")),
    answered("two slashes", 404, get(b"//endpoints")),
    answered("a GET with a body that is a request", 200, post(
        line=b"GET /counters HTTP/1.1", body=post("inside"))),
    answered("a body that is a request", 400, post(body=post("inside")), "line 1, column 1"),

    # JSON.
    answered("an empty body", 400, post(body=b""), "no JSON value"),
    answered("a duplicate member", 400, post(body=b'{"role":"server","role":"client"}'), "line 1, column 18"),
    answered("a duplicate member, escaped", 400, post(body=b'{"role":"server","r\\u006fle":"client"}'), "duplicate"),
    answered("depth 33", 400, post(body=b"[" * 33 + b"]" * 33), "nested more than 32 deep"),
    answered("depth 100,000", 400, post(body=b"[" * 100_000), "line 1, column 33"),
    answered("half of a surrogate pair", 400, post(body=b'{"role":"server",\n"id":"\\ud800"}'), "line 2, column 7"),
    answered("the other half", 400, post(body=b'{"id":"\\udc00\\ud800"}'), "half of a surrogate pair"),
    answered("a body that is not UTF-8", 400, post(body=b'{"id":"\xff"}'), "line 1, column 8"),
    answered("an overlong form", 400, post(body=b'{"id":"\xc0\xaf"}'), "not UTF-8"),
    answered("a surrogate in UTF-8", 400, post(body=b'{"id":"\xed\xa0\x80"}'), "not UTF-8"),
    answered("data after the value", 400, post(body=b'{"role":"server"} {}'), "line 1, column 19"),
    answered("a NUL after the value", 400, post(body=b'{"role":"server"}\0'), "unexpected"),
    answered("a byte order mark", 400, post(body=b'\xef\xbb\xbf{"role":"server"}'), "byte order mark"),
    answered("UTF-16", 400, post(body='{"role":"server"}'.encode("utf-16-le")), "line 1, column 2"),
    answered("a raw line feed in text", 400, post(body=b'{"id":"a\nb"}'), "must be escaped"),
    answered("NaN", 400, post(body=b'{"limit":NaN}'), "unexpected"),
    answered("a number with a zero before it", 400, post(body=b'{"limit":01}'), "line 1, column"),
    answered("a number of 257 digits", 400, post(body=b'{"limit":' + b"9" * 257 + b"}"), "more than 256"),
    answered("a port out of range", 422, post(body=b'{"role":"server","local":{"port":65536}}'), "/local/port"),
    answered("a port beyond 2^64", 422, post(body=b'{"role":"server","local":{"port":18446744073709551617}}'),
             "/local/port"),
    answered("a port of 1e400", 422, post(body=b'{"role":"server","local":{"port":1e400}}'), "/local/port"),
]
