// Streams, graphs captured from them, and events. Work is done when it is ordered, so that there is nothing to wait for.
#include "standin.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { NON_BLOCKING = 1 };
enum capture_mode { GLOBAL, THREAD_LOCAL, RELAXED };

struct graph { struct node { struct call call; struct node *next; } *first, **last; };

static struct stream {
    unsigned flags;
    struct graph *graph; // what is captured, or null
    int capture_mode;
    int invalidated;
    pthread_t capturing_thread;
    struct stream *next;
} *streams;

static struct graph *create_graph(void) {
    struct graph *graph = calloc(1, sizeof *graph);
    graph->last = &graph->first;
    return graph;
}

// The log of calls may be forgotten while a graph lives on: each has arguments of its own.
static const uint8_t *copy_arguments(const struct call *call) {
    if (!call->arguments) return NULL;
    uint8_t *copy = malloc(call->argument_bytes + 1);
    memcpy(copy, call->arguments, call->argument_bytes);
    return copy;
}

static void append(struct graph *graph, const struct call *call) {
    struct node *node = calloc(1, sizeof *node);
    node->call = *call;
    node->call.arguments = copy_arguments(call);
    *graph->last = node;
    graph->last = &node->next;
}

static struct graph *copy_graph(const struct graph *graph) {
    struct graph *copy = create_graph();
    for (struct node *node = graph->first; node; node = node->next) append(copy, &node->call);
    return copy;
}

static void free_graph(struct graph *graph) {
    while (graph->first) {
        struct node *node = graph->first;
        graph->first = node->next;
        free((void *)node->call.arguments);
        free(node);
    }
    free(graph);
}

int refused_while_capturing(void) {
    for (struct stream *stream = streams; stream; stream = stream->next) {
        int is_other_thread = !pthread_equal(stream->capturing_thread, pthread_self());
        if (!stream->graph || stream->capture_mode == RELAXED || (stream->capture_mode == THREAD_LOCAL && is_other_thread)) continue;
        stream->invalidated = 1;
        return STREAM_CAPTURE_UNSUPPORTED;
    }
    return SUCCESS;
}

int order(struct call *call, const void *handle) {
    call->stream = handle;
    if (!handle) {
        for (struct stream *stream = streams; stream; stream = stream->next) {
            if (stream->graph && !(stream->flags & NON_BLOCKING)) {
                stream->invalidated = 1;
                return STREAM_CAPTURE_IMPLICIT;
            }
        }
        return SUCCESS;
    }
    struct stream *stream = (struct stream *)handle;
    if (!stream->graph) return SUCCESS;
    if (stream->invalidated) return STREAM_CAPTURE_INVALIDATED;
    // A copy of the program's own memory would be waited for.
    if (call->direction == HOST_TO_DEVICE || call->direction == DEVICE_TO_HOST || call->direction == HOST_TO_HOST) {
        stream->invalidated = 1;
        return STREAM_CAPTURE_UNSUPPORTED;
    }
    call->mode = CAPTURED;
    append(stream->graph, call);
    return SUCCESS;
}

static int create(const void **handle, unsigned flags) {
    struct stream *stream = calloc(1, sizeof *stream);
    stream->flags = flags;
    stream->next = streams;
    streams = stream;
    *handle = stream;
    return SUCCESS;
}

EXPORT int cuStreamCreate(const void **handle, unsigned flags) {
    CALL_IN_CONTEXT(cuStreamCreate);
    RETURN(create(handle, flags));
}

EXPORT int cuStreamCreateWithPriority(const void **handle, unsigned flags, int priority) {
    CALL_IN_CONTEXT(cuStreamCreateWithPriority);
    (void)priority;
    RETURN(create(handle, flags));
}

EXPORT int cuStreamDestroy_v2(const void *handle) {
    CALL_IN_CONTEXT(cuStreamDestroy_v2);
    for (struct stream **link = &streams; *link; link = &(*link)->next) {
        if (*link == handle) {
            struct stream *stream = *link;
            *link = stream->next;
            if (stream->graph) free_graph(stream->graph);
            free(stream);
            return SUCCESS;
        }
    }
    RETURN(INVALID_HANDLE);
}

EXPORT int cuStreamSynchronize(const void *handle) {
    CALL_IN_CONTEXT(cuStreamSynchronize);
    call->stream = handle;
    struct stream *stream = (struct stream *)handle;
    if (stream && stream->graph) {
        stream->invalidated = 1;
        RETURN(STREAM_CAPTURE_UNSUPPORTED);
    }
    return SUCCESS;
}

EXPORT int cuStreamBeginCapture_v2(const void *handle, int mode) {
    CALL_IN_CONTEXT(cuStreamBeginCapture_v2);
    call->stream = handle;
    struct stream *stream = (struct stream *)handle;
    // The default stream cannot be captured.
    if (!stream) RETURN(STREAM_CAPTURE_UNSUPPORTED);
    if (stream->graph) RETURN(INVALID_VALUE);
    stream->graph = create_graph();
    stream->capture_mode = mode;
    stream->invalidated = 0;
    stream->capturing_thread = pthread_self();
    return SUCCESS;
}

EXPORT int cuStreamEndCapture(const void *handle, const void **graph) {
    struct stream *stream = (struct stream *)handle;
    __attribute__((cleanup(end))) struct call *call = begin_in_context("cuStreamEndCapture");
    call->stream = handle;
    *graph = NULL;
    if (call->error) {
        // The capture is over also where ending it fails.
        if (stream && stream->graph) free_graph(stream->graph);
        if (stream) stream->graph = NULL;
        return call->error;
    }
    if (!stream || !stream->graph) RETURN(STREAM_CAPTURE_UNMATCHED);
    if (stream->invalidated) free_graph(stream->graph);
    else *graph = stream->graph;
    stream->graph = NULL;
    RETURN(stream->invalidated ? STREAM_CAPTURE_INVALIDATED : SUCCESS);
}

EXPORT int cuStreamIsCapturing(const void *handle, int *status) {
    CALL_IN_CONTEXT(cuStreamIsCapturing);
    const struct stream *stream = handle;
    *status = !stream || !stream->graph ? 0 : stream->invalidated ? 2 : 1;
    return SUCCESS;
}

EXPORT int cuGraphInstantiateWithFlags(const void **executable, const void *graph, unsigned long long flags) {
    CALL_IN_CONTEXT(cuGraphInstantiateWithFlags);
    (void)flags;
    if (!graph) RETURN(INVALID_VALUE);
    *executable = copy_graph(graph);
    return SUCCESS;
}

EXPORT int cuGraphUpload(const void *executable, const void *stream) {
    CALL_IN_CONTEXT(cuGraphUpload);
    call->stream = stream;
    RETURN(executable ? SUCCESS : INVALID_VALUE);
}

EXPORT int cuGraphLaunch(const void *executable, const void *handle) {
    CALL_IN_CONTEXT(cuGraphLaunch);
    call->stream = handle;
    const struct stream *stream = handle;
    if (!executable) RETURN(INVALID_VALUE);
    if (stream && stream->graph) RETURN(STREAM_CAPTURE_UNSUPPORTED);
    for (const struct node *node = ((const struct graph *)executable)->first; node; node = node->next) {
        struct call *replayed = record(node->call.name);
        *replayed = node->call;
        replayed->mode = REPLAYED;
        replayed->stream = handle;
        replayed->arguments = copy_arguments(&node->call);
        if (!node->call.function) perform(replayed);
    }
    return SUCCESS;
}

EXPORT int cuGraphDestroy(struct graph *graph) {
    CALL_IN_CONTEXT(cuGraphDestroy);
    if (!graph) RETURN(INVALID_VALUE);
    free_graph(graph);
    return SUCCESS;
}

EXPORT int cuGraphExecDestroy(struct graph *executable) {
    CALL_IN_CONTEXT(cuGraphExecDestroy);
    if (!executable) RETURN(INVALID_VALUE);
    free_graph(executable);
    return SUCCESS;
}

EXPORT int cuEventCreate(const void **event, unsigned flags) {
    CALL_IN_CONTEXT(cuEventCreate);
    (void)flags;
    *event = malloc(1);
    return SUCCESS;
}

EXPORT int cuEventDestroy_v2(void *event) {
    CALL_IN_CONTEXT(cuEventDestroy_v2);
    free(event);
    return SUCCESS;
}

EXPORT int cuEventRecord(const void *event, const void *stream) {
    CALL_IN_CONTEXT(cuEventRecord);
    (void)event;
    call->stream = stream;
    return SUCCESS;
}

EXPORT int cuEventQuery(const void *event) {
    CALL_IN_CONTEXT(cuEventQuery);
    (void)event;
    RETURN(refused_while_capturing());
}

EXPORT int cuEventSynchronize(const void *event) {
    CALL_IN_CONTEXT(cuEventSynchronize);
    (void)event;
    RETURN(refused_while_capturing());
}

EXPORT int cuEventElapsedTime(float *milliseconds, const void *start, const void *stop) {
    CALL_IN_CONTEXT(cuEventElapsedTime);
    (void)start, (void)stop;
    *milliseconds = 1;
    return SUCCESS;
}
