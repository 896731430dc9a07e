#include "datagram.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

// A slot holds any datagram; the gap keeps the slots from sharing their places in the cache.
enum { SLOT_OCTETS = 65536, SLOT_GAP = 192, SLOT_STRIDE = SLOT_OCTETS + SLOT_GAP };
enum { CONTROL_OCTETS = 64, RING_SEGMENTS = 65536, RING_OCTETS = 64 << 20 };

/// What is kept of a segment beside its octets.
struct record {
    uint64_t position;
    uint32_t length;
    uint32_t source;
    uint32_t destination;
    uint16_t source_port;
    uint16_t destination_port;
    uint32_t is_valid;
    struct timespec arrival;
};

struct cfloor_receiver {
    int fd;
    uint16_t port;
    int is_stamped;
    uint8_t controls[BATCH][CONTROL_OCTETS];
    uint8_t *slots;
    struct mmsghdr headers[BATCH];
    struct iovec vectors[BATCH];
    struct record *records;
    uint8_t *ring;
    uint64_t end;
    uint64_t kept;
    uint64_t octets;
    uint64_t valid;
    uint64_t flags[8];
};

struct cfloor_receiver *cfloor_receiver_create(void)
{
    struct cfloor_receiver *receiver = calloc(1, sizeof *receiver);
    if (receiver == NULL)
        return NULL;
    receiver->fd = -1;
    receiver->slots = malloc((size_t)BATCH * SLOT_STRIDE);
    receiver->records = malloc((size_t)RING_SEGMENTS * sizeof *receiver->records);
    receiver->ring = malloc(RING_OCTETS);
    if (receiver->slots == NULL || receiver->records == NULL || receiver->ring == NULL) {
        cfloor_receiver_destroy(receiver);
        return NULL;
    }
    for (size_t i = 0; i < BATCH; i++) {
        receiver->vectors[i].iov_base = receiver->slots + i * SLOT_STRIDE;
        receiver->vectors[i].iov_len = SLOT_OCTETS;
        receiver->headers[i].msg_hdr.msg_iov = &receiver->vectors[i];
        receiver->headers[i].msg_hdr.msg_iovlen = 1;
    }
    return receiver;
}

void cfloor_receiver_destroy(struct cfloor_receiver *receiver)
{
    cfloor_receiver_close(receiver);
    free(receiver->slots);
    free(receiver->records);
    free(receiver->ring);
    free(receiver);
}

static void prepare(struct cfloor_receiver *receiver, int i)
{
    receiver->headers[i].msg_hdr.msg_control = receiver->is_stamped ? receiver->controls[i] : NULL;
    receiver->headers[i].msg_hdr.msg_controllen = receiver->is_stamped ? CONTROL_OCTETS : 0;
}

int cfloor_receiver_open(struct cfloor_receiver *receiver, uint16_t port, int buffer_octets, int is_stamped)
{
    receiver->port = port;
    receiver->is_stamped = is_stamped;
    for (int i = 0; i < BATCH; i++)
        prepare(receiver, i);
    receiver->fd = cfloor_open(port, SOCK_NONBLOCK);
    if (receiver->fd < 0)
        return -1;
    if (setsockopt(receiver->fd, SOL_SOCKET, SO_TIMESTAMPNS, &is_stamped, sizeof is_stamped) != 0) {
        cfloor_receiver_close(receiver);
        return -1;
    }
    if (setsockopt(receiver->fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer_octets, sizeof buffer_octets) != 0
        && setsockopt(receiver->fd, SOL_SOCKET, SO_RCVBUF, &buffer_octets, sizeof buffer_octets) != 0) {
        cfloor_receiver_close(receiver);
        return -1;
    }
    return 0;
}

void cfloor_receiver_close(struct cfloor_receiver *receiver)
{
    if (receiver->fd >= 0)
        (void)close(receiver->fd);
    receiver->fd = -1;
}

static struct timespec arrival(struct msghdr *header)
{
    struct timespec time = {0};
    const struct cmsghdr *item = CMSG_FIRSTHDR(header);
    if (item != NULL && item->cmsg_type == SO_TIMESTAMPNS)
        memcpy(&time, CMSG_DATA(item), sizeof time);
    return time;
}

static void keep(struct cfloor_receiver *receiver, int i)
{
    const uint8_t *datagram = receiver->vectors[i].iov_base;
    size_t length = receiver->headers[i].msg_len;
    if (length < IP_OCTETS)
        return;
    size_t header_length = (size_t)(datagram[0] & 0x0f) * 4;
    if (header_length < IP_OCTETS || length < header_length + TCP_OCTETS)
        return;
    const uint8_t *segment = datagram + header_length;
    size_t segment_length = length - header_length;
    if (cfloor_load16(segment + 2) != receiver->port)
        return;
    uint32_t is_valid = cfloor_fold(cfloor_segment_sum(datagram, header_length, segment_length)) == 0xffff;

    receiver->octets += segment_length;
    receiver->valid += is_valid;
    for (unsigned int bits = segment[13]; bits != 0; bits &= bits - 1)
        receiver->flags[__builtin_ctz(bits)] += 1;

    uint64_t place = receiver->end % RING_OCTETS;
    if (place + length > RING_OCTETS) {
        receiver->end += RING_OCTETS - place;
        place = 0;
    }
    memcpy(receiver->ring + place, datagram, length);
    receiver->records[receiver->kept % RING_SEGMENTS] = (struct record){
        .position = receiver->end,
        .length = (uint32_t)length,
        .source = cfloor_load32(datagram + 12),
        .destination = cfloor_load32(datagram + 16),
        .source_port = cfloor_load16(segment),
        .destination_port = cfloor_load16(segment + 2),
        .is_valid = is_valid,
        .arrival = receiver->is_stamped ? arrival(&receiver->headers[i].msg_hdr) : (struct timespec){0},
    };
    receiver->end += length;
    receiver->kept += 1;
}

int64_t cfloor_receiver_drain(struct cfloor_receiver *receiver, uint64_t *count)
{
    uint64_t before = receiver->kept;
    int64_t start = cfloor_processor_time();
    for (;;) {
        int received = recvmmsg(receiver->fd, receiver->headers, BATCH, MSG_DONTWAIT, NULL);
        if (received < 0) {
            if (errno == EAGAIN)
                break;
            return -1;
        }
        for (int i = 0; i < received; i++) {
            keep(receiver, i);
            prepare(receiver, i);
        }
        if (received < BATCH)
            break;
    }
    int64_t taken = cfloor_processor_time() - start;
    *count = receiver->kept - before;
    return taken;
}
