#include "CFloor.h"

#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static clockid_t measure = CLOCK_MONOTONIC;

void cfloor_count_processor_time(void)
{
    measure = CLOCK_THREAD_CPUTIME_ID;
}

static int64_t time_by(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t cfloor_time(void)
{
    return time_by(measure);
}

int64_t cfloor_processor_time(void)
{
    return time_by(CLOCK_THREAD_CPUTIME_ID);
}

static int raise_loopback(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    struct ifreq request;
    memset(&request, 0, sizeof request);
    memcpy(request.ifr_name, "lo", 3);
    int status = ioctl(fd, SIOCGIFFLAGS, &request);
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    if (status == 0)
        status = ioctl(fd, SIOCSIFFLAGS, &request);
    (void)close(fd);
    return status;
}

int cfloor_enter_namespace(void)
{
    return unshare(CLONE_NEWNET) != 0 ? -1 : raise_loopback();
}

int cfloor_pin(int core)
{
    cpu_set_t cores;
    CPU_ZERO(&cores);
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (core < 0 || i == core)
            CPU_SET(i, &cores);
    }
    return sched_setaffinity(0, sizeof cores, &cores);
}

int cfloor_core_count(void)
{
    return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

int64_t cfloor_sent_by(const char *interface)
{
    FILE *table = fopen("/proc/self/net/dev", "re");
    if (table == NULL)
        return -1;
    char line[512];
    size_t length = strlen(interface);
    long long sent = -1;
    while (sent < 0 && fgets(line, sizeof line, table) != NULL) {
        const char *name = line + strspn(line, " ");
        if (strncmp(name, interface, length) != 0 || name[length] != ':')
            continue;
        if (sscanf(name + length + 1, "%*s %*s %*s %*s %*s %*s %*s %*s %*s %lld", &sent) != 1)
            break;
    }
    (void)fclose(table);
    return sent;
}
