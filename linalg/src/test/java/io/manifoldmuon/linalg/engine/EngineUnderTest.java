package io.manifoldmuon.linalg.engine;

/** What a contract asks of the test class of an engine. */
public interface EngineUnderTest {

  /** The engine that is shared by the tests of a class; closed by the class. */
  Engine engine();

  /** A new engine of the same kind; closed by the caller. */
  Engine open();

  /** The unit roundoff of the engine's arithmetic; 2⁻²⁴ for float32. */
  default double unitRoundoff() {
    return Tolerances.FLOAT;
  }

  /** Whether a bad index or a NaN score ends the replay with an exception. */
  default boolean checksWhileRunning() {
    return true;
  }
}
