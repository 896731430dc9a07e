#include "CPcap.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

// Debian's name, and everybody else's.
static const char *const names[] = {"libpcap.so.0.8", "libpcap.so.1"};

#define FUNCTIONS(use)                                                                                               \
    use(pcap_open_dead) use(pcap_close) use(pcap_compile) use(pcap_geterr) use(pcap_freecode) use(pcap_offline_filter)

#define DECLARE(name) __typeof__(name) *name;
static struct {
    void *library;
    FUNCTIONS(DECLARE)
    char message[CPCAP_MESSAGE_SIZE];
} lib;

static void load(void)
{
    void *library = NULL;
    for (size_t index = 0; library == NULL && index < sizeof names / sizeof names[0]; index++)
        library = dlopen(names[index], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        snprintf(lib.message, sizeof lib.message, "filters need libpcap, which is not installed: %s", dlerror());
        return;
    }
#define FIND(name)                                                                                                   \
    lib.name = (__typeof__(lib.name))dlsym(library, #name);                                                          \
    if (lib.name == NULL) {                                                                                          \
        snprintf(lib.message, sizeof lib.message, "the installed libpcap has no %s", #name);                         \
        return;                                                                                                      \
    }
    FUNCTIONS(FIND)
    lib.library = library;
}

enum cpcap_end cpcap_compile(
    const char *expression, int link_type, int sight, struct bpf_program *program, char *message)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    if (lib.library == NULL) {
        snprintf(message, CPCAP_MESSAGE_SIZE, "%s", lib.message);
        return CPCAP_UNAVAILABLE;
    }
    pcap_t *handle = lib.pcap_open_dead(link_type, sight);
    if (handle == NULL) {
        snprintf(message, CPCAP_MESSAGE_SIZE, "there is no memory left");
        return CPCAP_UNAVAILABLE;
    }
    enum cpcap_end end = CPCAP_COMPILED;
    if (lib.pcap_compile(handle, program, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        snprintf(message, CPCAP_MESSAGE_SIZE, "%s", lib.pcap_geterr(handle));
        end = CPCAP_REFUSED;
    }
    lib.pcap_close(handle);
    return end;
}

void cpcap_free(struct bpf_program *program)
{
    lib.pcap_freecode(program);
}

bool cpcap_admits(
    const struct bpf_insn *instructions, unsigned int count, const unsigned char *octets, unsigned int length)
{
    // libpcap's declaration cannot say that the program is only read.
    struct bpf_program program = {.bf_len = count, .bf_insns = (struct bpf_insn *)instructions};
    struct pcap_pkthdr header = {.caplen = length, .len = length};
    // It reads nothing of an empty datagram, but has to be given some address.
    static const unsigned char nothing;
    return lib.pcap_offline_filter(&program, &header, octets ? octets : &nothing) != 0;
}
