#ifndef CFLOOR_H
#define CFLOOR_H

#include <stddef.h>
#include <stdint.h>

// What the benchmark compares with: the bare loops, in preallocated memory and
// without a feature more than the path needs. Addresses and ports are in host
// byte order. Unless it says otherwise, a function here returns -1 and sets
// `errno` when a system call fails that should not.

/// From where and to where a segment goes.
struct cfloor_path {
    uint32_t source;
    uint32_t destination;
    uint16_t source_port;
    uint16_t destination_port;
};

// MARK: Datagrams

/// How many octets the datagrams have that are sent here.
size_t cfloor_datagram_octets(void);

/// Writes a datagram as it is sent along a path.
void cfloor_datagram(const struct cfloor_path *_Nonnull path, uint8_t *_Nonnull datagram);

// MARK: Sending

/// Sends `count` SYN segments of 33 octets, 64 in a system call (`IP_HDRINCL`, `sendmmsg`); answers the nanoseconds
/// it took.
int64_t cfloor_send(const struct cfloor_path *_Nonnull path, uint64_t count);

/// The same with a sequence number and a source port of 10,000 that change each time, and a checksum that follows
/// (RFC 1624).
int64_t cfloor_send_varied(const struct cfloor_path *_Nonnull path, uint64_t count);

/// Sends `count` segments along these paths in turns, and answers the nanoseconds it took.
int64_t cfloor_send_along(const struct cfloor_path *_Nonnull paths, size_t path_count, uint64_t count);

/// A thread that sends at a rate.
struct cfloor_paced;

/// Starts sending so many SYN segments in a second, for so many seconds: in small batches, each at a deadline of its
/// own that does not depend on the ones before. A batch that is late leaves at once; none is left out. NULL: no thread.
struct cfloor_paced *_Nullable cfloor_paced_start(
    const struct cfloor_path *_Nonnull path, uint64_t rate, unsigned int seconds);

/// Waits until all have been sent, and frees the thread; stores how many the kernel took, and answers the nanoseconds
/// that they had, the last one's share included.
int64_t cfloor_paced_finish(struct cfloor_paced *_Nonnull paced, uint64_t *_Nonnull sent);

/// Two threads, one of which sends to the other over a TCP connection of the kernel's as fast as it can.
struct cfloor_bulk;

/// Starts them, on the loopback interface; NULL: no connection, or no thread.
struct cfloor_bulk *_Nullable cfloor_bulk_start(void);

/// Ends them and frees what they had; stores how many octets have arrived, and answers the nanoseconds it took.
int64_t cfloor_bulk_finish(struct cfloor_bulk *_Nonnull bulk, uint64_t *_Nonnull octets);

// MARK: Receiving

struct cfloor_receiver;

/// Memory for what is received; NULL when there is none. It has no socket yet.
struct cfloor_receiver *_Nullable cfloor_receiver_create(void);
void cfloor_receiver_destroy(struct cfloor_receiver *_Nonnull receiver);

/// Opens a raw socket that hears one port, with a receive buffer of so many octets, and with the kernel's time of each
/// arrival if `is_stamped` is not 0.
int cfloor_receiver_open(
    struct cfloor_receiver *_Nonnull receiver, uint16_t port, int buffer_octets, int is_stamped);
void cfloor_receiver_close(struct cfloor_receiver *_Nonnull receiver);

/// Receives 64 in a system call until nothing waits, and parses, verifies, counts and keeps each segment; answers the
/// nanoseconds of processor time it took, and how many there were.
int64_t cfloor_receiver_drain(struct cfloor_receiver *_Nonnull receiver, uint64_t *_Nonnull count);

// MARK: Both

/// One thread that plays both ends of a path, each on a raw socket, with `epoll`: what arrives at one is answered;
/// answers the nanoseconds that so many round trips took.
int64_t cfloor_ping_pong(const struct cfloor_path *_Nonnull path, uint64_t round_trips);

// MARK: The host

/// Tells time by the processor time of each thread from now on, and not by the clock on the wall.
void cfloor_count_processor_time(void);

/// The time, in nanoseconds, by which all else here is measured.
int64_t cfloor_time(void);

/// The processor time of the calling thread, in nanoseconds: what is never idle while it is measured can be measured by
/// it without looking when it ends.
int64_t cfloor_processor_time(void);

/// Moves the process into a network namespace of its own, its loopback interface up; before its first thread.
int cfloor_enter_namespace(void);

/// Lets the calling thread, and the threads it makes from now on, run on one core only; -1 as `core`: on all.
int cfloor_pin(int core);

/// How many cores there are.
int cfloor_core_count(void);

/// How many datagrams a network interface has sent.
int64_t cfloor_sent_by(const char *_Nonnull interface);

/// Starts a command whose words are divided by spaces, and stores its process and the other ends of its standard
/// input and output.
int cfloor_start(const char *_Nonnull command, int *_Nonnull identifier, int *_Nonnull input, int *_Nonnull output);

// MARK: HTTP

/// A connection to a port of 127.0.0.1.
int cfloor_connect(uint16_t port);

/// Sends a request and receives the whole answer, which needs a Content-Length; answers its status, and stores the
/// length of its body.
int cfloor_exchange(
    int connection, const char *_Nonnull request, size_t request_length, char *_Nonnull answer, size_t capacity,
    size_t *_Nonnull body_length);

#endif
