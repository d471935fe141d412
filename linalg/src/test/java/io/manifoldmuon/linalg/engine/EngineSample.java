package io.manifoldmuon.linalg.engine;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A small part of {@link EngineContract}, for engines that take long to compile a graph: every op
 * gives what the reference gives, at one size.
 */
public abstract class EngineSample extends SharedEngine {

  @ParameterizedTest
  @MethodSource("io.manifoldmuon.linalg.engine.CaseTable#oneOfEachOp")
  void isTheReferences(Case c) {
    Truth.of(c).assertMatches(c, c.runForward(engine(), 1), unitRoundoff());
  }
}
