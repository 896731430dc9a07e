/* The files that the service hands to browsers, as they are in the repository. */
#pragma once

#include <stddef.h>

struct web_file {
    const char *path;       /* where it is served */
    const char *media_type; /* of its Content-Type */
    const unsigned char *octets;
    size_t count;
};

size_t web_file_count(void);

/* The file at an index below the count. */
const struct web_file *web_file_at(size_t index);
