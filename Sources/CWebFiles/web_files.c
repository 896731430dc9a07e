#include "web_files.h"

static const unsigned char openapi_yaml[] = {
#embed "../../api/openapi.yaml"
};

static const unsigned char page_api_js[] = {
#embed "files/page/api.js"
};

static const unsigned char page_byte_map_js[] = {
#embed "files/page/byte-map.js"
};

static const unsigned char page_capture_js[] = {
#embed "files/page/capture.js"
};

static const unsigned char page_confirm_js[] = {
#embed "files/page/confirm.js"
};

static const unsigned char page_counters_js[] = {
#embed "files/page/counters.js"
};

static const unsigned char page_craft_fields_js[] = {
#embed "files/page/craft-fields.js"
};

static const unsigned char page_craft_js[] = {
#embed "files/page/craft.js"
};

static const unsigned char page_curl_js[] = {
#embed "files/page/curl.js"
};

static const unsigned char page_details_js[] = {
#embed "files/page/details.js"
};

static const unsigned char page_elements_js[] = {
#embed "files/page/elements.js"
};

static const unsigned char page_endpoint_card_js[] = {
#embed "files/page/endpoint-card.js"
};

static const unsigned char page_endpoint_dialog_js[] = {
#embed "files/page/endpoint-dialog.js"
};

static const unsigned char page_endpoints_js[] = {
#embed "files/page/endpoints.js"
};

static const unsigned char page_event_parser_js[] = {
#embed "files/page/event-parser.js"
};

static const unsigned char page_exchange_view_js[] = {
#embed "files/page/exchange-view.js"
};

static const unsigned char page_exchange_css[] = {
#embed "files/page/exchange.css"
};

static const unsigned char page_exchange_js[] = {
#embed "files/page/exchange.js"
};

static const unsigned char page_fields_js[] = {
#embed "files/page/fields.js"
};

static const unsigned char page_filter_js[] = {
#embed "files/page/filter.js"
};

static const unsigned char page_format_js[] = {
#embed "files/page/format.js"
};

static const unsigned char page_icon_svg[] = {
#embed "files/page/icon.svg"
};

static const unsigned char page_index_html[] = {
#embed "files/page/index.html"
};

static const unsigned char page_ladder_js[] = {
#embed "files/page/ladder.js"
};

static const unsigned char page_layout_css[] = {
#embed "files/page/layout.css"
};

static const unsigned char page_live_js[] = {
#embed "files/page/live.js"
};

static const unsigned char page_main_js[] = {
#embed "files/page/main.js"
};

static const unsigned char page_option_rows_js[] = {
#embed "files/page/option-rows.js"
};

static const unsigned char page_panels_css[] = {
#embed "files/page/panels.css"
};

static const unsigned char page_payload_field_js[] = {
#embed "files/page/payload-field.js"
};

static const unsigned char page_places_js[] = {
#embed "files/page/places.js"
};

static const unsigned char page_poll_js[] = {
#embed "files/page/poll.js"
};

static const unsigned char page_repeats_js[] = {
#embed "files/page/repeats.js"
};

static const unsigned char page_replayable_js[] = {
#embed "files/page/replayable.js"
};

static const unsigned char page_run_details_js[] = {
#embed "files/page/run-details.js"
};

static const unsigned char page_runs_js[] = {
#embed "files/page/runs.js"
};

static const unsigned char page_scenario_js[] = {
#embed "files/page/scenario.js"
};

static const unsigned char page_segment_form_js[] = {
#embed "files/page/segment-form.js"
};

static const unsigned char page_segment_table_js[] = {
#embed "files/page/segment-table.js"
};

static const unsigned char page_sentence_js[] = {
#embed "files/page/sentence.js"
};

static const unsigned char page_series_js[] = {
#embed "files/page/series.js"
};

static const unsigned char page_status_js[] = {
#embed "files/page/status.js"
};

static const unsigned char page_summary_js[] = {
#embed "files/page/summary.js"
};

static const unsigned char page_tabs_js[] = {
#embed "files/page/tabs.js"
};

static const unsigned char page_theme_css[] = {
#embed "files/page/theme.css"
};

static const unsigned char page_theme_js[] = {
#embed "files/page/theme.js"
};

static const unsigned char page_token_dialog_js[] = {
#embed "files/page/token-dialog.js"
};

static const unsigned char page_view_switch_js[] = {
#embed "files/page/view-switch.js"
};

static const unsigned char page_virtual_list_js[] = {
#embed "files/page/virtual-list.js"
};

static const unsigned char problems_md[] = {
#embed "../../docs/reference/problems.md"
};

static const unsigned char problems_css[] = {
#embed "files/problems.css"
};

#define HTML "text/html; charset=utf-8"
#define CSS "text/css; charset=utf-8"
#define MARKDOWN "text/markdown; charset=utf-8"
#define JAVASCRIPT "text/javascript; charset=utf-8"
#define SVG "image/svg+xml"

static const unsigned char docs_css[] = {
#embed "files/docs/docs.css"
};

static const unsigned char docs_js[] = {
#embed "files/docs/docs.js"
};

#define FILE_AT(path, media_type, octets) { path, media_type, octets, sizeof octets }

static const struct web_file files[] = {
    FILE_AT("/openapi.yaml", "application/yaml", openapi_yaml),
    FILE_AT("/page/api.js", JAVASCRIPT, page_api_js),
    FILE_AT("/page/byte-map.js", JAVASCRIPT, page_byte_map_js),
    FILE_AT("/page/capture.js", JAVASCRIPT, page_capture_js),
    FILE_AT("/page/confirm.js", JAVASCRIPT, page_confirm_js),
    FILE_AT("/page/counters.js", JAVASCRIPT, page_counters_js),
    FILE_AT("/page/craft-fields.js", JAVASCRIPT, page_craft_fields_js),
    FILE_AT("/page/craft.js", JAVASCRIPT, page_craft_js),
    FILE_AT("/page/curl.js", JAVASCRIPT, page_curl_js),
    FILE_AT("/page/details.js", JAVASCRIPT, page_details_js),
    FILE_AT("/page/elements.js", JAVASCRIPT, page_elements_js),
    FILE_AT("/page/endpoint-card.js", JAVASCRIPT, page_endpoint_card_js),
    FILE_AT("/page/endpoint-dialog.js", JAVASCRIPT, page_endpoint_dialog_js),
    FILE_AT("/page/endpoints.js", JAVASCRIPT, page_endpoints_js),
    FILE_AT("/page/event-parser.js", JAVASCRIPT, page_event_parser_js),
    FILE_AT("/page/exchange-view.js", JAVASCRIPT, page_exchange_view_js),
    FILE_AT("/page/exchange.css", CSS, page_exchange_css),
    FILE_AT("/page/exchange.js", JAVASCRIPT, page_exchange_js),
    FILE_AT("/page/fields.js", JAVASCRIPT, page_fields_js),
    FILE_AT("/page/filter.js", JAVASCRIPT, page_filter_js),
    FILE_AT("/page/format.js", JAVASCRIPT, page_format_js),
    FILE_AT("/page/icon.svg", SVG, page_icon_svg),
    FILE_AT("/", HTML, page_index_html),
    FILE_AT("/page/ladder.js", JAVASCRIPT, page_ladder_js),
    FILE_AT("/page/layout.css", CSS, page_layout_css),
    FILE_AT("/page/live.js", JAVASCRIPT, page_live_js),
    FILE_AT("/page/main.js", JAVASCRIPT, page_main_js),
    FILE_AT("/page/option-rows.js", JAVASCRIPT, page_option_rows_js),
    FILE_AT("/page/panels.css", CSS, page_panels_css),
    FILE_AT("/page/payload-field.js", JAVASCRIPT, page_payload_field_js),
    FILE_AT("/page/places.js", JAVASCRIPT, page_places_js),
    FILE_AT("/page/poll.js", JAVASCRIPT, page_poll_js),
    FILE_AT("/page/repeats.js", JAVASCRIPT, page_repeats_js),
    FILE_AT("/page/replayable.js", JAVASCRIPT, page_replayable_js),
    FILE_AT("/page/run-details.js", JAVASCRIPT, page_run_details_js),
    FILE_AT("/page/runs.js", JAVASCRIPT, page_runs_js),
    FILE_AT("/page/scenario.js", JAVASCRIPT, page_scenario_js),
    FILE_AT("/page/segment-form.js", JAVASCRIPT, page_segment_form_js),
    FILE_AT("/page/segment-table.js", JAVASCRIPT, page_segment_table_js),
    FILE_AT("/page/sentence.js", JAVASCRIPT, page_sentence_js),
    FILE_AT("/page/series.js", JAVASCRIPT, page_series_js),
    FILE_AT("/page/status.js", JAVASCRIPT, page_status_js),
    FILE_AT("/page/summary.js", JAVASCRIPT, page_summary_js),
    FILE_AT("/page/tabs.js", JAVASCRIPT, page_tabs_js),
    FILE_AT("/page/theme.css", CSS, page_theme_css),
    FILE_AT("/page/theme.js", JAVASCRIPT, page_theme_js),
    FILE_AT("/page/token-dialog.js", JAVASCRIPT, page_token_dialog_js),
    FILE_AT("/page/view-switch.js", JAVASCRIPT, page_view_switch_js),
    FILE_AT("/page/virtual-list.js", JAVASCRIPT, page_virtual_list_js),
    FILE_AT("/problems.md", MARKDOWN, problems_md),
    FILE_AT("/problems.css", CSS, problems_css),
    FILE_AT("/docs.css", CSS, docs_css),
    FILE_AT("/docs.js", JAVASCRIPT, docs_js),
};

size_t web_file_count(void) { return sizeof files / sizeof *files; }

const struct web_file *web_file_at(size_t index) { return &files[index]; }
