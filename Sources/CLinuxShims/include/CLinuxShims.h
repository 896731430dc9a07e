#ifndef CLINUXSHIMS_H
#define CLINUXSHIMS_H

#include <linux/filter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <malloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/types.h>

// What Swift cannot import, or imports as an unsafe type: unions, flexible
// control messages, `_GNU_SOURCE` calls. Unless it says otherwise, a function
// here returns -1 and sets `errno` as the system call it wraps does. Addresses
// and ports whose names end in `_be` are in network byte order.

// MARK: Memory

/// Gives all free memory of the heap back to the system.
static inline void clinux_trim_heap(void)
{
    (void)malloc_trim(0);
}

/// Asks for the cache line at an address, without waiting for it; any address is allowed.
static inline void clinux_prefetch(const void *_Nullable address)
{
    __builtin_prefetch(address, 1, 3);
}

// MARK: epoll, timers, threads

/// One readiness report: `struct epoll_event` without its union.
struct clinux_ready {
    uint32_t events;
    uint64_t token;
};

/// `epoll_ctl(2)` with the user data as a plain integer.
int clinux_epoll_ctl(int epoll_fd, int operation, int fd, uint32_t events, uint64_t token);

/// `epoll_wait(2)` that writes at most `capacity` reports, and at most 64.
int clinux_epoll_wait(int epoll_fd, struct clinux_ready *_Nonnull ready, int capacity, int timeout_ms);

/// Arms a timer for an absolute time of its clock, in nanoseconds; 0 disarms it.
int clinux_arm_timer(int fd, uint64_t deadline_ns);

/// Names the calling thread, as `ps -L` shows it: at most 15 octets.
void clinux_name_this_thread(const char *_Nonnull name);

/// The symbol of an errno, as in "EPERM"; NULL for a number the C library does not know.
const char *_Nullable clinux_errno_name(int code);

/// The clock's time in nanoseconds; cannot fail for the clocks we use.
int64_t clinux_clock_ns(int clock);

/// The capabilities of a thread, each a mask of `1 << CAP_…`.
struct clinux_capabilities {
    uint64_t effective;
    uint64_t permitted;
};

/// The capabilities of the calling thread (`capget(2)`).
int clinux_get_capabilities(struct clinux_capabilities *_Nonnull capabilities);

/// Makes these the permitted and effective capabilities of the calling thread, and lets none be inherited (`capset(2)`).
int clinux_set_capabilities(uint64_t capabilities);

/// Lets the calling thread, and what it starts, gain no capabilities but these by executing a file.
///
/// Ambient capabilities go in any case; the bounding set only with CAP_SETPCAP.
void clinux_bound_capabilities(uint64_t capabilities);

/// Lets nothing that is executed from now on gain privileges (`PR_SET_NO_NEW_PRIVS`).
int clinux_set_no_new_privileges(void);

// MARK: network namespaces

/// What tells one file from all others.
struct clinux_file_identity {
    uint64_t device;
    uint64_t inode;
};

/// The identity of an open file (`fstat(2)`).
int clinux_identify_file(int fd, struct clinux_file_identity *_Nonnull identity);

/// The identity of a file (`stat(2)`).
int clinux_identify_path(const char *_Nonnull path, struct clinux_file_identity *_Nonnull identity);

/// Moves the calling thread into a network namespace (`setns(2)`).
int clinux_enter_network_namespace(int fd);

/// Tells of files that come to a directory and leave it, close-on-exec and non-blocking (`inotify(7)`).
int clinux_open_directory_watch(void);

/// Begins to watch a directory; -1 when it cannot be watched.
int clinux_watch_directory(int fd, const char *_Nonnull path);

/// A routing socket that hears of changes of IPv4 addresses and routes, close-on-exec and non-blocking (`rtnetlink(7)`).
int clinux_open_address_watch(void);

// MARK: sockets

/// A raw socket for TCP over IPv4, close-on-exec and non-blocking.
int clinux_open_raw_tcp_socket(int domain);

/// A raw socket that only sends, close-on-exec and non-blocking.
int clinux_open_raw_sender(int domain);

/// A TCP socket over IPv4, close-on-exec and non-blocking.
int clinux_open_tcp_socket(void);

/// `bind(2)` to an IPv4 address and port.
int clinux_bind_ipv4(int fd, uint32_t address_be, uint16_t port_be);

/// `connect(2)` to an IPv4 address and port.
int clinux_connect_ipv4(int fd, uint32_t address_be, uint16_t port_be);

/// The port an IPv4 socket is bound to, in network byte order, or -1.
int clinux_bound_port_be(int fd);

/// Sets a socket option whose value is an `int`.
int clinux_set_option(int fd, int level, int name, int value);

/// Reads a socket option whose value is an `int`.
int clinux_get_option(int fd, int level, int name, int *_Nonnull value);

/// Replaces the socket's classic BPF program in one step.
int clinux_attach_filter(int fd, const struct sock_filter *_Nonnull program, uint16_t length);

/// How many datagrams the socket has dropped since it was opened, modulo 2^32 (SO_MEMINFO).
int clinux_socket_drops(int fd, uint32_t *_Nonnull drops);

/// Refuses every segment without a TCP-MD5 signature by a key nobody knows (RFC 2385).
int clinux_require_md5_from_everybody(int fd);

/// A netlink socket that speaks with netfilter, bound, close-on-exec and non-blocking.
int clinux_open_netfilter_socket(void);

/// A packet socket that receives nothing yet, close-on-exec and non-blocking.
int clinux_open_packet_socket(void);

/// Lets a packet socket receive the IPv4 traffic of every interface, outgoing included.
int clinux_bind_packet_socket(int fd);

/// What a packet socket dropped since it was last asked.
int clinux_packet_socket_drops(int fd, uint32_t *_Nonnull drops);

// MARK: receiving

/// One datagram of a batch.
struct clinux_received {
    const uint8_t *_Nonnull octets;
    /// Octets held, at most the slot's size.
    uint32_t length;
    /// Octets the datagram had.
    uint32_t full_length;
    /// The kernel's wall-clock time of arrival in nanoseconds since 1970; 0 when it gave none.
    int64_t timestamp_ns;
    /// What the socket had dropped when this one was queued, modulo 2^32 (SO_RXQ_OVFL); 0 when nothing.
    uint32_t drops;
};

struct clinux_receive_batch;

/// Preallocated room for `slots` datagrams of `slot_size` octets; NULL without memory.
struct clinux_receive_batch *_Nullable clinux_receive_batch_create(unsigned int slots, size_t slot_size);
void clinux_receive_batch_destroy(struct clinux_receive_batch *_Nonnull batch);

/// The datagrams of the latest `clinux_receive_batch_fill`.
const struct clinux_received *_Nonnull clinux_receive_batch_datagrams(const struct clinux_receive_batch *_Nonnull batch);

/// Receives what is waiting, at most one batch (`recvmmsg(2)`); answers how many.
int clinux_receive_batch_fill(struct clinux_receive_batch *_Nonnull batch, int fd, unsigned int limit);

// MARK: sending

struct clinux_send_batch;

/// Preallocated room for `slots` datagrams that share `capacity` octets; NULL without memory.
struct clinux_send_batch *_Nullable clinux_send_batch_create(unsigned int slots, size_t capacity);
void clinux_send_batch_destroy(struct clinux_send_batch *_Nonnull batch);

/// The octets that all datagrams of the batch share.
uint8_t *_Nonnull clinux_send_batch_octets(struct clinux_send_batch *_Nonnull batch);

/// Makes datagram `slot` of the `length` octets at `offset`, for `destination_be`.
void clinux_send_batch_set(
    struct clinux_send_batch *_Nonnull batch, unsigned int slot, size_t offset, size_t length, uint32_t destination_be);

/// Makes `count` datagrams from `first` on the `length` octets at `offset` and each `stride` octets further, which
/// begin with an IPv4 header: each goes to the destination in it.
void clinux_send_batch_set_each(
    struct clinux_send_batch *_Nonnull batch, unsigned int first, unsigned int count, size_t offset, size_t stride,
    size_t length);

/// The octets of datagram `slot`, and their number.
const uint8_t *_Nonnull clinux_send_batch_datagram(
    const struct clinux_send_batch *_Nonnull batch, unsigned int slot, size_t *_Nonnull length);

/// Puts datagram `from` into place `to`; its octets stay where they are.
void clinux_send_batch_move(struct clinux_send_batch *_Nonnull batch, unsigned int from, unsigned int to);

/// Sends datagrams `first` up to `end` (`sendmmsg(2)`); answers how many left before the first that did not.
int clinux_send_batch_send(struct clinux_send_batch *_Nonnull batch, int fd, unsigned int first, unsigned int end);

// MARK: the error queue

/// An error the network reported about a datagram that was sent (`IP_RECVERR`).
struct clinux_network_error {
    /// The errno it stands for.
    int code;
    /// 1: this host's own, 2: ICMP.
    uint8_t origin;
    uint8_t icmp_type;
    uint8_t icmp_code;
    /// The next hop's MTU for "fragmentation needed", else 0.
    uint32_t information;
    /// Who sent the ICMP message; 0 when nobody did.
    uint32_t offender_be;
    /// Where the datagram was going.
    uint32_t destination_be;
    /// The beginning of the datagram's payload, the TCP header first.
    uint8_t quoted[64];
    uint32_t quoted_length;
    /// The kernel's wall-clock time in nanoseconds since 1970; 0 when it gave none.
    int64_t timestamp_ns;
};

/// Takes one entry from the error queue: 1, or 0 when it is empty.
int clinux_take_network_error(int fd, struct clinux_network_error *_Nonnull error);

/// The path MTU of a destination, in octets; a socket of its own asks.
int clinux_path_mtu(uint32_t destination_be);

// MARK: the terminal, and its keys

/// Holds back signals of the calling thread, and makes a descriptor that becomes readable when one of them comes.
int clinux_signal_descriptor(const int *_Nonnull signals, size_t count);

/// The number of the signal that has come, taken from a descriptor of the above; 0 when none has.
int clinux_take_signal(int fd);

/// How many columns the terminal behind a descriptor has; 0 when it does not say or is none.
int clinux_terminal_columns(int fd);

/// How many columns a terminal takes for a Unicode scalar: 0, 1 or 2.
int clinux_character_columns(uint32_t scalar);

#endif
