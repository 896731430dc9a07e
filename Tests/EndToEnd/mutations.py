"""Requests that are almost right, from a seed: the same seed makes the same ones."""

import random

from hostile import CHUNKED, HOST, JSON, chunked, get, post

SAMPLES = [
    post(),
    post(length=CHUNKED, body=chunked(b'{"role":"server","id":"first",', b'"start":false}')),
    post() + get(b"/counters") + post("second"),
    get(b"/segments?endpoint=first&limit=10&filter=tcp%5Btcpflags%5D+%26+tcp-syn+!=+0&direction=any"),
    get(b"/endpoints/first/counters", b"Accept: application/json;q=0.5, */*\r\nCookie: a=b; c=d\r\n"),
    get(b"/endpoints/first", b"Connection: close\r\n", method=b"DELETE", version=b"HTTP/1.0"),
    post(line=b"PATCH /endpoints/first HTTP/1.1", body=b'{"labels":{"a":"b"},"rules":[]}'),
    post(line=b"POST /endpoints/first/segments?validate=true HTTP/1.1",
         body=b'[{"flags":["SYN"],"options":[{"kind":"maximumSegmentSize","value":1460}],"payload":{"hex":"00ff"}}]'),
    post(line=b"POST /endpoints/first/segments HTTP/1.1", fields=b"Idempotency-Key: \"a\"\r\nExpect: 100-continue\r\n",
         body=b'{"sequenceNumber":"0xffffffff","repeat":{"count":3,"interval":"1ms"},"vary":[{"field":"window"}]}'),
    post(line=b"POST /runs HTTP/1.1", body=b'{"name":"\\u00e9\\ud83d\\ude00","steps":[{"pause":"1ms"}]}'),
    get(b"*", method=b"OPTIONS"),
]

WORDS = [
    b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b"%", b"%00", b"%2f", b"..", b"0", b"-1", b"65536",
    b"4294967296", b"18446744073709551615", b"1e400", b"{", b"[", b'"', b"\\", b"\\ud800", b"\xff", b"\xc0\xaf",
    CHUNKED, HOST, JSON, b"Content-Length: 5\r\n", b"Origin: null\r\n", b"Connection: keep-alive\r\n", b"HTTP/1.1",
    b"0\r\n\r\n", b"ffffffffffffffff\r\n", b"[" * 100, b"A" * 9000, b"X: y\r\n" * 100,
]


class Mutants:
    """An endless row of mutated requests."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def __iter__(self):
        return self

    def __next__(self):
        octets = bytearray(self.random.choice(SAMPLES))
        for _ in range(self.random.choice([1, 1, 2, 3, 8])):
            self._change(octets)
        return bytes(octets)

    def _change(self, octets):
        place = self.random.randrange(len(octets) + 1)
        end = min(len(octets), place + self.random.choice([1, 1, 2, 8, 64]))
        match self.random.randrange(6):
            case 0:
                octets[place:end] = self.random.randbytes(end - place)
            case 1 if place < len(octets):
                octets[place] ^= 1 << self.random.randrange(8)
            case 2:
                del octets[place:end]
            case 3:
                octets[place:place] = octets[place:end]
            case 4:
                other = self.random.choice(SAMPLES)
                octets[place:end] = other[self.random.randrange(len(other)):][:end - place]
            case _:
                octets[place:place] = self.random.choice(WORDS)
