#include "batch.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>

enum { BATCHES_PER_SECOND = 3125 };

struct cfloor_paced {
    pthread_t thread;
    struct batch *batch;
    uint64_t rate;
    uint64_t count;
    uint64_t sent;
    int64_t taken;
    int error;
};

static int64_t now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void sleep_until(int64_t deadline)
{
    struct timespec time = {.tv_sec = deadline / 1000000000, .tv_nsec = deadline % 1000000000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR) {}
}

/// How many leave together.
static unsigned int batch_length(uint64_t rate)
{
    uint64_t length = rate / BATCHES_PER_SECOND;
    return length < 1 ? 1 : length > BATCH ? BATCH : (unsigned int)length;
}

static void *run(void *context)
{
    struct cfloor_paced *paced = context;
    unsigned int length = batch_length(paced->rate);
    (void)prctl(PR_SET_TIMERSLACK, 1);
    int64_t start = now();
    for (uint64_t due = 0; due < paced->count && paced->error == 0; due += length) {
        sleep_until(start + (int64_t)(due * 1000000000 / paced->rate));
        uint64_t left = paced->count - due;
        if (cfloor_batch_send(paced->batch, left < length ? (unsigned int)left : length, &paced->sent) != 0)
            paced->error = errno;
    }
    sleep_until(start + (int64_t)(paced->count * 1000000000 / paced->rate));
    paced->taken = now() - start;
    return NULL;
}

struct cfloor_paced *cfloor_paced_start(const struct cfloor_path *path, uint64_t rate, unsigned int seconds)
{
    struct cfloor_paced *paced = calloc(1, sizeof *paced);
    if (paced == NULL)
        return NULL;
    paced->rate = rate;
    paced->count = rate * seconds;
    paced->batch = cfloor_batch_create(path, 1);
    if (paced->batch == NULL) {
        free(paced);
        return NULL;
    }
    int code = pthread_create(&paced->thread, NULL, run, paced);
    if (code != 0) {
        cfloor_batch_destroy(paced->batch);
        free(paced);
        errno = code;
        return NULL;
    }
    return paced;
}

int64_t cfloor_paced_finish(struct cfloor_paced *paced, uint64_t *sent)
{
    (void)pthread_join(paced->thread, NULL);
    int64_t taken = paced->taken;
    int code = paced->error;
    *sent = paced->sent;
    cfloor_batch_destroy(paced->batch);
    free(paced);
    errno = code;
    return code == 0 ? taken : -1;
}
