// The driver itself, its devices and contexts, and the words for its errors.
#include "standin.h"
#include <stdio.h>

static int initialized;
static _Thread_local const void *context;
static char contexts[64];
static int contexts_created;

const void *current_context(void) { return context; }

EXPORT int cuInit(unsigned flags) {
    CALL(cuInit);
    if (flags) RETURN(INVALID_VALUE);
    if (device.count == 0) RETURN(NO_DEVICE);
    initialized = 1;
    return SUCCESS;
}

EXPORT int cuDriverGetVersion(int *version) {
    CALL(cuDriverGetVersion);
    *version = device.driver_version;
    return SUCCESS;
}

EXPORT int cuDeviceGetCount(int *count) {
    CALL(cuDeviceGetCount);
    if (!initialized) RETURN(NOT_INITIALIZED);
    *count = device.count;
    return SUCCESS;
}

EXPORT int cuDeviceGet(int *handle, int ordinal) {
    CALL(cuDeviceGet);
    if (!initialized) RETURN(NOT_INITIALIZED);
    if (ordinal < 0 || ordinal >= device.count) RETURN(INVALID_DEVICE);
    *handle = ordinal;
    return SUCCESS;
}

EXPORT int cuDeviceGetName(char *name, int length, int handle) {
    CALL(cuDeviceGetName);
    (void)handle;
    snprintf(name, length, "%s", device.name);
    return SUCCESS;
}

EXPORT int cuDeviceTotalMem_v2(size_t *bytes, int handle) {
    CALL(cuDeviceTotalMem_v2);
    (void)handle;
    *bytes = device.memory_bytes;
    return SUCCESS;
}

EXPORT int cuDeviceGetAttribute(int *value, int attribute, int handle) {
    CALL(cuDeviceGetAttribute);
    switch (attribute) {
        case 1: case 2: case 3: *value = 1024; break;                       // threads of a group, and along x and y
        case 4: *value = 64; break;                                         // threads along z
        case 5: *value = 2147483647; break;                                 // groups along x
        case 6: case 7: *value = 65535; break;                              // groups along y and z
        case 8: *value = 48 << 10; break;                                   // static shared memory of a group
        case 9: *value = 64 << 10; break;                                   // constant memory
        case 10: *value = 32; break;                                        // threads of a warp
        case 11: *value = 2147483647; break;                                // pitch
        case 12: case 82: *value = 64 << 10; break;                         // registers of a group, and of a multiprocessor
        case 13: *value = 1500000; break;                                   // clock rate, kHz
        case 16: *value = device.multiprocessors; break;
        case 19: case 41: *value = 1; break;                                // maps host memory; one address space
        case 33: *value = handle; break;                                    // PCI bus
        case 39: *value = device.threads_per_multiprocessor; break;
        case 75: *value = device.major; break;
        case 76: *value = device.minor; break;
        case 81: *value = device.shared_bytes_per_multiprocessor; break;
        default: *value = 0;
    }
    return SUCCESS;
}

EXPORT int cuDeviceCanAccessPeer(int *can, int one, int other) {
    CALL(cuDeviceCanAccessPeer);
    (void)one, (void)other;
    *can = 0;
    return SUCCESS;
}

EXPORT int cuCtxCreate_v2(const void **handle, unsigned flags, int ordinal) {
    CALL(cuCtxCreate_v2);
    (void)flags;
    if (!initialized) RETURN(NOT_INITIALIZED);
    if (ordinal < 0 || ordinal >= device.count) RETURN(INVALID_DEVICE);
    *handle = context = &contexts[contexts_created++ % sizeof contexts];
    return SUCCESS;
}

EXPORT int cuCtxDestroy_v2(const void *handle) {
    CALL(cuCtxDestroy_v2);
    if (context == handle) context = NULL;
    return SUCCESS;
}

EXPORT int cuCtxSetCurrent(const void *handle) {
    CALL(cuCtxSetCurrent);
    context = handle;
    return SUCCESS;
}

EXPORT int cuCtxSynchronize(void) {
    CALL_IN_CONTEXT(cuCtxSynchronize);
    RETURN(refused_while_capturing());
}

EXPORT int cuCtxGetCacheConfig(int *config) {
    CALL_IN_CONTEXT(cuCtxGetCacheConfig);
    *config = 0;
    return SUCCESS;
}

EXPORT int cuCtxSetCacheConfig(int config) {
    CALL_IN_CONTEXT(cuCtxSetCacheConfig);
    (void)config;
    return SUCCESS;
}

EXPORT int cuCtxGetSharedMemConfig(int *config) {
    CALL_IN_CONTEXT(cuCtxGetSharedMemConfig);
    *config = 1;
    return SUCCESS;
}

EXPORT int cuCtxSetSharedMemConfig(int config) {
    CALL_IN_CONTEXT(cuCtxSetSharedMemConfig);
    (void)config;
    return SUCCESS;
}

// The driver's own words. Asked also where nothing else works any more.
EXPORT int cuGetErrorString(int error, const char **text) {
    static const struct { int error; const char *text; } words[] = {
        {0, "no error"},
        {1, "invalid argument"},
        {2, "out of memory"},
        {3, "initialization error"},
        {46, "CUDA-capable device(s) is/are busy or unavailable"},
        {100, "no CUDA-capable device is detected"},
        {101, "invalid device ordinal"},
        {201, "invalid device context"},
        {209, "no kernel image is available for execution on the device"},
        {214, "uncorrectable ECC error encountered"},
        {218, "a PTX JIT compilation failed"},
        {222, "the provided PTX was compiled with an unsupported toolchain."},
        {400, "invalid resource handle"},
        {500, "named symbol not found"},
        {700, "an illegal memory access was encountered"},
        {701, "too many resources requested for launch"},
        {702, "the launch timed out and was terminated"},
        {719, "unspecified launch failure"},
        {802, "system not yet initialized"},
        {803, "system has unsupported display driver / cuda driver combination"},
        {900, "operation not permitted when stream is capturing"},
        {901, "operation failed due to a previous error during capture"},
        {903, "the capture was not initiated in this stream"},
        {906, "operation would make the legacy stream depend on a capturing blocking stream"},
        {999, "unknown error"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].error == error) {
            *text = words[i].text;
            return SUCCESS;
        }
    }
    *text = NULL;
    return INVALID_VALUE;
}
