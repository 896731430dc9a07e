#ifndef CMICROHTTPD_UNIX_SOCKET_H
#define CMICROHTTPD_UNIX_SOCKET_H

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// Unix sockets by path, whose address is a structure that Swift cannot fill in, and who is behind them, which glibc
// tells with _GNU_SOURCE only.

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

/// How many octets a path may have.
#define CMICROHTTPD_PATH_LIMIT 107

static inline socklen_t cmicrohttpd_fill_path(struct sockaddr_un *_Nonnull address, const char *_Nonnull path)
{
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    strncpy(address->sun_path, path, sizeof address->sun_path - 1);
    return sizeof *address;
}

/// A Unix socket. -1: errno says why.
static inline int cmicrohttpd_unix_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/// Connects to a path. Returns 0 or the errno value.
static inline int cmicrohttpd_connect_path(int descriptor, const char *_Nonnull path)
{
    struct sockaddr_un address;
    socklen_t length = cmicrohttpd_fill_path(&address, path);
    return connect(descriptor, (struct sockaddr *)&address, length) == 0 ? 0 : errno;
}

/// Makes a socket's file. Returns 0, or -1 and errno says why.
static inline int cmicrohttpd_bind_path(int descriptor, const char *_Nonnull path)
{
    struct sockaddr_un address;
    socklen_t length = cmicrohttpd_fill_path(&address, path);
    return bind(descriptor, (struct sockaddr *)&address, length);
}

/// Who connected to a Unix socket: user and group. Returns 0, or -1.
static inline int cmicrohttpd_peer(int descriptor, uint32_t *_Nonnull user, uint32_t *_Nonnull group)
{
    // `struct ucred`.
    struct { int32_t process; uint32_t user, group; } peer;
    socklen_t length = sizeof peer;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || length != sizeof peer)
        return -1;
    *user = peer.user;
    *group = peer.group;
    return 0;
}

/// The further groups of who connected to a Unix socket. Returns how many, or -1 and ERANGE when there are more.
static inline int cmicrohttpd_peer_groups(int descriptor, uint32_t *_Nonnull groups, uint32_t count)
{
    socklen_t length = count * (socklen_t)sizeof *groups;
    if (getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, groups, &length) != 0)
        return -1;
    return (int)(length / sizeof *groups);
}

#endif
