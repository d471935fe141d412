package uk.ac.manchester.tornado.api;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The grids of tasks, by their names {@code graph.task}. */
public class GridScheduler {
  private final Map<String, WorkerGrid> grids = new ConcurrentHashMap<>();

  /** No grids. */
  public GridScheduler() {}

  /** One grid. */
  public GridScheduler(String task, WorkerGrid grid) {
    grids.put(task, grid);
  }

  /** Sets the grid of {@code task}, which is named {@code graph.task}. */
  public void addWorkerGrid(String task, WorkerGrid grid) {
    grids.put(task, grid);
  }

  /** The grid of {@code task}, or null. */
  public WorkerGrid get(String task) {
    return grids.get(task);
  }

  /** Whether there is a grid for {@code task} of {@code graph}. */
  public boolean contains(String graph, String task) {
    return grids.containsKey(graph + "." + task);
  }

  /** The names of all tasks that have a grid. */
  public Set<String> keySet() {
    return grids.keySet();
  }

  @Override
  public String toString() {
    return "GridScheduler" + grids.keySet();
  }
}
