package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Batches;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.data.EvaluationWindows;
import io.manifoldmuon.model.data.Tokens;
import io.manifoldmuon.model.train.Evaluator;
import io.manifoldmuon.model.train.TrainStep;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models learn what they are given, on the cpu engine. */
class LearningTest {
  private static final int VOCABULARY = 256;

  /** Of float32, for sums over 8 windows of 32 tokens in another order; measured 7.5e-7. */
  private static final double UPDATE_TOLERANCE = 1e-4;

  @TempDir Path temp;

  @Test
  void fourWindowsAreLearnedByHeart() throws IOException {
    RunConfig config =
        SmallRun.config(
            "model.d_model=64",
            "model.d_ff=128",
            "train.steps=300",
            "optimizer.adamw.weight_decay=0",
            "data.path=" + fourWindows(32));
    int context = config.model().context();
    int rows = config.train().batchSize();
    try (Dataset text = Dataset.openWhole(config.data(), context, notice -> {})) {
      var windows = new EvaluationWindows(text.train(), VOCABULARY, context);
      assertThat(windows.count()).isEqualTo(rows).isEqualTo(4);
      try (var run = new SmallRun(config, (step, part, in, out) -> windows.fill(0, rows, in, out));
          var evaluator = new Evaluator(run.engine(), run.model(), config.model(), rows)) {
        double before = evaluator.fromStart(text.train(), 0).loss();
        assertThat(before).isGreaterThan(4);
        for (long i = 0; i < config.train().steps(); i++) {
          run.step().run(i);
        }
        double after = evaluator.fromStart(text.train(), 0).loss();
        Figures.print("four windows: %.3f nats before, %.5f after", before, after);
        assertThat(after).isLessThan(0.05);
      }
    }
  }

  /** The first 4T + 1 bytes of the project's licence: real text that is always there. */
  private Path fourWindows(int context) throws IOException {
    byte[] licence = Files.readAllBytes(Path.of("..", "LICENSE"));
    String words = new String(licence, StandardCharsets.US_ASCII);
    byte[] text = words.replaceAll("\\s+", " ").strip().getBytes(StandardCharsets.US_ASCII);
    return Files.write(temp.resolve("four.txt"), Arrays.copyOf(text, 4 * context + 1));
  }

  /**
   * With an entropy that is known, the loss must come to lie between two bounds: below the entropy
   * of single bytes, which needs attention to what came before, and not below the floor, which
   * would mean that targets leak into inputs. No sampling error of the validation text is near 0.1:
   * its standard error is below 2 / √(16,384 tokens) = 0.016, as the surprise of a byte has a
   * standard deviation below 2.
   */
  @Test
  void theSyntheticLanguageIsLearnedDownToItsEntropyAndNoFurther() {
    List<String> settings =
        SmallRun.settings(
            "data.path=synthetic",
            "data.max_bytes=300000",
            "train.batch_size=32",
            "train.steps=1000",
            "train.eval_windows=512");
    RunConfig config = RunConfig.of(settings.toArray(String[]::new));
    double floor;
    double single;
    try (Dataset text = Dataset.open(config.data(), config.model().context(), notice -> {})) {
      floor = text.lossFloor().orElseThrow();
      single = entropyOfSingleBytes(text.validation());
    }
    Path out = temp.resolve("run");
    JsonNode result = Muon.run(Muon.command("train", settings, "--json", "--out=" + out)).json();
    double loss = result.get("val_loss").asDouble();
    Figures.print(
        "synthetic language: loss %.4f, single bytes %.4f, floor %.4f", loss, single, floor);
    assertThat(loss).isLessThan(single - 0.5).isGreaterThan(floor - 0.1);
  }

  private static double entropyOfSingleBytes(Tokens tokens) {
    Map<Integer, Integer> counts = new HashMap<>();
    for (long i = 0; i < tokens.size(); i++) {
      counts.merge(tokens.get(i), 1, Integer::sum);
    }
    double n = tokens.size();
    return counts.values().stream().mapToDouble(c -> -c / n * Math.log(c / n)).sum();
  }

  @Test
  void twoMicroBatchesAreOneLargeBatch() {
    // ε = 1 keeps the first step of AdamW proportional to the gradient: with a tiny ε it is the
    // sign, which rounding decides where a gradient is nearly zero. A large learning rate keeps
    // the update well above the rounding of the weights that it is added to.
    List<String> common =
        SmallRun.settings(
            "data.path=synthetic",
            "data.max_bytes=20000",
            "model.balance_loss=0",
            "optimizer.adamw.epsilon=1",
            "optimizer.adamw.lr=1",
            "optimizer.adamw.weight_decay=0",
            "optimizer.lr_schedule.warmup_steps=0");
    Step whole = oneStep(common, "train.batch_size=8", "train.grad_accumulation=1");
    Step parts = oneStep(common, "train.batch_size=4", "train.grad_accumulation=2");
    assertThat(parts.result().loss()).isCloseTo(whole.result().loss(), within(1e-6));
    assertThat(parts.result().gradNorm())
        .isCloseTo(whole.result().gradNorm(), within(1e-5 * whole.result().gradNorm()));
    double difference = difference(whole, parts);
    double half = difference(whole, oneStep(common, "train.batch_size=4"));
    Figures.print(
        "accumulation: updates differ by %.1e; without the second half %.1e", difference, half);
    assertThat(difference).isLessThan(UPDATE_TOLERANCE);
    assertThat(half).isGreaterThan(100 * UPDATE_TOLERANCE);
  }

  /** The largest ‖b − a‖ / ‖a‖ of the updates of a parameter. */
  private static double difference(Step whole, Step other) {
    double worst = 0;
    for (var entry : whole.updates().entrySet()) {
      double[] a = entry.getValue();
      double[] b = other.updates().get(entry.getKey());
      double sum = 0;
      double norm = 0;
      for (int i = 0; i < a.length; i++) {
        sum += (a[i] - b[i]) * (a[i] - b[i]);
        norm += a[i] * a[i];
      }
      assertThat(norm).as("update of " + entry.getKey()).isPositive();
      worst = Math.max(worst, Math.sqrt(sum / norm));
    }
    return worst;
  }

  /** What one step did: what it told, and new − old of every parameter. */
  private record Step(TrainStep.Result result, Map<String, double[]> updates) {}

  private static Step oneStep(List<String> common, String... more) {
    RunConfig config =
        RunConfig.of(Stream.concat(common.stream(), Stream.of(more)).toArray(String[]::new));
    int context = config.model().context();
    try (Dataset text = Dataset.open(config.data(), context, notice -> {})) {
      int rows = config.train().batchSize();
      var batches = new Batches(text.train(), VOCABULARY, rows, context, config.train().seed());
      try (var run = new SmallRun(config, batches::fill)) {
        Map<String, double[]> updates = new HashMap<>();
        run.model()
            .parameters()
            .forEach(p -> updates.put(p.variable(), run.engine().read(p.variable()).doubles()));
        TrainStep.Result result = run.step().run(0);
        updates.replaceAll(
            (name, before) -> {
              double[] after = run.engine().read(name).doubles();
              double[] update = new double[after.length];
              Arrays.setAll(update, i -> after[i] - before[i]);
              return update;
            });
        return new Step(result, updates);
      }
    }
  }

  @Test
  void sixtyStepsOnShakespeare() {
    Path text =
        Stream.of(System.getProperty("muon.test.data", "../shared/data"), "../../shared/data")
            .map(folder -> Path.of(folder, "tinyshakespeare.txt"))
            .filter(Files::isReadable)
            .findFirst()
            .orElse(null);
    assumeTrue(text != null, "no tinyshakespeare.txt: set -Dmuon.test.data to its folder");
    JsonNode result =
        Muon.run(
                "train",
                "--engine=cpu",
                "--threads=2",
                "--data=" + text,
                "--set=model.preset=tiny",
                "--set=train.steps=60",
                "--set=train.eval_every=0",
                "--json",
                "--out=" + temp.resolve("run"))
            .json();
    double loss = result.get("val_loss").asDouble();
    Figures.print(
        "tinyshakespeare: %.4f nats after 60 steps, %.0f s",
        loss, result.get("seconds").asDouble());
    assertThat(loss).isLessThan(2.75).isGreaterThan(1.5);
  }
}
