// A bare libmicrohttpd program, which the benchmark compares the HTTP side with:
//     segmentd-benchmark-http PORT OCTETS
// answers every request with so many octets, until its standard input ends.

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    return MHD_queue_response(connection, MHD_HTTP_OK, context);
}

int main(int count, char **arguments)
{
    if (count != 3)
        return EXIT_FAILURE;
    size_t octets = strtoul(arguments[2], NULL, 10);
    char *body = malloc(octets + 1);
    if (body == NULL)
        return EXIT_FAILURE;
    memset(body, ' ', octets);
    struct MHD_Response *response = MHD_create_response_from_buffer(octets, body, MHD_RESPMEM_PERSISTENT);
    if (response == NULL || MHD_add_response_header(response, "Content-Type", "application/json") != MHD_YES)
        return EXIT_FAILURE;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_POLL_INTERNAL_THREAD, (uint16_t)atoi(arguments[1]), NULL, NULL, answer, response, MHD_OPTION_END);
    if (daemon == NULL)
        return EXIT_FAILURE;
    char octet;
    while (read(STDIN_FILENO, &octet, 1) > 0) {}
    MHD_stop_daemon(daemon);
    MHD_destroy_response(response);
    free(body);
    return EXIT_SUCCESS;
}
