"""Whatever arrives, the daemon lives and counts it."""

import os
import random

import pytest
from scapy.layers.inet import IP, TCP

from support import PROJECT, eventually

COUNT = 100_000
# docker/soak.sh asks for more.
MUTANTS = int(os.environ.get("HOSTILE_DATAGRAMS", 60_000))


@pytest.fixture
def targets(api):
    """One endpoint that only listens and one that answers everything at once."""
    api.create(id="listening", role="server", remote=None, rules=[])
    api.create(id="answering", role="server", local={"port": 50020}, remote=None, pace="0s", socket="own")
    return api


def total(api):
    return api.counters()["total"]


def arrived(counters):
    return counters["segmentsReceived"] + counters["kernelDrops"]


def check_that_all_can_be_read(daemon, api):
    assert daemon.is_running
    page = api.get("/segments?limit=10000&direction=any")
    assert page.status == 200
    for segment in page.json["segments"][-50:]:
        assert api.get(f"/segments/{segment['id']}").status == 200


def test_random_datagrams(namespace, daemon, targets):
    generator = random.Random(2)
    ports = [(50000).to_bytes(2, "big"), (50020).to_bytes(2, "big")]
    octets = [generator.randbytes(256) for _ in range(512)]
    with namespace.raw_socket(header_included=False) as raw:
        for number in range(COUNT):
            some = octets[number % 512]
            length = generator.randrange(2, 256)
            raw.sendto(generator.randbytes(2) + ports[number & 1] + some[:length - 2], ("127.0.0.1", 0))
    eventually(lambda: arrived(total(targets)) >= COUNT, seconds=20)
    counters = total(targets)
    assert counters["malformed"] > COUNT // 20
    assert counters["checksums"]["incorrect"] > COUNT // 20
    check_that_all_can_be_read(daemon, targets)


def valid_datagram():
    return bytes(IP(src="127.0.0.9", dst="127.0.0.1", id=77, options=b"\x94\x04\0\0") / TCP(
        sport=1234, dport=50000, seq=5, ack=6, flags="PA",
        options=[("MSS", 1460), ("NOP", None), ("WScale", 3), ("Timestamp", (1, 2)), ("SAck", (1, 2))])
        / b"twelve octets")


def inject(raw, datagram):
    """Sends it unless the kernel refuses to."""
    try:
        raw.sendto(datagram, ("127.0.0.1", 0))
    except OSError:
        return 0
    return 1


@pytest.mark.parametrize("port", [50000, 50020])
def test_every_prefix_and_every_flipped_bit(namespace, daemon, targets, port):
    whole = bytearray(valid_datagram())
    header = (whole[0] & 15) * 4
    whole[header + 2:header + 4] = port.to_bytes(2, "big")
    with namespace.raw_socket() as raw:
        sent = sum(inject(raw, bytes(whole[:length])) for length in range(header, len(whole) + 1))
        for bit in range(len(whole) * 8):
            changed = bytearray(whole)
            changed[bit // 8] ^= 0x80 >> bit % 8
            sent += inject(raw, bytes(changed))
    assert sent > len(whole) * 7
    eventually(lambda: arrived(total(targets)) > len(whole) * 7)
    assert total(targets)["malformed"] > 0
    check_that_all_can_be_read(daemon, targets)


def test_options_and_offsets_that_lie(namespace, daemon, targets):
    generator = random.Random(3)
    sent = 0
    with namespace.raw_socket() as raw:
        for _ in range(5000):
            options = generator.randbytes(4 * generator.randrange(0, 11))
            tcp_options = generator.randbytes(4 * generator.randrange(0, 11))
            offset = generator.choice([5 + len(tcp_options) // 4, generator.randrange(16)])
            segment = (generator.randbytes(2) + (50000).to_bytes(2, "big") + generator.randbytes(8)
                       + bytes([offset << 4 | generator.randrange(16)]) + generator.randbytes(7) + tcp_options)
            ip = bytearray(20)
            ip[0] = 0x40 | 5 + len(options) // 4
            ip[8:10] = generator.randrange(256), 6
            ip[12:20] = bytes([127, 0, 0, 9, 127, 0, 0, 1])
            sent += inject(raw, bytes(ip) + options + segment)
    assert sent > 100
    eventually(lambda: arrived(total(targets)) > 100)
    check_that_all_can_be_read(daemon, targets)


def mutants(generator, count):
    """Datagrams that fuzzing found worth keeping, each a little changed, for a port that is played."""
    kept = [bytes.fromhex(line) for line in
            (PROJECT / "Tests/SegmentFuzzingTests/corpus.hex").read_text().split()]
    kept = [datagram for datagram in kept if len(datagram) >= 24] + [valid_datagram()]
    for number in range(count):
        mutant = bytearray(generator.choice(kept))
        for _ in range(generator.randrange(1, 4)):
            place = generator.randrange(len(mutant))
            change = number & 3
            if change < 2:
                mutant[place] = generator.getrandbits(8)
            elif change == 2:
                mutant[place] ^= 1 << generator.randrange(8)
            else:
                del mutant[max(24, place):]
        mutant[0] = 0x40 | max(5, mutant[0] & 15)
        mutant[9] = 6
        mutant[12:20] = 127, 0, 0, 9, 127, 0, 0, 1
        # Most reach an endpoint, in whose hands they are anything.
        start = (mutant[0] & 15) * 4
        if number % 16 and len(mutant) >= start + 4:
            mutant[start + 2:start + 4] = (50000 if number & 4 else 50020).to_bytes(2, "big")
        yield bytes(mutant)


def test_mutants_of_what_fuzzing_found(namespace, daemon, targets):
    """Nothing crashes, nothing hangs, and memory stays as it is once the ring is full."""
    generator = random.Random(5)
    ring = targets.get("/limits").json["ringOctets"]
    sent = 0
    before = 0
    with namespace.raw_socket() as raw:
        for number, mutant in enumerate(mutants(generator, MUTANTS)):
            sent += inject(raw, mutant)
            if number % 100_000 == 99_999:
                answer = targets.get("/counters")
                assert answer.status == 200 and answer.seconds < 1
                kept = answer.json["total"]["octetsReceived"] + 20 * answer.json["total"]["segmentsReceived"]
                # The ring's memory is touched as it is written for the first time.
                if not before and kept > 1.05 * ring:
                    before = daemon.resident_octets()
    assert sent > MUTANTS // 2
    # Options that are wrong keep many a datagram in the kernel.
    eventually(lambda: arrived(total(targets)) > sent // 4, seconds=20)
    if MUTANTS > 1_000_000:
        assert 0 < before and daemon.resident_octets() - before < 8 << 20
        print(f"{before >> 10} KiB once the ring was full, {daemon.resident_octets() >> 10} KiB in the end")
    assert total(targets)["malformed"] > MUTANTS // 50
    check_that_all_can_be_read(daemon, targets)
