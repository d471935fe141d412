package io.manifoldmuon.linalg.engine;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * What every engine must do. An engine's test class extends this and says how to open the engine:
 *
 * <pre>{@code
 * class CpuEngineTest extends EngineContract {
 *   @Override
 *   public Engine open() {
 *     return Engines.open("cpu", EngineOptions.defaults(), _ -> {});
 *   }
 * }
 * }</pre>
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class EngineContract
    implements OpContract, AssignmentContract, StateContract, LifecycleContract {
  private Engine engine;

  @BeforeAll
  void openShared() {
    engine = open();
  }

  @AfterAll
  void closeShared() {
    if (engine != null) { // an engine that is not here was never opened
      engine.close();
    }
  }

  @Override
  public final Engine engine() {
    return engine;
  }
}
