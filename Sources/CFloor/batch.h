#ifndef CFLOOR_BATCH_H
#define CFLOOR_BATCH_H

#include "datagram.h"

/// A raw socket and the datagrams that leave it by one system call.
struct batch {
    int fd;
    struct mmsghdr headers[BATCH];
    struct iovec vectors[BATCH];
    struct sockaddr_in destinations[BATCH];
    uint8_t octets[BATCH][64];
};

/// A batch filled with segments along these paths in turns; NULL when there is no memory or no socket.
struct batch *cfloor_batch_create(const struct cfloor_path *paths, size_t path_count);
void cfloor_batch_destroy(struct batch *batch);

/// Sends the first `count` of the batch, and adds to `sent` what the kernel took.
int cfloor_batch_send(struct batch *batch, unsigned int count, uint64_t *sent);

#endif
