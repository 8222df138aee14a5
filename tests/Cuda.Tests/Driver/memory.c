// Memory of the device, which is memory of the process, and copies to and from it.
#include "standin.h"
#include <stdlib.h>
#include <string.h>

static struct block { const char *address; void *allocated; size_t bytes; int on_host; struct block *next; } *blocks;
static size_t used;

static struct block *block_of(const void *address) {
    for (struct block *block = blocks; block; block = block->next) {
        if ((const char *)address >= block->address && (const char *)address < block->address + block->bytes) return block;
    }
    return NULL;
}

// The driver aligns to 256 bytes at least. Much memory costs nothing until it is touched.
static void *allocate(size_t bytes, int on_host) {
    enum { ALIGNMENT = 256 };
    char *allocated = calloc(1, bytes + ALIGNMENT);
    if (!allocated) return NULL;
    char *address = allocated + ALIGNMENT - (uintptr_t)allocated % ALIGNMENT;
    struct block *block = malloc(sizeof *block);
    *block = (struct block){address, allocated, bytes, on_host, blocks};
    blocks = block;
    return address;
}

static size_t release(const void *address) {
    for (struct block **link = &blocks; *link; link = &(*link)->next) {
        struct block *block = *link;
        if (block->address == address) {
            size_t bytes = block->bytes;
            *link = block->next;
            free(block->allocated);
            free(block);
            return bytes;
        }
    }
    return 0;
}

EXPORT uint64_t standin_used_bytes(void) { return used; }

EXPORT int cuMemAlloc_v2(const void **address, size_t bytes) {
    CALL_IN_CONTEXT(cuMemAlloc_v2);
    call->bytes = bytes;
    if (bytes == 0) RETURN(INVALID_VALUE);
    if ((call->error = refused_while_capturing())) return call->error;
    if (bytes > device.memory_bytes || used > device.memory_bytes - bytes) RETURN(OUT_OF_MEMORY);
    call->address = *address = allocate(bytes, 0);
    if (!*address) RETURN(OUT_OF_MEMORY);
    used += bytes;
    return SUCCESS;
}

EXPORT int cuMemFree_v2(const void *address) {
    CALL_IN_CONTEXT(cuMemFree_v2);
    call->address = address;
    if (!address) return SUCCESS;
    if ((call->error = refused_while_capturing())) return call->error;
    call->bytes = release(address);
    if (call->bytes == 0) RETURN(INVALID_VALUE);
    used -= call->bytes;
    return SUCCESS;
}

EXPORT int cuMemAllocHost_v2(const void **address, size_t bytes) {
    CALL_IN_CONTEXT(cuMemAllocHost_v2);
    call->bytes = bytes;
    if ((call->error = refused_while_capturing())) return call->error;
    call->address = *address = allocate(bytes, 1);
    RETURN(*address ? SUCCESS : OUT_OF_MEMORY);
}

EXPORT int cuMemFreeHost(const void *address) {
    CALL_IN_CONTEXT(cuMemFreeHost);
    call->address = address;
    RETURN((call->bytes = release(address)) ? SUCCESS : INVALID_VALUE);
}

EXPORT int cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
    CALL_IN_CONTEXT(cuMemGetInfo_v2);
    *total = device.memory_bytes;
    *free_bytes = device.memory_bytes - used;
    return SUCCESS;
}

EXPORT int cuMemHostRegister_v2(const void *address, size_t bytes, unsigned flags) {
    CALL_IN_CONTEXT(cuMemHostRegister_v2);
    (void)flags;
    call->address = address;
    call->bytes = bytes;
    RETURN(refused_while_capturing());
}

EXPORT int cuMemHostUnregister(const void *address) {
    CALL_IN_CONTEXT(cuMemHostUnregister);
    call->address = address;
    return SUCCESS;
}

EXPORT int cuMemHostGetDevicePointer_v2(const void **address, const void *host, unsigned flags) {
    CALL_IN_CONTEXT(cuMemHostGetDevicePointer_v2);
    (void)flags;
    *address = host;
    return SUCCESS;
}

EXPORT int cuPointerGetAttribute(int *value, int attribute, const void *address) {
    CALL_IN_CONTEXT(cuPointerGetAttribute);
    struct block *block = block_of(address);
    if (!block || attribute != 2) RETURN(INVALID_VALUE);
    *value = block->on_host ? 1 : 2;
    return SUCCESS;
}

void perform(const struct call *call) {
    if (call->source) memcpy((void *)call->address, call->source, call->bytes);
    else memset((void *)call->address, call->value, call->bytes);
}

// Whether memory of the device is touched beyond its end. Memory of the program is its own affair.
static int is_beyond(const struct block *block, const void *address, size_t bytes) {
    return block && (const char *)address + bytes > block->address + block->bytes;
}

EXPORT int cuMemcpyAsync(const void *target, const void *source, size_t bytes, const void *stream) {
    CALL_IN_CONTEXT(cuMemcpyAsync);
    struct block *to = block_of(target), *from = block_of(source);
    int to_device = to && !to->on_host, from_device = from && !from->on_host;
    call->address = target;
    call->source = source;
    call->bytes = bytes;
    call->direction = to_device ? (from_device ? DEVICE_TO_DEVICE : HOST_TO_DEVICE) : from_device ? DEVICE_TO_HOST : HOST_TO_HOST;
    if (is_beyond(to, target, bytes) || is_beyond(from, source, bytes)) RETURN(INVALID_VALUE);
    if ((call->error = order(call, stream))) return call->error;
    if (call->mode == PLAIN) perform(call);
    return SUCCESS;
}

EXPORT int cuMemsetD8Async(const void *target, unsigned char value, size_t bytes, const void *stream) {
    CALL_IN_CONTEXT(cuMemsetD8Async);
    struct block *block = block_of(target);
    call->address = target;
    call->bytes = bytes;
    call->value = value;
    if (!block || is_beyond(block, target, bytes)) RETURN(INVALID_VALUE);
    if ((call->error = order(call, stream))) return call->error;
    if (call->mode == PLAIN) perform(call);
    return SUCCESS;
}
