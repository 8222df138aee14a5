// A stand-in for NVIDIA's driver: it answers what a program asks of libcuda.so.1, writes down what was asked, and executes no kernel.
// Memory of the device is memory of the process, all 0 at first, so that copies and memsets are real. What the real driver refuses, it
// refuses, too.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

enum error {
    SUCCESS = 0,
    INVALID_VALUE = 1,
    OUT_OF_MEMORY = 2,
    NOT_INITIALIZED = 3,
    NO_DEVICE = 100,
    INVALID_DEVICE = 101,
    INVALID_CONTEXT = 201,
    NO_BINARY_FOR_GPU = 209,
    INVALID_PTX = 218,
    INVALID_HANDLE = 400,
    NOT_FOUND = 500,
    LAUNCH_OUT_OF_RESOURCES = 701,
    STREAM_CAPTURE_UNSUPPORTED = 900,
    STREAM_CAPTURE_INVALIDATED = 901,
    STREAM_CAPTURE_UNMATCHED = 903,
    STREAM_CAPTURE_IMPLICIT = 906,
};

// How a call stands to the device's work: done at once, written into a graph in place of being done, or done by a graph that was launched.
enum mode { PLAIN, CAPTURED, REPLAYED };

// Which way a copy goes.
enum direction { NO_COPY, HOST_TO_HOST, HOST_TO_DEVICE, DEVICE_TO_HOST, DEVICE_TO_DEVICE };

// One call of the driver. The tests read this structure as it lies in memory.
struct call {
    const char *name;         // the driver's function
    int32_t error;            // what it returned
    int32_t mode;             // enum mode
    const void *stream;       // where the work was ordered; null for the default stream
    const void *function;     // launches: the handle of the kernel's function
    const char *kernel;       // launches, and look-ups of a function: the kernel's name in its module
    uint32_t grid[3];         // launches: groups
    uint32_t block[3];        // launches: threads of a group
    uint32_t shared_bytes;    // launches: dynamic shared memory
    int32_t direction;        // copies: enum direction
    uint64_t argument_bytes;  // launches
    const uint8_t *arguments; // launches: a copy of them
    const void *address;      // memory: what was allocated, freed, set or written
    const void *source;       // copies: what was read
    uint64_t bytes;           // memory: how many
    int32_t value;            // memsets: the value of each byte
};

// The device that is shown. All devices are alike.
struct device {
    char name[128];
    int32_t major, minor; // compute capability
    int32_t multiprocessors;
    int32_t threads_per_multiprocessor;
    int32_t shared_bytes_per_multiprocessor;
    uint64_t memory_bytes;
    int32_t driver_version; // 12040 for 12.4
    int32_t count;
};

extern struct device device;

// Begins a call: writes it down, and answers with the fault that was asked for, if any. One call runs at a time.
struct call *begin(const char *name);
struct call *begin_in_context(const char *name);
void end(struct call **call);

#define CALL(name) __attribute__((cleanup(end))) struct call *call = begin(#name); if (call->error) return call->error
#define CALL_IN_CONTEXT(name) __attribute__((cleanup(end))) struct call *call = begin_in_context(#name); if (call->error) return call->error
#define RETURN(code) return call->error = (code)

// Writes down a call that a graph makes in the program's place.
struct call *record(const char *name);

// The context of this thread, or null.
const void *current_context(void);

// What the driver refuses while this thread captures a stream: the capture is spoilt then.
int refused_while_capturing(void);

// Work ordered on a stream: it is done, or goes into the graph that the stream captures. Returns an error, or SUCCESS with the call's mode
// set.
int order(struct call *call, const void *stream);

// Does a memset or a copy.
void perform(const struct call *call);
