package io.manifoldmuon.kernels.host;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Checks a launch before it becomes a task. TornadoVM itself lets most of this pass: OpenCL's
 * refusal of a grid goes to the error stream and the kernel does not run, and a group that is too
 * large is cut to another size.
 *
 * @param maxGroup the most work-items of a group
 * @param maxSizes the most work-items of a group in each dimension
 * @param maxGroups the most groups in the second and in the third dimension
 * @param maxAllocation the most bytes of an array
 */
public record LaunchLimits(long maxGroup, long[] maxSizes, long maxGroups, long maxAllocation) {
  /** What CUDA allows in dimensions y and z; drivers of OpenCL for the same GPUs have it, too. */
  static final int GROUPS_OF_GPU = 65_535;

  /** The limits of a device. */
  public static LaunchLimits of(TornadoDevice device) {
    long[] sizes = device.getPhysicalDevice().getDeviceMaxWorkItemSizes();
    long[] groups = device.getPhysicalDevice().getDeviceMaxWorkGroupSize();
    return new LaunchLimits(
        LongStream.of(groups).max().orElse(1),
        sizes.clone(),
        device.getDeviceType() == TornadoDeviceType.CPU ? Long.MAX_VALUE : GROUPS_OF_GPU,
        device.getMaxAllocMemory());
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
      if (d > 0 && global[d] / local[d] > maxGroups) {
        throw bad(
            launch,
            global[d] / local[d]
                + " groups in dimension "
                + d
                + ", the device has "
                + maxGroups
                + "; use a smaller batch or smaller stacks of matrices");
      }
      group *= local[d];
    }
    if (group > maxGroup) {
      throw bad(launch, group + " work-items in a group, the device has " + maxGroup);
    }
    checkWritten(launch);
    launch.reads().forEach(b -> checkSize("kernel " + launch.name(), b.array()));
    launch.writes().forEach(b -> checkSize("kernel " + launch.name(), b.array()));
  }

  /**
   * TornadoVM makes a task wait for the one that wrote its operand last. That is the task itself,
   * if an array that it writes comes again among its arguments. Results come last, so that an
   * operand may lie in the array of a result; but not in that of one which is also read.
   */
  private static void checkWritten(Launch launch) {
    List<TornadoNativeArray> written = launch.writes().stream().map(Buffer::array).toList();
    for (TornadoNativeArray array : written) {
      long writes = times(written, array);
      if (writes > 1) {
        throw bad(
            launch,
            "two operands in one array are written, TornadoVM does not end then; give each its own");
      }
      long reads = times(launch.reads().stream().map(Buffer::array).toList(), array);
      long arguments = reads < 2 ? 0 : KernelCode.timesHandedOver(launch, array);
      if (arguments > 1 && arguments < reads + writes) {
        throw bad(
            launch,
            "an operand that is read and written lies in one array with another operand, TornadoVM"
                + " does not end then; give each its own");
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // the same memory, not equal contents
  private static long times(List<TornadoNativeArray> arrays, TornadoNativeArray array) {
    return arrays.stream().filter(a -> a == array).count();
  }

  /**
   * Checks the size of an array, whether or not a launch names it among its operands.
   *
   * @param what whose it is, for the message
   */
  void checkSize(String what, TornadoNativeArray array) {
    long bytes = array.getNumBytesOfSegmentWithHeader();
    if (maxAllocation > 0 && bytes > maxAllocation) {
      throw new IllegalArgumentException(
          what
              + ": an array of "
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
