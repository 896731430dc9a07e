#include "web_files.h"

static const unsigned char openapi_yaml[] = {
#embed "../../api/openapi.yaml"
};

#define FILE_AT(path, media_type, octets) { path, media_type, octets, sizeof octets }

static const struct web_file files[] = {
    FILE_AT("/openapi.yaml", "application/yaml", openapi_yaml),
};

size_t web_file_count(void) { return sizeof files / sizeof *files; }

const struct web_file *web_file_at(size_t index) { return &files[index]; }
