package io.manifoldmuon.emulator.run;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import io.manifoldmuon.emulator.device.EmulatedDevice;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.WorkerGrid;

/**
 * A checked grid: whole groups in three dimensions, counted with the first dimension fastest.
 *
 * @param local the size of a group; 1, 1, 1 where {@code chosen} is false
 * @param chosen whether the host chose the size of a group, which a kernel with barriers needs
 */
record Grid(int[] global, int[] local, boolean chosen) {
  /** One work-item. */
  static Grid single() {
    return new Grid(new int[] {1, 1, 1}, new int[] {1, 1, 1}, false);
  }

  /** Checks the grid of {@code task}. */
  static Grid of(String task, WorkerGrid grid) {
    boolean chosen = grid.getLocalWork() != null;
    long[] global = whole(task, grid.getGlobalWork());
    long[] local = chosen ? whole(task, grid.getLocalWork()) : new long[] {1, 1, 1};
    String sizes = Arrays.toString(global) + " work-items in groups of " + Arrays.toString(local);
    long[] most = EmulatedDevice.INSTANCE.getDeviceMaxWorkgroupDimensions();
    long all = 1;
    long group = 1;
    for (int d = 0; d < 3; d++) {
      if (global[d] < 1 || local[d] < 1) {
        throw fault(task, sizes + " were given, at least 1 was wanted in every dimension");
      }
      if (global[d] % local[d] != 0) {
        throw fault(
            task,
            sizes
                + " were given, whole groups were wanted; round up and let the kernel check bounds");
      }
      if (local[d] > most[d]) {
        throw fault(task, sizes + " were given, a group has at most " + Arrays.toString(most));
      }
      all = Math.multiplyExact(all, global[d]);
      group *= local[d];
    }
    if (group > EmulatedDevice.GROUP_SIZE) {
      throw fault(task, sizes + " were given, a group has at most " + EmulatedDevice.GROUP_SIZE);
    }
    if (all > Integer.MAX_VALUE || Arrays.stream(grid.getGlobalOffset()).anyMatch(o -> o != 0)) {
      throw fault(task, sizes + " were given, at most 2^31 - 1 were wanted, and no offset");
    }
    return new Grid(narrow(global), narrow(local), chosen);
  }

  private static long[] whole(String task, long[] sizes) {
    if (sizes == null || sizes.length != 3) {
      throw fault(task, Arrays.toString(sizes) + " was given, three sizes were wanted");
    }
    return sizes;
  }

  private static EmulatorException fault(String task, String message) {
    return new EmulatorException(Fault.GRID, task + ": grid: " + message);
  }

  private static int[] narrow(long[] sizes) {
    return Arrays.stream(sizes).mapToInt(Math::toIntExact).toArray();
  }

  int groupSize() {
    return local[0] * local[1] * local[2];
  }

  int groups() {
    return global[0] * global[1] * global[2] / groupSize();
  }

  /** Where group {@code number} is among the groups. */
  int[] group(int number) {
    int x = global[0] / local[0];
    int y = global[1] / local[1];
    return new int[] {number % x, number / x % y, number / x / y};
  }

  /** Where the work-item of number {@code number} in its group is. */
  int[] local(int number) {
    return new int[] {
      number % local[0], number / local[0] % local[1], number / local[0] / local[1]
    };
  }

  /** Where the work-item at {@code inGroup} of the group at {@code group} is among all. */
  int[] global(int[] group, int[] inGroup) {
    int[] all = new int[3];
    for (int d = 0; d < 3; d++) {
      all[d] = group[d] * local[d] + inGroup[d];
    }
    return all;
  }
}
