package io.manifoldmuon.linalg.engine;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** Opens one engine for the tests of a class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SharedEngine implements EngineUnderTest {
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
