#include "datagram.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

int cfloor_connect(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    struct sockaddr_in address = cfloor_address(INADDR_LOOPBACK, port);
    int one = 1;
    struct timeval patience = {.tv_sec = 10};
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0
        || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0
        || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0) {
        int code = errno;
        (void)close(fd);
        errno = code;
        return -1;
    }
    return fd;
}

/// Where the body begins, or 0 when the head is not complete.
static size_t head_length(const char *answer, size_t length)
{
    const char *end = memmem(answer, length, "\r\n\r\n", 4);
    return end == NULL ? 0 : (size_t)(end - answer) + 4;
}

static size_t content_length(const char *head, size_t length)
{
    static const char name[] = "\r\nContent-Length:";
    for (size_t i = 0; i + sizeof name < length; i++) {
        if (strncasecmp(head + i, name, sizeof name - 1) == 0)
            return strtoul(head + i + sizeof name - 1, NULL, 10);
    }
    return 0;
}

int cfloor_exchange(
    int connection, const char *request, size_t request_length, char *answer, size_t capacity, size_t *body_length)
{
    if (send(connection, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length)
        return -1;
    size_t length = 0, head = 0, body = 0;
    while (head == 0 || length < head + body) {
        if (length + 1 >= capacity) {
            errno = ENOBUFS;
            return -1;
        }
        ssize_t received = recv(connection, answer + length, capacity - length - 1, 0);
        if (received <= 0) {
            errno = received == 0 ? ECONNRESET : errno;
            return -1;
        }
        length += (size_t)received;
        answer[length] = 0;
        if (head == 0) {
            head = head_length(answer, length);
            body = content_length(answer, head);
        }
    }
    *body_length = body;
    return length > 12 ? atoi(answer + 9) : -1;
}
