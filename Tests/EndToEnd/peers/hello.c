/* A raw TCP program in its simplest form, as an independent peer of segmentd, with a checksum that is wrong in an
 * old and widespread way: over the addresses of another network, and over 13 octets of payload while 1,004 are sent.
 *
 *   hello server ADDRESS COUNT     plays port 50000 and answers whatever arrives with "Hello client"
 *   hello client ADDRESS COUNT     plays port 50001, says "Hello server", and again at each event, edge-triggered
 *
 * Prints "Received : TEXT" for each segment to its port, and ends after COUNT of them. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER_PORT = 50000, CLIENT_PORT = 50001, SEGMENT_OCTETS = 1024 };

static void check(int result, const char *what)
{
    if (result < 0) {
        perror(what);
        exit(EXIT_FAILURE);
    }
}

static uint32_t add_words(uint32_t sum, const uint8_t *octets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sum += i % 2 ? octets[i] : (uint32_t)octets[i] << 8;
    return sum;
}

static uint16_t old_checksum(const uint8_t *segment, size_t count, const char *source, const char *destination)
{
    uint8_t pseudo[12] = {[9] = IPPROTO_TCP, [10] = (uint8_t)(count >> 8), [11] = (uint8_t)count};
    check(inet_pton(AF_INET, source, pseudo) - 1, source);
    check(inet_pton(AF_INET, destination, pseudo + 4) - 1, destination);
    uint32_t sum = add_words(add_words(0, pseudo, sizeof pseudo), segment, count);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return htons((uint16_t)~sum);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s server|client ADDRESS COUNT\n", argv[0]);
        return EXIT_FAILURE;
    }
    int is_server = strcmp(argv[1], "server") == 0;
    long left = strtol(argv[3], NULL, 10);
    uint16_t own = is_server ? SERVER_PORT : CLIENT_PORT;
    const char *text = is_server ? "Hello client" : "Hello server";
    setvbuf(stdout, NULL, _IOLBF, 0);

    int raw = socket(AF_INET, SOCK_RAW, IPPROTO_TCP);
    check(raw, "socket");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = own};
    check(inet_pton(AF_INET, argv[2], &address.sin_addr) - 1, "inet_pton");
    check(bind(raw, (struct sockaddr *)&address, sizeof address), "bind");
    check(connect(raw, (struct sockaddr *)&address, sizeof address), "connect");

    _Alignas(struct tcphdr) uint8_t segment[SEGMENT_OCTETS] = {0};
    struct tcphdr *header = (struct tcphdr *)segment;
    header->source = htons(own);
    header->dest = htons(is_server ? CLIENT_PORT : SERVER_PORT);
    header->doff = 5;
    header->syn = 1;
    header->window = htons(200);
    memcpy(segment + sizeof *header, text, strlen(text));
    header->check = old_checksum(segment, sizeof *header + strlen(text) + 1,
                                 is_server ? "192.168.1.11" : "192.168.1.14",
                                 is_server ? "192.168.1.14" : "192.168.1.11");

    int epoll = epoll_create1(0);
    check(epoll, "epoll_create1");
    struct epoll_event interest = {.events = is_server ? EPOLLIN : EPOLLIN | EPOLLET, .data.fd = raw};
    check(epoll_ctl(epoll, EPOLL_CTL_ADD, raw, &interest), "epoll_ctl");

    if (!is_server)
        check((int)write(raw, segment, sizeof segment), "write");
    while (left > 0) {
        struct epoll_event event;
        int ready = epoll_wait(epoll, &event, 1, -1);
        if (ready < 0 && errno == EINTR)
            continue;
        check(ready, "epoll_wait");

        _Alignas(struct ip) uint8_t datagram[65536];
        ssize_t count = read(raw, datagram, sizeof datagram - 1);
        check((int)count, "read");
        datagram[count] = 0;
        size_t offset = (size_t)((struct ip *)datagram)->ip_hl * 4;
        if ((size_t)count >= offset + sizeof *header) {
            struct tcphdr received;
            memcpy(&received, datagram + offset, sizeof received);
            if (ntohs(received.dest) == own) {
                printf("Received : %s\n", (char *)datagram + offset + sizeof received);
                left--;
            }
        }
        check((int)write(raw, segment, sizeof segment), "write");
    }
    return EXIT_SUCCESS;
}
