#include "datagram.h"

#include <linux/filter.h>
#include <unistd.h>

/// Lets segments to one port pass.
static int hear(int fd, uint16_t port)
{
    struct sock_filter program[] = {
        BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0x40000),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog attached = {.len = sizeof program / sizeof program[0], .filter = program};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached);
}

static int deafen(int fd)
{
    struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog attached = {.len = 1, .filter = &drop};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached);
}

int cfloor_open(int port, int flags)
{
    int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | flags, IPPROTO_TCP);
    if (fd < 0)
        return -1;
    int one = 1;
    if ((port < 0 ? deafen(fd) : hear(fd, (uint16_t)port)) != 0
        || setsockopt(fd, IPPROTO_IP, IP_HDRINCL, &one, sizeof one) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}
