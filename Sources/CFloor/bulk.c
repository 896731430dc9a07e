#include "datagram.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK_OCTETS = 128 << 10 };

struct cfloor_bulk {
    int sending;
    int receiving;
    pthread_t sender;
    pthread_t receiver;
    uint64_t octets;
    struct timespec start;
    uint8_t out[CHUNK_OCTETS];
    uint8_t in[CHUNK_OCTETS];
};

static void *pump(void *context)
{
    struct cfloor_bulk *bulk = context;
    while (send(bulk->sending, bulk->out, sizeof bulk->out, MSG_NOSIGNAL) > 0) {}
    return NULL;
}

static void *sink(void *context)
{
    struct cfloor_bulk *bulk = context;
    ssize_t received;
    while ((received = recv(bulk->receiving, bulk->in, sizeof bulk->in, 0)) > 0)
        bulk->octets += (uint64_t)received;
    return NULL;
}

/// Joins the two ends over a listener that is there just for that.
static int join(struct cfloor_bulk *bulk)
{
    int status = -1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bulk->sending = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = cfloor_address(INADDR_LOOPBACK, 0);
    socklen_t length = sizeof address;
    if (listener >= 0 && bulk->sending >= 0 && bind(listener, (const struct sockaddr *)&address, length) == 0
        && listen(listener, 1) == 0 && getsockname(listener, (struct sockaddr *)&address, &length) == 0
        && connect(bulk->sending, (const struct sockaddr *)&address, length) == 0) {
        bulk->receiving = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        status = bulk->receiving < 0 ? -1 : 0;
    }
    int code = errno;
    if (listener >= 0)
        (void)close(listener);
    errno = code;
    return status;
}

static void discard(struct cfloor_bulk *bulk)
{
    if (bulk->sending >= 0)
        (void)close(bulk->sending);
    if (bulk->receiving >= 0)
        (void)close(bulk->receiving);
    free(bulk);
}

/// Ends what the threads wait for.
static void hang_up(struct cfloor_bulk *bulk)
{
    (void)shutdown(bulk->sending, SHUT_RDWR);
    (void)shutdown(bulk->receiving, SHUT_RDWR);
}

struct cfloor_bulk *cfloor_bulk_start(void)
{
    struct cfloor_bulk *bulk = calloc(1, sizeof *bulk);
    if (bulk == NULL)
        return NULL;
    bulk->sending = bulk->receiving = -1;
    int code = join(bulk) == 0 ? 0 : errno;
    (void)clock_gettime(CLOCK_MONOTONIC, &bulk->start);
    if (code == 0)
        code = pthread_create(&bulk->receiver, NULL, sink, bulk);
    if (code == 0 && (code = pthread_create(&bulk->sender, NULL, pump, bulk)) != 0) {
        hang_up(bulk);
        (void)pthread_join(bulk->receiver, NULL);
    }
    if (code != 0) {
        discard(bulk);
        errno = code;
        return NULL;
    }
    return bulk;
}

int64_t cfloor_bulk_finish(struct cfloor_bulk *bulk, uint64_t *octets)
{
    struct timespec end;
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    hang_up(bulk);
    (void)pthread_join(bulk->sender, NULL);
    (void)pthread_join(bulk->receiver, NULL);
    int64_t taken =
        (int64_t)(end.tv_sec - bulk->start.tv_sec) * 1000000000 + (end.tv_nsec - bulk->start.tv_nsec);
    *octets = bulk->octets;
    discard(bulk);
    return taken;
}
