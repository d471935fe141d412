package uk.ac.manchester.tornado.api;

/** How many work-items run a task, in up to three dimensions, and in groups of what size. */
public interface WorkerGrid {
  /** 1, 2 or 3. */
  int dimension();

  /** Work-items per dimension. */
  long[] getGlobalWork();

  /** Work-items of one group per dimension, or null where the device may choose. */
  long[] getLocalWork();

  /** Groups per dimension, or null where the group's size is not known. */
  long[] getNumberOfWorkgroups();

  /** The first index per dimension. */
  long[] getGlobalOffset();

  /** Sets the work-items. */
  void setGlobalWork(long x, long y, long z);

  /** Sets the size of a group. */
  void setLocalWork(long x, long y, long z);

  /** Forgets the number of groups. */
  void setNumberOfWorkgroupsToNull();

  /** Lets the device choose the size of a group. */
  void setLocalWorkToNull();

  /** Sets the first index. */
  void setGlobalOffset(long x, long y, long z);
}
