package io.manifoldmuon.kernels.host;

import java.util.List;
import uk.ac.manchester.tornado.api.TaskGraphInterface;
import uk.ac.manchester.tornado.api.WorkerGrid;

/**
 * One kernel on its operands: what becomes one task of a task graph.
 *
 * <p>The conventions of kernels ({@code io.manifoldmuon.kernels.device}): public static methods;
 * the {@code KernelContext} first; then each array, followed by the index of the operand's first
 * element; then the dimensions. TornadoVM folds every primitive argument into the compiled kernel,
 * so numbers that change between replays are elements of arrays. A kernel allows any global size
 * that covers its work: work-items beyond it return.
 *
 * @param name the kernel, such as {@code gramTiledF32}; for plans and messages
 * @param reads the buffers whose content the kernel needs
 * @param writes the buffers that the kernel fills or changes
 * @param grid global and local sizes; every global size is a multiple of the local one
 * @param flops the estimated floating-point operations
 * @param bytes the estimated bytes moved between memory and processor
 * @param steps the same as steps of {@link io.manifoldmuon.kernels.device.SmallSteps}, or none
 * @param matrix the same as a step of {@link io.manifoldmuon.kernels.device.MatrixSteps}, or null
 * @param data what the kernel reads of the numbers that the launch brings along, and that is to be
 *     sent to the device once; these are among the reads as well
 * @param task adds the task to a graph
 */
public record Launch(
    String name,
    List<Buffer> reads,
    List<Buffer> writes,
    WorkerGrid grid,
    double flops,
    long bytes,
    List<SmallStep> steps,
    MatrixStep matrix,
    List<Buffer> data,
    Task task) {

  /** Adds a task of the given id to a graph: {@code (g, id) -> g.task(id, Kernels::k, …)}. */
  @FunctionalInterface
  public interface Task {
    void addTo(TaskGraphInterface graph, String taskId);
  }

  public Launch {
    reads = List.copyOf(reads);
    writes = List.copyOf(writes);
    steps = List.copyOf(steps);
    data = List.copyOf(data);
  }

  /** A launch whose bytes are those of its operands. */
  public static Launch of(
      String name,
      List<Buffer> reads,
      List<Buffer> writes,
      WorkerGrid grid,
      double flops,
      Task task) {
    long bytes =
        reads.stream().mapToLong(Buffer::bytes).sum()
            + writes.stream().mapToLong(Buffer::bytes).sum();
    return new Launch(name, reads, writes, grid, flops, bytes, List.of(), null, List.of(), task);
  }

  /** The same launch, which small values make by steps. */
  Launch by(SmallStep... same) {
    return new Launch(name, reads, writes, grid, flops, bytes, List.of(same), matrix, data, task);
  }

  /** The same launch, which stacks of matrices make by a step. */
  Launch by(MatrixStep same) {
    return new Launch(name, reads, writes, grid, flops, bytes, steps, same, data, task);
  }

  /** The same launch, which brings numbers along. */
  Launch with(Buffer numbers) {
    return new Launch(
        name, reads, writes, grid, flops, bytes, steps, matrix, List.of(numbers), task);
  }

  /** Adds the kernel to a graph under the given task id. */
  public void addTo(TaskGraphInterface graph, String taskId) {
    task.addTo(graph, taskId);
  }
}
