package uk.ac.manchester.tornado.api;

import io.manifoldmuon.emulator.plan.Plan;

/** What an execution left behind. */
public class TornadoExecutionResult {
  private final Plan plan;
  private final TornadoProfilerResult profile;

  TornadoExecutionResult(Plan plan, TornadoProfilerResult profile) {
    this.plan = plan;
    this.profile = profile;
  }

  /** The times and bytes of the execution. */
  public TornadoProfilerResult getProfilerResult() {
    return profile;
  }

  /** Copies {@code arrays} from device to host. */
  public TornadoExecutionResult transferToHost(Object... arrays) {
    plan.transferToHost(arrays);
    return this;
  }

  /** Whether the execution has ended. */
  public boolean isReady() {
    return true;
  }
}
