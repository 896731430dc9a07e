#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unix_socket.h"

// libmicrohttpd starts and reports through variadic functions, which Swift does
// not import. These wrappers fix the argument lists to what we use.

/// Leaves an escaped string as it is, so that `%2F` and `%00` reach us as sent.
static inline size_t cmicrohttpd_keep_escapes(
    void *_Nullable context, struct MHD_Connection *_Nullable connection, char *_Nonnull text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/// Listens on an IPv4 address and port, both in network byte order, and stores
/// the socket. Returns 0 or the errno value of what failed.
static inline int cmicrohttpd_listen(uint32_t address_be, uint16_t port_be, int backlog, int *_Nonnull descriptor)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = address_be;
    address.sin_port = port_be;

    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    int one = 1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, backlog) != 0) {
        int code = errno;
        close(fd);
        return code;
    }
    *descriptor = fd;
    return 0;
}

/// The local address of a socket, in network byte order. Zeros: not known.
static inline struct sockaddr_in cmicrohttpd_local_address(int descriptor)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    if (getsockname(descriptor, (struct sockaddr *)&address, &length) != 0 || address.sin_family != AF_INET)
        memset(&address, 0, sizeof address);
    return address;
}

/// The remote address of a socket, in network byte order. Zeros: not known.
static inline struct sockaddr_in cmicrohttpd_peer_address(int descriptor)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    memset(&address, 0, sizeof address);
    if (getpeername(descriptor, (struct sockaddr *)&address, &length) != 0 || address.sin_family != AF_INET)
        memset(&address, 0, sizeof address);
    return address;
}

/// What a daemon calls, always on its own thread, and with which context.
struct cmicrohttpd_callbacks {
    void *_Nullable context;
    void *_Nullable (*_Nonnull target_received)(
        void *_Nullable context, const char *_Nonnull target, struct MHD_Connection *_Nonnull connection);
    MHD_AccessHandlerCallback _Nonnull request_received;
    MHD_RequestCompletedCallback _Nonnull request_completed;
    /// The context of the others, which tells one listening socket from another.
    void *_Nullable entrance;
    MHD_NotifyConnectionCallback _Nonnull connection_changed;
    /// Something went wrong; told as a format for `printf` and what it formats.
    void (*_Nonnull trouble_told)(void *_Nullable context, const char *_Nullable format, va_list arguments);
};

/// Starts a daemon that serves every connection of a listening socket on one
/// thread of its own, which takes no signals; by TLS if there is a certificate
/// with its key, both PEM. NULL: it would not, and errno says why.
static inline struct MHD_Daemon *_Nullable cmicrohttpd_start(
    int listen_descriptor, unsigned int connection_limit, size_t connection_memory,
    unsigned int idle_timeout_seconds, struct cmicrohttpd_callbacks callbacks,
    const uint8_t *_Nullable certificate, const uint8_t *_Nullable key)
{
    struct MHD_OptionItem encryption[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)key},
        // TLS 1.2 and 1.3, with what is thought to be safe.
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
        {MHD_OPTION_END, 0, NULL},
    };
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    int is_encrypted = certificate != NULL && key != NULL;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
            (is_encrypted ? MHD_USE_TLS : 0),
        0,
        NULL, NULL, callbacks.request_received, callbacks.context,
        MHD_OPTION_EXTERNAL_LOGGER, callbacks.trouble_told, callbacks.entrance,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)listen_descriptor,
        MHD_OPTION_STRICT_FOR_CLIENT, 0,
        MHD_OPTION_UNESCAPE_CALLBACK, cmicrohttpd_keep_escapes, NULL,
        MHD_OPTION_URI_LOG_CALLBACK, callbacks.target_received, callbacks.context,
        MHD_OPTION_NOTIFY_COMPLETED, callbacks.request_completed, callbacks.context,
        MHD_OPTION_NOTIFY_CONNECTION, callbacks.connection_changed, callbacks.entrance,
        MHD_OPTION_CONNECTION_LIMIT, connection_limit,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory,
        MHD_OPTION_CONNECTION_TIMEOUT, idle_timeout_seconds,
        MHD_OPTION_ARRAY, is_encrypted ? encryption : none,
        MHD_OPTION_END);
    int code = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = code;
    return daemon;
}

/// The socket of a connection. -1: not known.
static inline int cmicrohttpd_descriptor(struct MHD_Connection *_Nonnull connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : info->connect_fd;
}

/// The TLS session of a connection. NULL: it has none.
static inline void *_Nullable cmicrohttpd_session(struct MHD_Connection *_Nonnull connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info == NULL ? NULL : info->tls_session;
}

/// What the notice of a new connection stored for it.
static inline void *_Nullable cmicrohttpd_connection_context(struct MHD_Connection *_Nonnull connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == NULL ? NULL : info->socket_context;
}

/// Whether nothing but one space lies between method and target and between
/// target and version. All lie in the connection's buffer; the target is as
/// long as it was when it came, before its query was taken apart.
static inline int cmicrohttpd_is_line_whole(
    const char *_Nonnull method, const char *_Nonnull target, size_t target_length, const char *_Nonnull version)
{
    return (uintptr_t)target == (uintptr_t)method + strlen(method) + 1 &&
        (uintptr_t)version == (uintptr_t)target + target_length + 1;
}

/// How many octets the head of a request had, from its method to the empty line. 0: it is not whole yet.
static inline size_t cmicrohttpd_head_size(struct MHD_Connection *_Nonnull connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info == NULL ? 0 : info->header_size;
}

/// Whether an answer has been given to libmicrohttpd, or it has made one itself.
static inline int cmicrohttpd_is_answered(struct MHD_Connection *_Nonnull connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_HTTP_STATUS) != NULL;
}

/// Whether a message is the one with which libmicrohttpd announces that it refuses a request by itself.
static inline int cmicrohttpd_is_refusal(const char *_Nullable format)
{
    static const char beginning[] = "Error processing request";
    return format != NULL && strncmp(format, beginning, sizeof beginning - 1) == 0;
}

/// Sets how long nothing may happen on a connection. 0: for ever.
static inline void cmicrohttpd_set_idle_timeout(struct MHD_Connection *_Nonnull connection, unsigned int seconds)
{
    MHD_set_connection_option(connection, MHD_CONNECTION_OPTION_TIMEOUT, seconds);
}

/// Whether the peer of a socket has let us know that it takes nothing any more, for example by a reset.
static inline int cmicrohttpd_is_gone(int descriptor)
{
    struct pollfd asked = {.fd = descriptor, .events = 0, .revents = 0};
    return poll(&asked, 1, 0) == 1 && (asked.revents & (POLLHUP | POLLERR)) != 0;
}

/// Adds a header field whose name and value are NUL-terminated constants.
static inline void cmicrohttpd_add_constant(
    struct MHD_Response *_Nonnull response, const uint8_t *_Nonnull name, const uint8_t *_Nonnull value)
{
    MHD_add_response_header(response, (const char *)name, (const char *)value);
}

/// Names the calling thread.
static inline void cmicrohttpd_name_thread(const uint8_t *_Nonnull name)
{
    prctl(PR_SET_NAME, name, 0, 0, 0);
}

/// A descriptor that one thread waits on and others ring. -1: errno says why.
static inline int cmicrohttpd_bell_open(void)
{
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static inline void cmicrohttpd_bell_ring(int bell)
{
    eventfd_write(bell, 1);
}

/// Waits until the bell has been rung since the last wait, or the time is over; -1 waits for ever.
static inline void cmicrohttpd_bell_wait(int bell, int timeout_milliseconds)
{
    struct pollfd waiting = {.fd = bell, .events = POLLIN, .revents = 0};
    eventfd_t count;
    if (poll(&waiting, 1, timeout_milliseconds) == 1)
        eventfd_read(bell, &count);
}

#endif
