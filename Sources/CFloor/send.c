#include "datagram.h"

#include <stdlib.h>
#include <unistd.h>

/// The ports that a varied source port goes through, from the path's own on.
enum { VARIED_PORTS = 10000 };

struct batch {
    int fd;
    struct mmsghdr headers[BATCH];
    struct iovec vectors[BATCH];
    struct sockaddr_in destinations[BATCH];
    uint8_t octets[BATCH][64];
};

static struct batch *batch_create(const struct cfloor_path *paths, size_t path_count)
{
    struct batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL)
        return NULL;
    batch->fd = cfloor_open(-1, 0);
    if (batch->fd < 0) {
        free(batch);
        return NULL;
    }
    for (int i = 0; i < BATCH; i++) {
        const struct cfloor_path *path = &paths[(size_t)i % path_count];
        cfloor_write(batch->octets[i], path);
        batch->destinations[i] = cfloor_address(path->destination, 0);
        batch->vectors[i].iov_base = batch->octets[i];
        batch->vectors[i].iov_len = DATAGRAM_OCTETS;
        batch->headers[i].msg_hdr.msg_name = &batch->destinations[i];
        batch->headers[i].msg_hdr.msg_namelen = sizeof batch->destinations[i];
        batch->headers[i].msg_hdr.msg_iov = &batch->vectors[i];
        batch->headers[i].msg_hdr.msg_iovlen = 1;
    }
    return batch;
}

static void batch_destroy(struct batch *batch)
{
    (void)close(batch->fd);
    free(batch);
}

static int batch_send(struct batch *batch, unsigned int count)
{
    for (unsigned int sent = 0; sent < count;) {
        int progress = sendmmsg(batch->fd, batch->headers + sent, count - sent, 0);
        if (progress < 0)
            return -1;
        sent += (unsigned int)progress;
    }
    return 0;
}

static unsigned int next_count(uint64_t left)
{
    return left < BATCH ? (unsigned int)left : BATCH;
}

int64_t cfloor_send(const struct cfloor_path *path, uint64_t count)
{
    return cfloor_send_along(path, 1, count);
}

int64_t cfloor_send_varied(const struct cfloor_path *path, uint64_t count)
{
    struct batch *batch = batch_create(path, 1);
    if (batch == NULL)
        return -1;
    // One's complement sums of the template without the words that change.
    const uint8_t *segment = batch->octets[0] + IP_OCTETS;
    uint32_t rest = (uint16_t)~cfloor_load16(segment + 16);
    rest += (uint16_t)~cfloor_load16(segment);
    int status = 0;
    int64_t start = cfloor_time();
    for (uint64_t number = 0; number < count && status == 0;) {
        unsigned int filled = next_count(count - number);
        for (unsigned int i = 0; i < filled; i++, number++) {
            uint8_t *octets = batch->octets[i] + IP_OCTETS;
            uint16_t port = (uint16_t)(path->source_port + number % VARIED_PORTS);
            uint32_t sequence_number = (uint32_t)number;
            cfloor_store16(octets, port);
            cfloor_store32(octets + 4, sequence_number);
            // The words of the sequence number were 0, of which the complement adds nothing.
            uint64_t sum = (uint64_t)rest + port + (sequence_number >> 16) + (sequence_number & 0xffff);
            cfloor_store16(octets + 16, (uint16_t)~cfloor_fold(sum));
        }
        status = batch_send(batch, filled);
    }
    int64_t taken = cfloor_time() - start;
    batch_destroy(batch);
    return status < 0 ? -1 : taken;
}

int64_t cfloor_send_along(const struct cfloor_path *paths, size_t path_count, uint64_t count)
{
    struct batch *batch = batch_create(paths, path_count);
    if (batch == NULL)
        return -1;
    size_t next = 0;
    int status = 0;
    int64_t start = cfloor_time();
    for (uint64_t left = count; left > 0 && status == 0;) {
        unsigned int filled = next_count(left);
        for (unsigned int i = 0; path_count > 1 && i < filled; i++) {
            cfloor_write(batch->octets[i], &paths[next]);
            batch->destinations[i].sin_addr.s_addr = htonl(paths[next].destination);
            next = next + 1 == path_count ? 0 : next + 1;
        }
        status = batch_send(batch, filled);
        left -= filled;
    }
    int64_t taken = cfloor_time() - start;
    batch_destroy(batch);
    return status < 0 ? -1 : taken;
}
