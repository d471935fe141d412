package uk.ac.manchester.tornado.api;

/** What all grids have. */
public abstract class AbstractWorkerGrid implements WorkerGrid {
  private long[] globalWork;
  private long[] localWork;
  private long[] groups;
  private long[] offset = {0, 0, 0};

  AbstractWorkerGrid(long x, long y, long z) {
    globalWork = new long[] {x, y, z};
  }

  @Override
  public long[] getGlobalWork() {
    return globalWork;
  }

  @Override
  public long[] getLocalWork() {
    return localWork;
  }

  @Override
  public long[] getNumberOfWorkgroups() {
    return groups;
  }

  @Override
  public long[] getGlobalOffset() {
    return offset;
  }

  @Override
  public void setGlobalWork(long x, long y, long z) {
    globalWork = new long[] {x, y, z};
    countGroups();
  }

  @Override
  public void setLocalWork(long x, long y, long z) {
    localWork = new long[] {x, y, z};
    countGroups();
  }

  @Override
  public void setGlobalOffset(long x, long y, long z) {
    offset = new long[] {x, y, z};
  }

  @Override
  public void setLocalWorkToNull() {
    localWork = null;
    groups = null;
  }

  @Override
  public void setNumberOfWorkgroupsToNull() {
    groups = null;
  }

  private void countGroups() {
    if (localWork == null) {
      return;
    }
    groups = new long[3];
    for (int d = 0; d < 3; d++) {
      groups[d] = localWork[d] == 0 ? 0 : globalWork[d] / localWork[d];
    }
  }
}
