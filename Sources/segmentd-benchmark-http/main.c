// A bare libmicrohttpd program, which the benchmark compares the HTTP side with:
//     segmentd-benchmark-http PORT OCTETS [prepared]
// answers every request with so many octets, until its standard input ends.
//
// The daemon has the options of ours, and the answers the header fields of ours. As counters differ from one request
// to the next, each has a response of its own, though of octets that are there already; `prepared` takes one response
// for all.

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct body {
    size_t octets;
    char *start;
    struct MHD_Response *prepared;
};

static struct MHD_Response *make_response(const struct body *body)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(body->octets, body->start, MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        return NULL;
    MHD_add_response_header(response, "Content-Type", "application/json");
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(response, "Content-Security-Policy", "default-src 'none'");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    return response;
}

static enum MHD_Result answer(
    void *context, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *upload_data, size_t *upload_data_size, void **state)
{
    (void)url, (void)method, (void)version, (void)upload_data;
    static int seen;
    if (*state == NULL) {
        *state = &seen;
        return MHD_YES;
    }
    if (*upload_data_size != 0) {
        *upload_data_size = 0;
        return MHD_YES;
    }
    struct body *body = context;
    if (body->prepared != NULL)
        return MHD_queue_response(connection, MHD_HTTP_OK, body->prepared);
    struct MHD_Response *response = make_response(body);
    if (response == NULL)
        return MHD_NO;
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

int main(int count, char **arguments)
{
    if (count != 3 && (count != 4 || strcmp(arguments[3], "prepared") != 0))
        return EXIT_FAILURE;
    struct body body = {.octets = strtoul(arguments[2], NULL, 10)};
    body.start = malloc(body.octets + 1);
    if (body.start == NULL)
        return EXIT_FAILURE;
    memset(body.start, ' ', body.octets);
    if (count == 4)
        body.prepared = make_response(&body);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME, (uint16_t)atoi(arguments[1]),
        NULL, NULL, answer, &body,
        MHD_OPTION_CONNECTION_LIMIT, 576u,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32 << 10,
        MHD_OPTION_CONNECTION_TIMEOUT, 30u,
        MHD_OPTION_END);
    if (daemon == NULL)
        return EXIT_FAILURE;
    char octet;
    while (read(STDIN_FILENO, &octet, 1) > 0) {}
    MHD_stop_daemon(daemon);
    if (body.prepared != NULL)
        MHD_destroy_response(body.prepared);
    free(body.start);
    return EXIT_SUCCESS;
}
