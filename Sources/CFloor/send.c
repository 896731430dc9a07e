#include "batch.h"

/// The ports that a varied source port goes through, from the path's own on.
enum { VARIED_PORTS = 10000 };

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
    struct batch *batch = cfloor_batch_create(path, 1);
    if (batch == NULL)
        return -1;
    // One's complement sums of the template without the words that change.
    const uint8_t *segment = batch->octets[0] + IP_OCTETS;
    uint32_t rest = (uint16_t)~cfloor_load16(segment + 16);
    rest += (uint16_t)~cfloor_load16(segment);
    int status = 0;
    uint64_t sent = 0;
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
        status = cfloor_batch_send(batch, filled, &sent);
    }
    int64_t taken = cfloor_time() - start;
    cfloor_batch_destroy(batch);
    return status < 0 ? -1 : taken;
}

int64_t cfloor_send_along(const struct cfloor_path *paths, size_t path_count, uint64_t count)
{
    struct batch *batch = cfloor_batch_create(paths, path_count);
    if (batch == NULL)
        return -1;
    size_t next = 0;
    int status = 0;
    uint64_t sent = 0;
    int64_t start = cfloor_time();
    for (uint64_t left = count; left > 0 && status == 0;) {
        unsigned int filled = next_count(left);
        for (unsigned int i = 0; path_count > 1 && i < filled; i++) {
            cfloor_write(batch->octets[i], &paths[next]);
            batch->destinations[i].sin_addr.s_addr = htonl(paths[next].destination);
            next = next + 1 == path_count ? 0 : next + 1;
        }
        status = cfloor_batch_send(batch, filled, &sent);
        left -= filled;
    }
    int64_t taken = cfloor_time() - start;
    cfloor_batch_destroy(batch);
    return status < 0 ? -1 : taken;
}
