#ifndef CCURL_H
#define CCURL_H

#include <stdbool.h>
#include <stddef.h>

// HTTP by libcurl. The library is loaded when the first request is made and not when the program starts: it brings
// some twenty others along, and a program that makes no requests does not pay for them.

/// What there is room for in a message.
#define CCURL_MESSAGE_SIZE 512

/// What is asked, and of whom. All text ends with a NUL.
struct ccurl_request {
    const char *_Nonnull method;
    const char *_Nonnull url;
    /// Header fields as in "Accept: application/json", with line feeds between.
    const char *_Nonnull fields;
    const void *_Nullable body;
    size_t body_length;
    bool has_body;
    /// The path of a Unix socket to connect to instead of the URL's address; empty, none.
    const char *_Nonnull unix_socket;
    /// A file of PEM certificates to trust instead of the system's; empty, none.
    const char *_Nonnull authorities;
    long connect_milliseconds;
    /// For all of it; 0, no bound.
    long total_milliseconds;
    /// A descriptor that ends the request when it becomes readable; -1, none.
    int interruption;
};

/// Takes octets of the answer's body, with its status and type; returns whether more are wanted.
typedef bool (*ccurl_sink)(
    void *_Nullable context, long status, const char *_Nullable type, const unsigned char *_Nonnull octets,
    size_t count);

/// How a request ended.
enum ccurl_end {
    /// With the whole answer.
    CCURL_ANSWERED,
    /// The sink wanted no more.
    CCURL_ENOUGH,
    /// `interruption` became readable.
    CCURL_INTERRUPTED,
    /// Nobody answered there, or somebody who cannot be trusted.
    CCURL_UNREACHABLE,
    /// Nothing, or not all of the answer, came in time.
    CCURL_LATE,
    /// The answer broke off.
    CCURL_BROKEN,
    /// What was asked for makes no sense to libcurl, or is not within its power.
    CCURL_UNUSABLE,
    /// There is no libcurl here.
    CCURL_MISSING,
};

/// Makes a request and hands the answer's body to the sink as it comes. Tells the answer's status, 0 where there was
/// none, and for whatever ended otherwise than wanted why, in at most CCURL_MESSAGE_SIZE octets.
enum ccurl_end ccurl_perform(
    const struct ccurl_request *_Nonnull request, ccurl_sink _Nonnull sink, void *_Nullable context,
    long *_Nonnull status, char *_Nonnull message);

#endif
