#ifndef CFLOOR_DATAGRAM_H
#define CFLOOR_DATAGRAM_H

#include "CFloor.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, IP_OCTETS = 20, TCP_OCTETS = 20, PAYLOAD_OCTETS = 13, DATAGRAM_OCTETS = 53, SYN = 0x02 };

static inline void cfloor_store16(uint8_t *octets, uint16_t value)
{
    octets[0] = (uint8_t)(value >> 8);
    octets[1] = (uint8_t)value;
}

static inline void cfloor_store32(uint8_t *octets, uint32_t value)
{
    cfloor_store16(octets, (uint16_t)(value >> 16));
    cfloor_store16(octets + 2, (uint16_t)value);
}

static inline uint16_t cfloor_load16(const uint8_t *octets)
{
    return (uint16_t)(octets[0] << 8 | octets[1]);
}

static inline uint32_t cfloor_load32(const uint8_t *octets)
{
    return (uint32_t)cfloor_load16(octets) << 16 | cfloor_load16(octets + 2);
}

static inline uint16_t cfloor_fold(uint64_t sum)
{
    sum = (sum >> 32) + (sum & 0xffffffff);
    sum = (sum >> 32) + (sum & 0xffffffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)sum;
}

/// The sum of octets as words in memory order, not folded.
static inline uint64_t cfloor_sum(const uint8_t *octets, size_t length)
{
    uint64_t sum = 0;
    for (; length >= 4; octets += 4, length -= 4) {
        uint32_t word;
        memcpy(&word, octets, 4);
        sum += word;
    }
    if (length >= 2) {
        uint16_t word;
        memcpy(&word, octets, 2);
        sum += word;
        octets += 2;
        length -= 2;
    }
    return length == 1 ? sum + htons((uint16_t)(*octets << 8)) : sum;
}

/// The sum of a segment and its pseudo-header; folds to 0xffff when the checksum in it is right.
static inline uint64_t cfloor_segment_sum(const uint8_t *datagram, size_t header_length, size_t segment_length)
{
    return cfloor_sum(datagram + 12, 8) + htons(IPPROTO_TCP) + htons((uint16_t)segment_length)
        + cfloor_sum(datagram + header_length, segment_length);
}

/// Writes a SYN segment of 33 octets in its datagram.
static inline void cfloor_write(uint8_t *datagram, const struct cfloor_path *path)
{
    memset(datagram, 0, DATAGRAM_OCTETS);
    datagram[0] = 0x45;
    cfloor_store16(datagram + 2, DATAGRAM_OCTETS);
    datagram[6] = 0x40;
    datagram[8] = 64;
    datagram[9] = IPPROTO_TCP;
    cfloor_store32(datagram + 12, path->source);
    cfloor_store32(datagram + 16, path->destination);
    uint16_t sum = (uint16_t)~cfloor_fold(cfloor_sum(datagram, IP_OCTETS));
    memcpy(datagram + 10, &sum, 2);

    uint8_t *segment = datagram + IP_OCTETS;
    cfloor_store16(segment, path->source_port);
    cfloor_store16(segment + 2, path->destination_port);
    segment[12] = 0x50;
    segment[13] = SYN;
    cfloor_store16(segment + 14, 200);
    memcpy(segment + TCP_OCTETS, "Hello, floor!", PAYLOAD_OCTETS);
    sum = (uint16_t)~cfloor_fold(cfloor_segment_sum(datagram, IP_OCTETS, DATAGRAM_OCTETS - IP_OCTETS));
    memcpy(segment + 16, &sum, 2);
}

/// A raw socket that writes its own headers and hears one port; -1 as `port`: none.
int cfloor_open(int port, int flags);

static inline struct sockaddr_in cfloor_address(uint32_t address, uint16_t port)
{
    struct sockaddr_in result;
    memset(&result, 0, sizeof result);
    result.sin_family = AF_INET;
    result.sin_addr.s_addr = htonl(address);
    result.sin_port = htons(port);
    return result;
}

#endif
