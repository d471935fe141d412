package uk.ac.manchester.tornado.api;

import io.manifoldmuon.emulator.plan.Plan;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/** Runs task graphs: all of them in turn, or the one that was chosen last. */
public class TornadoExecutionPlan implements AutoCloseable {
  private static final AtomicLong PLANS = new AtomicLong();

  private final long id = PLANS.incrementAndGet();
  private final Plan plan;
  private TornadoExecutionResult last;

  /** A plan of the given graphs. */
  public TornadoExecutionPlan(ImmutableTaskGraph... graphs) {
    plan = new Plan(Arrays.stream(graphs).map(ImmutableTaskGraph::recording).toList());
  }

  /** Device {@code device} of backend {@code backend}. */
  public static TornadoDevice getDevice(int backend, int device) {
    return TornadoRuntimeProvider.getTornadoRuntime().getBackend(backend).getDevice(device);
  }

  /** Runs the chosen graphs. */
  public TornadoExecutionResult execute() {
    last = new TornadoExecutionResult(plan, new TornadoProfilerResult(plan.execute()));
    return last;
  }

  /** Chooses one graph. */
  public TornadoExecutionPlan withGraph(int index) {
    plan.choose(index);
    return this;
  }

  /** Chooses all graphs. */
  public TornadoExecutionPlan withAllGraphs() {
    plan.chooseAll();
    return this;
  }

  /** Prepares the kernels of the chosen graphs. */
  public TornadoExecutionPlan withPreCompilation() {
    plan.compile();
    return this;
  }

  /** Sets the grids of all tasks. */
  public TornadoExecutionPlan withGridScheduler(GridScheduler grids) {
    plan.grids(grids);
    return this;
  }

  /** Chooses the device, of which the emulator has one. */
  public TornadoExecutionPlan withDevice(TornadoDevice device) {
    plan.device(device);
    return this;
  }

  /** The device of graph {@code index}. */
  public TornadoDevice getDevice(int index) {
    return plan.device(index);
  }

  /** Measures times; the emulator always does. */
  public TornadoExecutionPlan withProfiler(ProfilerMode mode) {
    return this;
  }

  /** No longer measures times. */
  public TornadoExecutionPlan withoutProfiler() {
    return this;
  }

  /** Forgets the times measured so far. */
  public TornadoExecutionPlan clearProfiles() {
    return this;
  }

  /** Executes the chosen graphs as often, which changes what they change. */
  public TornadoExecutionPlan withWarmUpIterations(int iterations) {
    for (int i = 0; i < iterations; i++) {
      execute();
    }
    return this;
  }

  /** Executes the chosen graphs for that long at least, which changes what they change. */
  public TornadoExecutionPlan withWarmUpTime(long milliseconds) throws InterruptedException {
    long start = System.nanoTime();
    do {
      execute();
    } while (System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(milliseconds));
    return this;
  }

  /** Of no effect on the emulator. */
  public TornadoExecutionPlan withCUDAGraph() {
    return this;
  }

  /** Of no effect on the emulator. */
  public TornadoExecutionPlan withCompilerFlags(TornadoVMBackendType backend, String flags) {
    return this;
  }

  /** Of no effect on the emulator. */
  public TornadoExecutionPlan withPrintKernel() {
    return this;
  }

  /** Of no effect on the emulator. */
  public TornadoExecutionPlan withoutPrintKernel() {
    return this;
  }

  /** Of no effect on the emulator. */
  public TornadoExecutionPlan withThreadInfo() {
    return this;
  }

  /** Of no effect on the emulator. */
  public TornadoExecutionPlan withoutThreadInfo() {
    return this;
  }

  /** Gives back the memory on the device. */
  public TornadoExecutionPlan freeDeviceMemory() {
    plan.free();
    return this;
  }

  /** Gives back all that the plan has on the device. */
  public TornadoExecutionPlan resetDevice() {
    plan.free();
    return this;
  }

  /** Bytes that the plan has on the device. */
  public long getCurrentDeviceMemoryUsage() {
    return plan.bytesOnDevice();
  }

  /** The number of this plan, from 1 on. */
  public long getId() {
    return id;
  }

  @Override
  public void close() throws TornadoExecutionPlanException {
    plan.close();
  }
}
