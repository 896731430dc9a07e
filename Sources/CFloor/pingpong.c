#include "datagram.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

/// One end of the path.
struct end {
    int fd;
    struct cfloor_path path;
    struct sockaddr_in peer;
    uint8_t answer[DATAGRAM_OCTETS];
};

static int end_open(struct end *end, struct cfloor_path path, int epoll_fd)
{
    end->path = path;
    end->peer = cfloor_address(path.destination, 0);
    cfloor_write(end->answer, &path);
    end->fd = cfloor_open(path.source_port, SOCK_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = end}};
    return end->fd < 0 ? -1 : epoll_ctl(epoll_fd, EPOLL_CTL_ADD, end->fd, &event);
}

static int end_send(const struct end *end)
{
    ssize_t sent =
        sendto(end->fd, end->answer, sizeof end->answer, 0, (const struct sockaddr *)&end->peer, sizeof end->peer);
    return sent < 0 ? -1 : 0;
}

/// Whether a datagram is from the other end, and for this one.
static int end_knows(const struct end *end, const uint8_t *datagram, ssize_t length)
{
    return length >= IP_OCTETS + TCP_OCTETS && cfloor_load16(datagram + IP_OCTETS) == end->path.destination_port
        && cfloor_load16(datagram + IP_OCTETS + 2) == end->path.source_port;
}

int64_t cfloor_ping_pong(const struct cfloor_path *path, uint64_t round_trips)
{
    struct cfloor_path back = {path->destination, path->source, path->destination_port, path->source_port};
    struct end client = {.fd = -1}, server = {.fd = -1};
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int64_t taken = -1;
    if (epoll_fd < 0 || end_open(&client, *path, epoll_fd) != 0 || end_open(&server, back, epoll_fd) != 0)
        goto done;

    int64_t start = cfloor_time();
    if (end_send(&client) != 0)
        goto done;
    for (uint64_t answered = 0; answered < round_trips;) {
        struct epoll_event events[2];
        int ready = epoll_wait(epoll_fd, events, 2, 1000);
        if (ready <= 0)
            goto done;
        for (int i = 0; i < ready; i++) {
            struct end *end = events[i].data.ptr;
            uint8_t octets[2048];
            ssize_t length = recv(end->fd, octets, sizeof octets, 0);
            if (length < 0 && errno != EAGAIN)
                goto done;
            if (!end_knows(end, octets, length))
                continue;
            if (end == &client)
                answered += 1;
            if (end_send(end) != 0)
                goto done;
        }
    }
    taken = cfloor_time() - start;
done:
    if (client.fd >= 0)
        (void)close(client.fd);
    if (server.fd >= 0)
        (void)close(server.fd);
    if (epoll_fd >= 0)
        (void)close(epoll_fd);
    return taken;
}
