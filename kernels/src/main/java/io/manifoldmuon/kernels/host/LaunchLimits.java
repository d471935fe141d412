package io.manifoldmuon.kernels.host;

import java.util.Arrays;
import java.util.stream.LongStream;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/**
 * Checks a launch before it becomes a task. TornadoVM itself lets most of this pass: OpenCL's
 * refusal of a grid goes to the error stream and the kernel does not run, and a group that is too
 * large is cut to another size.
 *
 * @param maxGroup the most work-items of a group
 * @param maxSizes the most work-items of a group in each dimension
 * @param maxAllocation the most bytes of an array
 */
public record LaunchLimits(long maxGroup, long[] maxSizes, long maxAllocation) {

  /** The limits of a device. */
  public static LaunchLimits of(TornadoDevice device) {
    long[] sizes = device.getPhysicalDevice().getDeviceMaxWorkItemSizes();
    long[] groups = device.getPhysicalDevice().getDeviceMaxWorkGroupSize();
    return new LaunchLimits(
        LongStream.of(groups).max().orElse(1), sizes.clone(), device.getMaxAllocMemory());
  }

  /**
   * Checks a launch.
   *
   * @throws IllegalArgumentException naming the kernel and what is wrong
   */
  public void check(Launch launch) {
    WorkerGrid grid = launch.grid();
    long[] global = grid.getGlobalWork();
    long[] local = grid.getLocalWork();
    if (local == null) {
      throw bad(launch, "no local size given, wanted one; set it with setLocalWork");
    }
    long group = 1;
    for (int d = 0; d < grid.dimension(); d++) {
      if (local[d] < 1 || global[d] < 1 || global[d] % local[d] != 0) {
        throw bad(
            launch,
            "global size "
                + Arrays.toString(global)
                + " and local size "
                + Arrays.toString(local)
                + " given, wanted a multiple; round the global size up");
      }
      if (d < maxSizes.length && local[d] > maxSizes[d]) {
        throw bad(
            launch, local[d] + " work-items in dimension " + d + ", the device has " + maxSizes[d]);
      }
      group *= local[d];
    }
    if (group > maxGroup) {
      throw bad(launch, group + " work-items in a group, the device has " + maxGroup);
    }
    if (launch.writes().stream().map(Buffer::array).distinct().count() < launch.writes().size()) {
      throw bad(
          launch,
          "two operands in one array are written, TornadoVM does not end then; give each its own");
    }
    launch.reads().forEach(b -> checkSize(launch, b));
    launch.writes().forEach(b -> checkSize(launch, b));
  }

  private void checkSize(Launch launch, Buffer b) {
    long bytes = b.array().getNumBytesOfSegmentWithHeader();
    if (maxAllocation > 0 && bytes > maxAllocation) {
      throw bad(
          launch,
          "an array of "
              + bytes
              + " bytes, the device allows "
              + maxAllocation
              + "; use a smaller batch or model");
    }
  }

  private static IllegalArgumentException bad(Launch launch, String what) {
    return new IllegalArgumentException("kernel " + launch.name() + ": " + what);
  }
}
