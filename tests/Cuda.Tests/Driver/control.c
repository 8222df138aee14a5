// What the tests see and set: the shown device, the calls so far, and faults. Everything here is called standin_…; a process of its own is
// told by environment variables instead: STANDIN_CAPABILITY=7.5, STANDIN_DRIVER=12040, STANDIN_DEVICES=0, STANDIN_MEMORY=1048576,
// STANDIN_FAULT=function:n-th call:error, with :sticky where every later call fails likewise, as with a device that was lost.
#define _GNU_SOURCE
#include "standin.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct device device = {
    .name = "Stand-in", .major = 9, .minor = 0, .multiprocessors = 132, .threads_per_multiprocessor = 2048,
    .shared_bytes_per_multiprocessor = 228 << 10, .memory_bytes = 80ull << 30, .driver_version = 12040, .count = 1,
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct call **calls;
static size_t call_count, call_capacity;

static struct { char name[64]; int calls_before, error, sticky, struck; } fault;

struct call *record(const char *name) {
    if (call_count == call_capacity) {
        call_capacity = call_capacity ? 2 * call_capacity : 4096;
        calls = realloc(calls, call_capacity * sizeof *calls);
    }
    struct call *call = calloc(1, sizeof *call);
    call->name = name;
    calls[call_count++] = call;
    return call;
}

static int fault_of(const char *name) {
    if (fault.struck && fault.sticky) return fault.error;
    if (!fault.error || fault.struck || strcmp(name, fault.name) != 0 || fault.calls_before-- > 0) return SUCCESS;
    fault.struck = 1;
    return fault.error;
}

struct call *begin(const char *name) {
    pthread_mutex_lock(&lock);
    struct call *call = record(name);
    call->error = fault_of(name);
    return call;
}

struct call *begin_in_context(const char *name) {
    struct call *call = begin(name);
    if (!call->error && !current_context()) call->error = INVALID_CONTEXT;
    return call;
}

void end(struct call **call) {
    (void)call;
    pthread_mutex_unlock(&lock);
}

EXPORT size_t standin_calls(void) { return call_count; }

EXPORT const struct call *standin_call(size_t index) { return index < call_count ? calls[index] : NULL; }

// Forgets the calls so far. What is allocated stays.
EXPORT void standin_forget(void) {
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < call_count; i++) {
        free((void *)calls[i]->arguments);
        free(calls[i]);
    }
    call_count = 0;
    pthread_mutex_unlock(&lock);
}

EXPORT void standin_show(const struct device *shown) {
    pthread_mutex_lock(&lock);
    device = *shown;
    pthread_mutex_unlock(&lock);
}

// Makes a function fail at its n-th call from now on, counted from 1; no error takes the fault away. A sticky one stays for every later
// call of any function.
EXPORT void standin_fail(const char *name, int nth, int error, int sticky) {
    pthread_mutex_lock(&lock);
    snprintf(fault.name, sizeof fault.name, "%s", name);
    fault.calls_before = nth - 1;
    fault.error = error;
    fault.sticky = sticky;
    fault.struck = 0;
    pthread_mutex_unlock(&lock);
}

__attribute__((constructor)) static void read_environment(void) {
    const char *text;
    if ((text = getenv("STANDIN_CAPABILITY"))) sscanf(text, "%d.%d", &device.major, &device.minor);
    if ((text = getenv("STANDIN_DRIVER"))) device.driver_version = atoi(text);
    if ((text = getenv("STANDIN_DEVICES"))) device.count = atoi(text);
    if ((text = getenv("STANDIN_MEMORY"))) device.memory_bytes = strtoull(text, NULL, 10);
    char name[64], word[16] = "";
    int nth, error;
    if ((text = getenv("STANDIN_FAULT")) && sscanf(text, "%63[^:]:%d:%d:%15s", name, &nth, &error, word) >= 3) {
        standin_fail(name, nth, error, strcmp(word, "sticky") == 0);
    }
}
