#include "batch.h"

#include <stdlib.h>
#include <unistd.h>

size_t cfloor_datagram_octets(void)
{
    return DATAGRAM_OCTETS;
}

void cfloor_datagram(const struct cfloor_path *path, uint8_t *datagram)
{
    cfloor_write(datagram, path);
}

struct batch *cfloor_batch_create(const struct cfloor_path *paths, size_t path_count)
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

void cfloor_batch_destroy(struct batch *batch)
{
    (void)close(batch->fd);
    free(batch);
}

int cfloor_batch_send(struct batch *batch, unsigned int count, uint64_t *sent)
{
    for (unsigned int done = 0; done < count;) {
        int progress = sendmmsg(batch->fd, batch->headers + done, count - done, 0);
        if (progress < 0)
            return -1;
        done += (unsigned int)progress;
        *sent += (uint64_t)progress;
    }
    return 0;
}
