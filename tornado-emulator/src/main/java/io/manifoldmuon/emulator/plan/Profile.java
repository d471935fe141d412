package io.manifoldmuon.emulator.plan;

/** What an execution took: nanoseconds and bytes. */
public record Profile(
    long total,
    long compile,
    long kernels,
    long copyIn,
    long copyOut,
    long bytesIn,
    long bytesOut,
    String json) {}
