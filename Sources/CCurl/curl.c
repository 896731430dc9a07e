#include "CCurl.h"

// Without the macros that check arguments: the functions here are reached through pointers.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// GnuTLS's first: libmicrohttpd has loaded that library already.
static const char *const names[] = {"libcurl-gnutls.so.4", "libcurl.so.4"};

#define FUNCTIONS(use)                                                                                               \
    use(curl_global_init) use(curl_easy_init) use(curl_easy_cleanup) use(curl_easy_setopt) use(curl_easy_getinfo)    \
    use(curl_easy_strerror) use(curl_slist_append) use(curl_slist_free_all) use(curl_multi_init)                     \
    use(curl_multi_cleanup) use(curl_multi_add_handle) use(curl_multi_remove_handle) use(curl_multi_perform)         \
    use(curl_multi_poll) use(curl_multi_info_read) use(curl_multi_strerror)

#define DECLARE(name) __typeof__(name) *name;
static struct {
    void *library;
    FUNCTIONS(DECLARE)
} lib;

static bool load(char *message)
{
    if (lib.library)
        return true;
    void *library = NULL;
    for (size_t index = 0; library == NULL && index < sizeof names / sizeof names[0]; index++)
        library = dlopen(names[index], RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        snprintf(message, CCURL_MESSAGE_SIZE, "libcurl is not installed: %s", dlerror());
        return false;
    }
#define FIND(name)                                                                                                   \
    lib.name = (__typeof__(lib.name))dlsym(library, #name);                                                          \
    if (lib.name == NULL) {                                                                                          \
        snprintf(message, CCURL_MESSAGE_SIZE, "the installed libcurl is too old, it has no %s", #name);              \
        return false;                                                                                                \
    }
    FUNCTIONS(FIND)
    if (lib.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        snprintf(message, CCURL_MESSAGE_SIZE, "libcurl cannot begin");
        return false;
    }
    lib.library = library;
    return true;
}

struct receipt {
    CURL *easy;
    ccurl_sink sink;
    void *context;
    bool enough;
};

static size_t receive(char *octets, size_t size, size_t count, void *context)
{
    struct receipt *receipt = context;
    long status = 0;
    char *type = NULL;
    lib.curl_easy_getinfo(receipt->easy, CURLINFO_RESPONSE_CODE, &status);
    lib.curl_easy_getinfo(receipt->easy, CURLINFO_CONTENT_TYPE, &type);
    if (receipt->sink(receipt->context, status, type, (const unsigned char *)octets, size * count))
        return size * count;
    receipt->enough = true;
    return CURL_WRITEFUNC_ERROR;
}

static enum ccurl_end end_of(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return CCURL_ANSWERED;
    case CURLE_OPERATION_TIMEDOUT:
        return CCURL_LATE;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return CCURL_UNREACHABLE;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_WEIRD_SERVER_REPLY:
        return CCURL_BROKEN;
    default:
        return CCURL_UNUSABLE;
    }
}

/// Runs what has been prepared to its end, or until it is interrupted.
static enum ccurl_end run(CURLM *multi, int interruption, CURLcode *code, char *message)
{
    struct curl_waitfd wake = {.fd = interruption, .events = CURL_WAIT_POLLIN, .revents = 0};
    for (;;) {
        int running = 0;
        CURLMcode failure = lib.curl_multi_perform(multi, &running);
        if (failure == CURLM_OK && running == 0) {
            int left = 0;
            CURLMsg *ended = lib.curl_multi_info_read(multi, &left);
            *code = ended ? ended->data.result : CURLE_GOT_NOTHING;
            return end_of(*code);
        }
        if (failure == CURLM_OK)
            failure = lib.curl_multi_poll(multi, &wake, interruption < 0 ? 0 : 1, 60000, NULL);
        if (failure != CURLM_OK) {
            snprintf(message, CCURL_MESSAGE_SIZE, "%s", lib.curl_multi_strerror(failure));
            return CCURL_UNUSABLE;
        }
        if (wake.revents & CURL_WAIT_POLLIN)
            return CCURL_INTERRUPTED;
    }
}

static bool prepare(CURL *easy, const struct ccurl_request *request, struct curl_slist *fields)
{
    bool is_fine = true;
#define SET(option, value) is_fine = lib.curl_easy_setopt(easy, option, value) == CURLE_OK && is_fine
    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_CUSTOMREQUEST, request->method);
    SET(CURLOPT_HTTPHEADER, fields);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    // Whatever proxy is set for the world outside does not know the way to this host, or to a bench.
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_CONNECTTIMEOUT_MS, request->connect_milliseconds);
    SET(CURLOPT_TIMEOUT_MS, request->total_milliseconds);
    if (request->has_body) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        SET(CURLOPT_POSTFIELDS, request->body ? request->body : "");
    }
    if (request->unix_socket[0])
        SET(CURLOPT_UNIX_SOCKET_PATH, request->unix_socket);
    if (request->authorities[0]) {
        SET(CURLOPT_CAINFO, request->authorities);
        SET(CURLOPT_CAPATH, NULL);
    }
    return is_fine;
}

/// Header fields as libcurl takes them.
static struct curl_slist *list(const char *lines, bool *is_fine)
{
    struct curl_slist *fields = NULL;
    char *copy = strdup(lines);
    char *rest = copy;
    for (char *line = copy ? strsep(&rest, "\n") : NULL; line != NULL; line = strsep(&rest, "\n")) {
        struct curl_slist *longer = lib.curl_slist_append(fields, line);
        *is_fine = longer != NULL && *is_fine;
        if (longer)
            fields = longer;
    }
    *is_fine = copy != NULL && *is_fine;
    free(copy);
    return fields;
}

enum ccurl_end ccurl_perform(
    const struct ccurl_request *request, ccurl_sink sink, void *context, long *status, char *message)
{
    *status = 0;
    memset(message, 0, CCURL_MESSAGE_SIZE);
    if (!load(message))
        return CCURL_MISSING;
    char detail[CURL_ERROR_SIZE] = "";
    bool is_fine = true;
    struct curl_slist *fields = list(request->fields, &is_fine);
    CURL *easy = lib.curl_easy_init();
    CURLM *multi = lib.curl_multi_init();
    struct receipt receipt = {.easy = easy, .sink = sink, .context = context, .enough = false};
    enum ccurl_end end = CCURL_UNUSABLE;
    CURLcode code = CURLE_OK;
    is_fine = is_fine && easy && multi && prepare(easy, request, fields)
        && lib.curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, detail) == CURLE_OK
        && lib.curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK
        && lib.curl_easy_setopt(easy, CURLOPT_WRITEDATA, &receipt) == CURLE_OK
        && lib.curl_multi_add_handle(multi, easy) == CURLM_OK;
    if (is_fine) {
        end = run(multi, request->interruption, &code, message);
        lib.curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, status);
        if (receipt.enough)
            end = CCURL_ENOUGH;
        if (message[0] == 0)
            snprintf(message, CCURL_MESSAGE_SIZE, "%s", detail[0] ? detail : lib.curl_easy_strerror(code));
        lib.curl_multi_remove_handle(multi, easy);
    } else {
        snprintf(message, CCURL_MESSAGE_SIZE, "libcurl does not take this request");
    }
    if (easy)
        lib.curl_easy_cleanup(easy);
    if (multi)
        lib.curl_multi_cleanup(multi);
    lib.curl_slist_free_all(fields);
    return end;
}
