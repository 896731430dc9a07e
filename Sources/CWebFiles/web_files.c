#include "web_files.h"

static const unsigned char openapi_yaml[] = {
#embed "../../api/openapi.yaml"
};

static const unsigned char docs_css[] = {
#embed "files/docs/docs.css"
};

static const unsigned char docs_js[] = {
#embed "files/docs/docs.js"
};

#define FILE_AT(path, media_type, octets) { path, media_type, octets, sizeof octets }

static const struct web_file files[] = {
    FILE_AT("/openapi.yaml", "application/yaml", openapi_yaml),
    FILE_AT("/docs.css", "text/css; charset=utf-8", docs_css),
    FILE_AT("/docs.js", "text/javascript; charset=utf-8", docs_js),
};

size_t web_file_count(void) { return sizeof files / sizeof *files; }

const struct web_file *web_file_at(size_t index) { return &files[index]; }
