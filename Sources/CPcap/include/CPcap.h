#ifndef CPCAP_H
#define CPCAP_H

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stddef.h>

// The filters of libpcap. The library is loaded with the first filter and not when the program starts: it brings eight
// others along for network interfaces of kinds that are not asked for here, and who filters nothing does not pay for
// them.

/// What there is room for in a message.
#define CPCAP_MESSAGE_SIZE 512

/// How a compilation ended.
enum cpcap_end {
    CPCAP_COMPILED,
    /// libpcap says what is wrong with the expression.
    CPCAP_REFUSED,
    /// There is no libpcap here, or no memory.
    CPCAP_UNAVAILABLE,
};

/// Compiles an expression for datagrams of a link type, of which `sight` octets can be seen. The program is for
/// `cpcap_free` to give back. Says in at most CPCAP_MESSAGE_SIZE octets why there is none.
enum cpcap_end cpcap_compile(
    const char *_Nonnull expression, int link_type, int sight, struct bpf_program *_Nonnull program,
    char *_Nonnull message);

/// Gives a compiled program back.
void cpcap_free(struct bpf_program *_Nonnull program);

/// Whether a program, which `cpcap_compile` has made, lets a datagram pass.
bool cpcap_admits(
    const struct bpf_insn *_Nullable instructions, unsigned int count, const unsigned char *_Nullable octets,
    unsigned int length);

#endif
