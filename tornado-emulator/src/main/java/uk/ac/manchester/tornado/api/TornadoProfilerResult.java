package uk.ac.manchester.tornado.api;

import io.manifoldmuon.emulator.plan.Profile;

/** The times and bytes of an execution; times in nanoseconds. */
public class TornadoProfilerResult {
  private final Profile profile;

  TornadoProfilerResult(Profile profile) {
    this.profile = profile;
  }

  /** Time of the whole execution. */
  public long getTotalTime() {
    return profile.total();
  }

  /** Time that was spent on preparing kernels. */
  public long getCompileTime() {
    return profile.compile();
  }

  /** Time that the kernels took. */
  public long getDeviceKernelTime() {
    return profile.kernels();
  }

  /** Time of all transfers. */
  public long getDataTransfersTime() {
    return profile.copyIn() + profile.copyOut();
  }

  /** Time of the transfers to the device. */
  public long getDeviceWriteTime() {
    return profile.copyIn();
  }

  /** Time of the transfers to the host. */
  public long getDeviceReadTime() {
    return profile.copyOut();
  }

  /** Bytes that went to the device. */
  public long getTotalBytesCopyIn() {
    return profile.bytesIn();
  }

  /** Bytes that went to the host. */
  public long getTotalBytesCopyOut() {
    return profile.bytesOut();
  }

  /** Bytes that moved. */
  public long getTotalBytesTransferred() {
    return profile.bytesIn() + profile.bytesOut();
  }

  /** All of it, task by task, as JSON. */
  public String getProfileLog() {
    return profile.json();
  }
}
