// Modules of PTX, their functions, and launches of these. Modules are kept as text, also after they were unloaded, until the tests forget
// them.
#define _GNU_SOURCE
#include "standin.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct module { char *text; int unloaded; struct module *next; } *modules, **last = &modules;
static struct function { char *name; struct module *module; struct function *next; } *functions;

// The tests' view of the modules, in the order in which they were loaded.
EXPORT const char *standin_module(size_t index) {
    struct module *module = modules;
    while (module && index--) module = module->next;
    return module ? module->text : NULL;
}

EXPORT size_t standin_modules(void) {
    size_t count = 0;
    for (struct module *module = modules; module; module = module->next) count++;
    return count;
}

static int load(struct call *call, const void **handle, const char *text) {
    const char *target = strstr(text, ".target sm_");
    if (!target || !strstr(text, ".entry")) RETURN(INVALID_PTX);
    if (atoi(target + strlen(".target sm_")) > 10 * device.major + device.minor) RETURN(NO_BINARY_FOR_GPU);
    struct module *module = calloc(1, sizeof *module);
    module->text = strdup(text);
    *last = module;
    last = &module->next;
    *handle = module;
    return SUCCESS;
}

EXPORT int cuModuleLoadData(const void **handle, const char *text) {
    CALL_IN_CONTEXT(cuModuleLoadData);
    if ((call->error = refused_while_capturing())) return call->error;
    return load(call, handle, text);
}

EXPORT int cuModuleLoadDataEx(const void **handle, const char *text, unsigned count, const void *options, const void *values) {
    CALL_IN_CONTEXT(cuModuleLoadDataEx);
    (void)count, (void)options, (void)values;
    if ((call->error = refused_while_capturing())) return call->error;
    return load(call, handle, text);
}

EXPORT int cuModuleUnload(struct module *module) {
    CALL_IN_CONTEXT(cuModuleUnload);
    if (!module || module->unloaded) RETURN(INVALID_HANDLE);
    module->unloaded = 1;
    return SUCCESS;
}

static const char *entry(const char *text, const char *name) {
    char declaration[512];
    snprintf(declaration, sizeof declaration, ".entry %s(", name);
    return strstr(text, declaration);
}

EXPORT int cuModuleGetFunction(const void **handle, struct module *module, const char *name) {
    CALL_IN_CONTEXT(cuModuleGetFunction);
    if (!entry(module->text, name)) RETURN(NOT_FOUND);
    struct function *function = malloc(sizeof *function);
    *function = (struct function){strdup(name), module, functions};
    functions = function;
    call->function = *handle = function;
    call->kernel = function->name;
    return SUCCESS;
}

// The maximum of threads of a group that the function was compiled for, or those of the device.
static unsigned max_threads(const struct function *function) {
    unsigned x = 1024, y = 1, z = 1;
    const char *text = entry(function->module->text, function->name);
    const char *body = strchr(text, '{'), *limit = strstr(text, ".maxntid");
    if (limit && body && limit < body) sscanf(limit, ".maxntid %u , %u , %u", &x, &y, &z);
    return x * y * z;
}

// ILGPU hands the arguments over as one buffer: its address, its size.
static const uint8_t *arguments(struct call *call, void **extra) {
    for (; extra && *extra; extra += 2) {
        if (*extra == (void *)1) call->arguments = extra[1];
        if (*extra == (void *)2) call->argument_bytes = *(size_t *)extra[1];
    }
    uint8_t *copy = malloc(call->argument_bytes + 1);
    if (call->arguments) memcpy(copy, call->arguments, call->argument_bytes);
    return copy;
}

EXPORT int cuLaunchKernel(
    const struct function *function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
    unsigned block_x, unsigned block_y, unsigned block_z,
    unsigned shared_bytes, const void *stream, void **parameters, void **extra) {
    CALL_IN_CONTEXT(cuLaunchKernel);
    (void)parameters;
    if (!function || function->module->unloaded) RETURN(INVALID_HANDLE);
    call->function = function;
    call->kernel = function->name;
    memcpy(call->grid, (unsigned[]){grid_x, grid_y, grid_z}, sizeof call->grid);
    memcpy(call->block, (unsigned[]){block_x, block_y, block_z}, sizeof call->block);
    call->shared_bytes = shared_bytes;
    call->arguments = arguments(call, extra);
    uint64_t threads = (uint64_t)block_x * block_y * block_z;
    if (threads == 0 || grid_x == 0 || grid_y == 0 || grid_z == 0) RETURN(INVALID_VALUE);
    if (threads > max_threads(function) || block_z > 64) RETURN(INVALID_VALUE);
    if (grid_x > 2147483647 || grid_y > 65535 || grid_z > 65535) RETURN(INVALID_VALUE);
    if (shared_bytes > 48 << 10) RETURN(INVALID_VALUE);
    RETURN(order(call, stream));
}

EXPORT int cuOccupancyMaxActiveBlocksPerMultiprocessor(int *groups, const struct function *function, int threads, size_t shared_bytes) {
    CALL_IN_CONTEXT(cuOccupancyMaxActiveBlocksPerMultiprocessor);
    (void)function, (void)shared_bytes;
    *groups = device.threads_per_multiprocessor / threads;
    return SUCCESS;
}

EXPORT int cuOccupancyMaxPotentialBlockSize(
    int *groups, int *threads, const struct function *function, const void *shared_bytes_of, size_t shared_bytes, int limit) {
    CALL_IN_CONTEXT(cuOccupancyMaxPotentialBlockSize);
    (void)function, (void)shared_bytes_of, (void)shared_bytes;
    *threads = limit > 0 && limit < 256 ? limit : 256;
    *groups = device.multiprocessors * (device.threads_per_multiprocessor / *threads);
    return SUCCESS;
}
