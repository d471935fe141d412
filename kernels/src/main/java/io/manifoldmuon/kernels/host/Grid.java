package io.manifoldmuon.kernels.host;

import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;

/** Global and local sizes; every global size is a multiple of the local one. */
public final class Grid {
  /** The work-items of a group, for kernels that do not ask for another number. */
  public static final int GROUP = 64;

  private Grid() {}

  /** At least {@code items} work-items in groups of {@link #GROUP}. */
  public static WorkerGrid covering(long items) {
    return covering(items, GROUP);
  }

  /** At least {@code items} work-items in groups of the given size. */
  public static WorkerGrid covering(long items, int group) {
    long global = (Math.max(1, items) + group - 1) / group * group;
    if (global > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "grid: " + items + " work-items given, wanted at most 2^31-1; split the work");
    }
    WorkerGrid grid = new WorkerGrid1D((int) global);
    grid.setLocalWork(group, 1, 1);
    return grid;
  }
}
