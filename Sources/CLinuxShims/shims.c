#include "CLinuxShims.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/errqueue.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <linux/tcp.h>
#include <locale.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

// Slots start this much further apart than they are long, or all of them would share a few lines of the cache.
enum { SLOT_GAP = 192 };
// Where the destination is in an IPv4 header.
enum { DESTINATION_OFFSET = 16 };

enum { MAX_REPORTS = 64, CONTROL_OCTETS = 64, MEMINFO_VARIABLES = 9, MEMINFO_DROPS = 8 };

static struct sockaddr_in ipv4(uint32_t address_be, uint16_t port_be)
{
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = address_be;
    address.sin_port = port_be;
    return address;
}

int clinux_epoll_ctl(int epoll_fd, int operation, int fd, uint32_t events, uint64_t token)
{
    struct epoll_event event;
    memset(&event, 0, sizeof event);
    event.events = events;
    event.data.u64 = token;
    return epoll_ctl(epoll_fd, operation, fd, &event);
}

int clinux_epoll_wait(int epoll_fd, struct clinux_ready *ready, int capacity, int timeout_ms)
{
    struct epoll_event events[MAX_REPORTS];
    int count = epoll_wait(epoll_fd, events, capacity < MAX_REPORTS ? capacity : MAX_REPORTS, timeout_ms);
    for (int i = 0; i < count; i++) {
        ready[i].events = events[i].events;
        ready[i].token = events[i].data.u64;
    }
    return count;
}

int clinux_arm_timer(int fd, uint64_t deadline_ns)
{
    struct itimerspec when;
    memset(&when, 0, sizeof when);
    when.it_value.tv_sec = (time_t)(deadline_ns / 1000000000u);
    when.it_value.tv_nsec = (long)(deadline_ns % 1000000000u);
    return timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL);
}

void clinux_name_this_thread(const char *name)
{
    (void)pthread_setname_np(pthread_self(), name);
}

const char *clinux_errno_name(int code)
{
    return strerrorname_np(code);
}

int64_t clinux_clock_ns(int clock)
{
    struct timespec now;
    (void)clock_gettime((clockid_t)clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int clinux_get_capabilities(struct clinux_capabilities *capabilities)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2] = {{0}};
    if (syscall(SYS_capget, &header, data) != 0)
        return -1;
    capabilities->effective = (uint64_t)data[1].effective << 32 | data[0].effective;
    capabilities->permitted = (uint64_t)data[1].permitted << 32 | data[0].permitted;
    return 0;
}

int clinux_set_capabilities(uint64_t capabilities)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[2] = {{0}};
    for (int half = 0; half < 2; half++) {
        data[half].effective = (uint32_t)(capabilities >> (32 * half));
        data[half].permitted = data[half].effective;
    }
    return (int)syscall(SYS_capset, &header, data);
}

void clinux_bound_capabilities(uint64_t capabilities)
{
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L);
    for (unsigned long capability = 0; capability < 64; capability++)
        if ((capabilities >> capability & 1) == 0)
            (void)prctl(PR_CAPBSET_DROP, capability, 0L, 0L, 0L);
}

int clinux_set_no_new_privileges(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
}

static int identify(int status, const struct stat *file, struct clinux_file_identity *identity)
{
    if (status != 0)
        return -1;
    identity->device = file->st_dev;
    identity->inode = file->st_ino;
    return 0;
}

int clinux_identify_file(int fd, struct clinux_file_identity *identity)
{
    struct stat file;
    return identify(fstat(fd, &file), &file, identity);
}

int clinux_identify_path(const char *path, struct clinux_file_identity *identity)
{
    struct stat file;
    return identify(stat(path, &file), &file, identity);
}

int clinux_enter_network_namespace(int fd)
{
    return setns(fd, CLONE_NEWNET);
}

int clinux_open_directory_watch(void)
{
    return inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
}

int clinux_watch_directory(int fd, const char *path)
{
    return inotify_add_watch(
        fd, path, IN_ONLYDIR | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF);
}

int clinux_open_raw_tcp_socket(int domain)
{
    return socket(domain, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
}

int clinux_open_raw_sender(int domain)
{
    return socket(domain, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_RAW);
}

int clinux_open_tcp_socket(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
}

int clinux_bind_ipv4(int fd, uint32_t address_be, uint16_t port_be)
{
    struct sockaddr_in address = ipv4(address_be, port_be);
    return bind(fd, (struct sockaddr *)&address, sizeof address);
}

int clinux_connect_ipv4(int fd, uint32_t address_be, uint16_t port_be)
{
    struct sockaddr_in address = ipv4(address_be, port_be);
    return connect(fd, (struct sockaddr *)&address, sizeof address);
}

int clinux_bound_port_be(int fd)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return -1;
    return address.sin_port;
}

int clinux_set_option(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof value);
}

int clinux_get_option(int fd, int level, int name, int *value)
{
    socklen_t length = sizeof *value;
    return getsockopt(fd, level, name, value, &length);
}

int clinux_attach_filter(int fd, const struct sock_filter *program, uint16_t length)
{
    struct sock_fprog attached = {.len = length, .filter = (struct sock_filter *)program};
    return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &attached, sizeof attached);
}

int clinux_socket_drops(int fd, uint32_t *drops)
{
    uint32_t information[MEMINFO_VARIABLES] = {0};
    socklen_t length = sizeof information;
    if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, information, &length) != 0)
        return -1;
    *drops = information[MEMINFO_DROPS];
    return 0;
}

int clinux_require_md5_from_everybody(int fd)
{
    struct tcp_md5sig signature;
    memset(&signature, 0, sizeof signature);
    struct sockaddr_in everybody = ipv4(0, 0);
    memcpy(&signature.tcpm_addr, &everybody, sizeof everybody);
    signature.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX;
    signature.tcpm_prefixlen = 0;
    signature.tcpm_keylen = TCP_MD5SIG_MAXKEYLEN;
    if (getrandom(signature.tcpm_key, sizeof signature.tcpm_key, 0) != (ssize_t)sizeof signature.tcpm_key)
        return -1;
    int status = setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &signature, sizeof signature);
    explicit_bzero(&signature, sizeof signature);
    return status;
}

static int open_netlink_socket(int protocol, uint32_t groups)
{
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    if (fd < 0)
        return -1;
    struct sockaddr_nl address;
    memset(&address, 0, sizeof address);
    address.nl_family = AF_NETLINK;
    address.nl_groups = groups;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int code = errno;
    (void)close(fd);
    errno = code;
    return -1;
}

int clinux_open_netfilter_socket(void)
{
    return open_netlink_socket(NETLINK_NETFILTER, 0);
}

int clinux_open_address_watch(void)
{
    return open_netlink_socket(NETLINK_ROUTE, RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE);
}

int clinux_open_packet_socket(void)
{
    return socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

int clinux_bind_packet_socket(int fd)
{
    struct sockaddr_ll address;
    memset(&address, 0, sizeof address);
    address.sll_family = AF_PACKET;
    // Only taps on all protocols are shown what leaves the host.
    address.sll_protocol = htons(ETH_P_ALL);
    return bind(fd, (struct sockaddr *)&address, sizeof address);
}

int clinux_packet_socket_drops(int fd, uint32_t *drops)
{
    struct tpacket_stats statistics = {0};
    socklen_t length = sizeof statistics;
    if (getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) != 0)
        return -1;
    *drops = statistics.tp_drops;
    return 0;
}

struct clinux_receive_batch {
    unsigned int slots;
    size_t slot_size;
    uint8_t *octets;
    uint8_t *controls;
    struct mmsghdr *headers;
    struct iovec *vectors;
    struct clinux_received *datagrams;
};

struct clinux_receive_batch *clinux_receive_batch_create(unsigned int slots, size_t slot_size)
{
    struct clinux_receive_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL)
        return NULL;
    batch->slots = slots;
    batch->slot_size = slot_size;
    batch->octets = malloc(slots * (slot_size + SLOT_GAP));
    batch->controls = calloc(slots, CONTROL_OCTETS);
    batch->headers = calloc(slots, sizeof *batch->headers);
    batch->vectors = calloc(slots, sizeof *batch->vectors);
    batch->datagrams = calloc(slots, sizeof *batch->datagrams);
    if (batch->octets == NULL || batch->controls == NULL || batch->headers == NULL || batch->vectors == NULL
        || batch->datagrams == NULL) {
        clinux_receive_batch_destroy(batch);
        return NULL;
    }
    for (unsigned int i = 0; i < slots; i++) {
        batch->datagrams[i].octets = batch->octets + i * (slot_size + SLOT_GAP);
        batch->vectors[i].iov_base = batch->octets + i * (slot_size + SLOT_GAP);
        batch->vectors[i].iov_len = slot_size;
        batch->headers[i].msg_hdr.msg_iov = &batch->vectors[i];
        batch->headers[i].msg_hdr.msg_iovlen = 1;
        batch->headers[i].msg_hdr.msg_control = batch->controls + (size_t)i * CONTROL_OCTETS;
        batch->headers[i].msg_hdr.msg_controllen = CONTROL_OCTETS;
    }
    return batch;
}

void clinux_receive_batch_destroy(struct clinux_receive_batch *batch)
{
    free(batch->datagrams);
    free(batch->vectors);
    free(batch->headers);
    free(batch->controls);
    free(batch->octets);
    free(batch);
}

const struct clinux_received *clinux_receive_batch_datagrams(const struct clinux_receive_batch *batch)
{
    return batch->datagrams;
}

static void read_control(struct msghdr *header, int64_t *timestamp_ns, uint32_t *drops)
{
    *timestamp_ns = 0;
    *drops = 0;
    for (struct cmsghdr *item = CMSG_FIRSTHDR(header); item != NULL; item = CMSG_NXTHDR(header, item)) {
        if (item->cmsg_level != SOL_SOCKET)
            continue;
        if (item->cmsg_type == SO_TIMESTAMPNS) {
            struct timespec stamp;
            memcpy(&stamp, CMSG_DATA(item), sizeof stamp);
            *timestamp_ns = (int64_t)stamp.tv_sec * 1000000000 + stamp.tv_nsec;
        } else if (item->cmsg_type == SO_RXQ_OVFL) {
            memcpy(drops, CMSG_DATA(item), sizeof *drops);
        }
    }
}

int clinux_receive_batch_fill(struct clinux_receive_batch *batch, int fd, unsigned int limit)
{
    // MSG_TRUNC makes the length of a datagram that did not fit its full one.
    int count = recvmmsg(fd, batch->headers, limit < batch->slots ? limit : batch->slots, MSG_DONTWAIT | MSG_TRUNC, NULL);
    for (int i = 0; i < count; i++) {
        struct mmsghdr *header = &batch->headers[i];
        struct clinux_received *datagram = &batch->datagrams[i];
        datagram->full_length = header->msg_len;
        datagram->length = header->msg_len < batch->slot_size ? header->msg_len : (uint32_t)batch->slot_size;
        read_control(&header->msg_hdr, &datagram->timestamp_ns, &datagram->drops);
        header->msg_hdr.msg_controllen = CONTROL_OCTETS;
    }
    return count;
}

struct clinux_send_batch {
    uint8_t *octets;
    struct mmsghdr *headers;
    struct iovec *vectors;
    struct sockaddr_in *destinations;
    /// How many slots were ever used; the others are not touched, so that they take no memory.
    unsigned int prepared;
};

struct clinux_send_batch *clinux_send_batch_create(unsigned int slots, size_t capacity)
{
    struct clinux_send_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL)
        return NULL;
    batch->octets = malloc(capacity);
    batch->headers = malloc(slots * sizeof *batch->headers);
    batch->vectors = malloc(slots * sizeof *batch->vectors);
    batch->destinations = malloc(slots * sizeof *batch->destinations);
    if (batch->octets == NULL || batch->headers == NULL || batch->vectors == NULL || batch->destinations == NULL) {
        clinux_send_batch_destroy(batch);
        return NULL;
    }
    return batch;
}

/// Sets what stays as it is in every slot before `end`.
static void prepare_send_slots(struct clinux_send_batch *batch, unsigned int end)
{
    for (; batch->prepared < end; batch->prepared++) {
        unsigned int slot = batch->prepared;
        batch->destinations[slot] = (struct sockaddr_in){.sin_family = AF_INET};
        batch->headers[slot] = (struct mmsghdr){
            .msg_hdr = {
                .msg_name = &batch->destinations[slot],
                .msg_namelen = sizeof batch->destinations[slot],
                .msg_iov = &batch->vectors[slot],
                .msg_iovlen = 1,
            },
        };
    }
}

void clinux_send_batch_destroy(struct clinux_send_batch *batch)
{
    free(batch->destinations);
    free(batch->vectors);
    free(batch->headers);
    free(batch->octets);
    free(batch);
}

uint8_t *clinux_send_batch_octets(struct clinux_send_batch *batch)
{
    return batch->octets;
}

void clinux_send_batch_set(
    struct clinux_send_batch *batch, unsigned int slot, size_t offset, size_t length, uint32_t destination_be)
{
    prepare_send_slots(batch, slot + 1);
    batch->vectors[slot].iov_base = batch->octets + offset;
    batch->vectors[slot].iov_len = length;
    batch->destinations[slot].sin_addr.s_addr = destination_be;
}

void clinux_send_batch_set_each(
    struct clinux_send_batch *batch, unsigned int first, unsigned int count, size_t offset, size_t stride, size_t length)
{
    prepare_send_slots(batch, first + count);
    for (unsigned int slot = first; slot < first + count; slot++, offset += stride) {
        batch->vectors[slot].iov_base = batch->octets + offset;
        batch->vectors[slot].iov_len = length;
        memcpy(&batch->destinations[slot].sin_addr, batch->octets + offset + DESTINATION_OFFSET, sizeof(struct in_addr));
    }
}

const uint8_t *clinux_send_batch_datagram(const struct clinux_send_batch *batch, unsigned int slot, size_t *length)
{
    *length = batch->vectors[slot].iov_len;
    return batch->vectors[slot].iov_base;
}

void clinux_send_batch_move(struct clinux_send_batch *batch, unsigned int from, unsigned int to)
{
    batch->vectors[to] = batch->vectors[from];
    batch->destinations[to] = batch->destinations[from];
}

int clinux_send_batch_send(struct clinux_send_batch *batch, int fd, unsigned int first, unsigned int end)
{
    if (end - first != 1)
        return sendmmsg(fd, batch->headers + first, end - first, MSG_DONTWAIT | MSG_NOSIGNAL);
    // A single datagram leaves sooner without the headers.
    const struct iovec *vector = &batch->vectors[first];
    const struct sockaddr *destination = (const struct sockaddr *)&batch->destinations[first];
    ssize_t sent = sendto(
        fd, vector->iov_base, vector->iov_len, MSG_DONTWAIT | MSG_NOSIGNAL, destination, sizeof batch->destinations[first]);
    return sent < 0 ? -1 : 1;
}

int clinux_take_network_error(int fd, struct clinux_network_error *error)
{
    char control[512];
    struct sockaddr_in destination;
    struct iovec vector = {.iov_base = error->quoted, .iov_len = sizeof error->quoted};
    struct msghdr header = {
        .msg_name = &destination,
        .msg_namelen = sizeof destination,
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    memset(error, 0, sizeof *error);
    memset(&destination, 0, sizeof destination);
    ssize_t length = recvmsg(fd, &header, MSG_ERRQUEUE | MSG_DONTWAIT);
    if (length < 0)
        return errno == EAGAIN ? 0 : -1;
    error->quoted_length = (uint32_t)length;
    error->destination_be = destination.sin_addr.s_addr;
    uint32_t drops;
    read_control(&header, &error->timestamp_ns, &drops);
    for (struct cmsghdr *item = CMSG_FIRSTHDR(&header); item != NULL; item = CMSG_NXTHDR(&header, item)) {
        if (item->cmsg_level != IPPROTO_IP || item->cmsg_type != IP_RECVERR)
            continue;
        struct sock_extended_err reported;
        memcpy(&reported, CMSG_DATA(item), sizeof reported);
        error->code = (int)reported.ee_errno;
        error->origin = reported.ee_origin;
        error->icmp_type = reported.ee_type;
        error->icmp_code = reported.ee_code;
        error->information = reported.ee_info;
        struct sockaddr_in offender;
        if (item->cmsg_len >= CMSG_LEN(sizeof reported + sizeof offender)) {
            memcpy(&offender, CMSG_DATA(item) + sizeof reported, sizeof offender);
            if (offender.sin_family == AF_INET)
                error->offender_be = offender.sin_addr.s_addr;
        }
    }
    return 1;
}

int clinux_path_mtu(uint32_t destination_be)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int mtu = -1;
    socklen_t length = sizeof mtu;
    if (clinux_connect_ipv4(fd, destination_be, htons(9)) != 0
        || getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &length) != 0)
        mtu = -1;
    int code = errno;
    (void)close(fd);
    errno = code;
    return mtu;
}

int clinux_signal_descriptor(const int *signals, size_t count)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t index = 0; index < count; index++)
        sigaddset(&set, signals[index]);
    int code = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (code != 0) {
        errno = code;
        return -1;
    }
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int clinux_take_signal(int fd)
{
    struct signalfd_siginfo information;
    if (read(fd, &information, sizeof information) != (ssize_t)sizeof information)
        return 0;
    return (int)information.ssi_signo;
}

int clinux_terminal_columns(int fd)
{
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

// The C library knows characters beyond ASCII only in a locale that has them.
static locale_t unicode;
static pthread_once_t unicode_once = PTHREAD_ONCE_INIT;

static void make_unicode(void)
{
    unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

int clinux_character_columns(uint32_t scalar)
{
    (void)pthread_once(&unicode_once, make_unicode);
    if (unicode == (locale_t)0)
        return 1;
    locale_t before = uselocale(unicode);
    int columns = wcwidth((wchar_t)scalar);
    (void)uselocale(before);
    return columns < 0 ? 0 : columns;
}
