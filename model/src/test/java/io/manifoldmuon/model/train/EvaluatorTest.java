package io.manifoldmuon.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.DataException;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.data.EvaluationWindows;
import io.manifoldmuon.model.data.Tokens;
import io.manifoldmuon.model.nn.LanguageModel;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluatorTest {
  private static final int T = TinyRun.CONTEXT;

  private final RunConfig config = TinyRun.config();
  private final Dataset data = TinyRun.data(config);
  private final Engine engine = TinyRun.reference();
  private final LanguageModel model = TinyRun.start(engine, config);

  @AfterEach
  void close() {
    engine.close();
    data.close();
  }

  /** The loss of one window, by the objective that gradients are taken of. */
  private double lossOfWindow(Tokens tokens, long window) {
    int[] ids = new int[T];
    int[] targets = new int[T];
    new EvaluationWindows(tokens, TinyRun.VOCABULARY, T).fill(window, 1, ids, targets);
    return Gradients.of(engine, model, TinyRun.ids(1, ids), TinyRun.ids(1, targets)).loss();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7})
  void theBatchSizeDoesNotChangeTheResult(int batch) {
    Tokens tokens = data.validation().slice(0, 5 * T + 4); // 5 windows and a part
    double want = LongStream.range(0, 5).mapToDouble(i -> lossOfWindow(tokens, i)).sum() / 5;
    try (Evaluator evaluator = new Evaluator(engine, model, config.model(), batch)) {
      Evaluation got = evaluator.fromStart(tokens, 0);
      assertThat(got.loss()).isCloseTo(want, within(1e-12));
      assertThat(got.tokens()).isEqualTo(5 * T);
      assertThat(got.perplexity()).isCloseTo(Math.exp(want), within(1e-8));
      // what an earlier evaluation left in the buffers has no influence
      assertThat(evaluator.fromStart(tokens, 0).loss()).isEqualTo(got.loss());
    }
  }

  @Test
  void aLimitTakesWholeWindowsFromTheStart() {
    try (Evaluator evaluator = new Evaluator(engine, model, config.model(), 2)) {
      Evaluation got = evaluator.fromStart(data.validation(), 2 * T + 3);
      double want = (lossOfWindow(data.validation(), 0) + lossOfWindow(data.validation(), 1)) / 2;
      assertThat(got.tokens()).isEqualTo(2 * T);
      assertThat(got.loss()).isCloseTo(want, within(1e-12));
    }
  }

  @Test
  void spreadWindowsAreEvenlyApart() {
    Tokens tokens = data.validation().slice(0, 9 * T + 1);
    try (Evaluator evaluator = new Evaluator(engine, model, config.model(), 2)) {
      double want =
          (lossOfWindow(tokens, 0) + lossOfWindow(tokens, 3) + lossOfWindow(tokens, 6)) / 3;
      assertThat(evaluator.spread(tokens, 3).loss()).isCloseTo(want, within(1e-12));
      assertThat(evaluator.spread(tokens, 100)).isEqualTo(evaluator.fromStart(tokens, 0));
    }
  }

  @Test
  void lessThanAWindowIsAnError() {
    try (Evaluator evaluator = new Evaluator(engine, model, config.model(), 2)) {
      assertThatThrownBy(() -> evaluator.fromStart(data.validation(), T - 1))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("one window");
      assertThatThrownBy(() -> evaluator.fromStart(data.validation().slice(0, T), 0))
          .isInstanceOf(DataException.class);
    }
  }
}
