package io.manifoldmuon.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.train.TrainResult.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  private static final Set<String> KEYS =
      Set.of(
          "step",
          "tokens",
          "train_loss",
          "val_loss",
          "lr",
          "grad_norm",
          "tokens_per_s",
          "step_ms",
          "forward_ms",
          "backward_ms",
          "optimizer_ms",
          "router_entropy",
          "max_violation_load",
          "expert_load",
          "total_seconds");

  @TempDir Path temp;

  private TrainResult train(RunConfig config, StopRequest stop) {
    return train(config, ProgressListener.NONE, stop);
  }

  private TrainResult train(RunConfig config, ProgressListener listener, StopRequest stop) {
    try (Dataset data = TinyRun.data(config);
        Engine engine = EngineOpening.open(config.engine(), notice -> {})) {
      var job = new TrainJob(config, data, temp.resolve("run"), "./muon train <here>");
      return new Trainer(job, engine, listener, stop).run();
    }
  }

  private Set<String> files() {
    try (Stream<Path> list = Files.list(temp.resolve("run"))) {
      return new TreeSet<>(list.map(p -> p.getFileName().toString()).toList());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<JsonNode> metrics() throws IOException {
    return lines("metrics.jsonl");
  }

  private List<JsonNode> lines(String name) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(temp.resolve("run").resolve(name))) {
      lines.add(new ObjectMapper().readTree(line));
    }
    return lines;
  }

  @Test
  void theJournalTellsOfSessionsSamplesAndGroups() throws IOException {
    RunConfig config =
        TinyRun.config("train.steps=6", "train.eval_every=4", "optimizer.type=composed_manifold");
    TrainResult result = train(config, () -> false);
    List<JsonNode> sessions = lines("sessions.jsonl");
    assertThat(sessions).hasSize(2);
    assertThat(sessions.get(0).get("step").asLong()).isZero();
    assertThat(sessions.get(0).get("floor").asDouble()).isEqualTo(result.floor());
    assertThat(sessions.get(0).get("environment").get("Engine").asText()).contains("reference");
    assertThat(sessions.get(1).get("outcome").asText()).isEqualTo("COMPLETED");
    List<JsonNode> samples = lines("samples.jsonl");
    assertThat(samples).extracting(s -> s.get("step").asInt()).containsExactly(4, 6);
    JsonNode last = samples.getLast();
    assertThat(last.get("prompt").asText() + last.get("text").asText()).isEqualTo(result.sample());
    JsonNode attention = metrics().getLast().get("groups").get("attention");
    assertThat(attention.get("sigma_min").asDouble()).isCloseTo(1, within(1e-3));
    assertThat(attention.get("sigma_max").asDouble()).isBetween(1.0, 1.001);
    for (JsonNode layer : metrics().getLast().get("expert_load")) {
      double sum = 0;
      for (JsonNode load : layer) {
        sum += load.asDouble();
      }
      assertThat(sum).isCloseTo(3, within(2e-3)); // E experts of mean 1, each rounded to 1e-3
    }
  }

  @Test
  void theLossFallsOnTheSyntheticLanguage() {
    RunConfig config =
        TinyRun.config(
            "engine.name=cpu",
            "model.d_model=32",
            "model.n_layers=1",
            "model.d_ff=64",
            "model.context=16",
            "data.max_bytes=40000",
            "train.steps=700",
            "train.batch_size=16",
            "train.eval_windows=100",
            "optimizer.adamw.lr=0.01");
    List<Double> losses = new ArrayList<>();
    TrainResult result =
        train(
            config,
            new ProgressListener() {
              @Override
              public void step(Progress p) {
                losses.add(p.loss());
              }
            },
            () -> false);
    assertThat(result.outcome()).isEqualTo(Outcome.COMPLETED);
    assertThat(losses).hasSize(700);
    // single letters of the language have an entropy near 3.29; less needs the letters before
    assertThat(losses.getFirst()).isGreaterThan(5);
    assertThat(result.validationLoss()).isLessThan(3.25).isGreaterThan(result.floor());
    assertThat(result.sample()).isNotBlank();
  }

  @Test
  void lazyRetractionComesWhenItIsDue() throws IOException {
    RunConfig config =
        TinyRun.config(
            "train.steps=6",
            "train.log_every=1",
            "optimizer.type=composed_manifold",
            "optimizer.stiefel_muon.retract_every=3");
    train(config, () -> false);
    for (JsonNode line : metrics()) {
      double worst = line.get("constraint_max").asDouble();
      if (line.get("step").asInt() % 3 == 0) {
        assertThat(worst).as(line.toString()).isLessThan(2e-6);
      } else {
        assertThat(worst).as(line.toString()).isBetween(1e-5, 0.1); // two steps of 0.02
      }
    }
  }

  @Test
  void theRunFolderIsComplete() throws IOException {
    RunConfig config =
        TinyRun.config("train.steps=6", "train.eval_every=4", "train.checkpoint_every=2");
    TrainResult result = train(config, () -> false);
    assertThat(files())
        .containsExactly(
            ".lock",
            "best",
            "checkpoint-2",
            "checkpoint-4",
            "config.yaml",
            "final",
            "log.txt",
            "metrics.csv",
            "metrics.jsonl",
            "plots",
            "report.html",
            "samples.jsonl",
            "sessions.jsonl");
    Path run = temp.resolve("run");
    assertThat(new ConfigBuilder().file(run.resolve("config.yaml")).build()).isEqualTo(config);
    assertThat(Checkpoint.at(run).state().step()).isEqualTo(6);
    assertThat(Checkpoint.at(run.resolve("checkpoint-2")).state().tokens()).isEqualTo(2 * 2 * 8);
    assertThat(Files.readString(run.resolve("report.html")))
        .contains("./muon train &lt;here&gt;")
        .contains("Validation loss");
    assertThat(Files.readString(run.resolve("log.txt"))).contains("./muon train <here>");
    assertThat(result.folder()).isEqualTo(run);
    assertThat(result.checkpoint()).isEqualTo(run.resolve("final"));
  }

  @Test
  void metricsHaveTheFixedKeys() throws IOException {
    train(TinyRun.config("train.steps=6", "train.eval_every=3"), () -> false);
    List<JsonNode> lines = metrics();
    assertThat(lines.stream().map(l -> l.get("step").asInt())).containsExactly(1, 2, 3, 4, 6);
    for (JsonNode line : lines) {
      Set<String> keys = new TreeSet<>();
      line.fieldNames().forEachRemaining(keys::add);
      boolean validated = line.get("step").asInt() % 3 == 0;
      Set<String> wanted = new TreeSet<>(KEYS);
      if (!validated) {
        wanted.remove("val_loss");
      }
      assertThat(keys).isEqualTo(wanted);
      line.properties().stream()
          .filter(field -> !field.getKey().equals("expert_load"))
          .forEach(field -> assertThat(field.getValue().isNumber()).isTrue());
      assertThat(line.get("tokens").asLong()).isEqualTo(line.get("step").asLong() * 16);
    }
  }

  @Test
  void validationAndSavingDoNotChangeTheTraining() throws IOException {
    train(TinyRun.config("train.eval_every=1", "train.checkpoint_every=1"), () -> false);
    byte[] watched = Files.readAllBytes(temp.resolve("run/final/model.safetensors"));
    Files.move(temp.resolve("run"), temp.resolve("watched"));
    train(TinyRun.config(), () -> false);
    assertThat(Files.readAllBytes(temp.resolve("run/final/model.safetensors"))).isEqualTo(watched);
  }

  @Test
  void aRequestToStopSavesACheckpoint() {
    int[] steps = {0};
    TrainResult result = train(TinyRun.config("train.steps=50"), () -> ++steps[0] == 3);
    assertThat(result.outcome()).isEqualTo(Outcome.INTERRUPTED);
    assertThat(result.step()).isEqualTo(3);
    assertThat(Checkpoint.at(temp.resolve("run/checkpoint-3")).state().step()).isEqualTo(3);
    assertThat(files()).doesNotContain("final").contains("report.html");
  }

  @Test
  void theTimeLimitEndsTheRun() {
    TrainResult result =
        train(TinyRun.config("train.steps=100000", "train.max_minutes=0.002"), () -> false);
    assertThat(result.outcome()).isEqualTo(Outcome.OUT_OF_TIME);
    assertThat(result.step()).isBetween(1L, 99_999L);
    assertThat(result.validationLoss()).isFinite();
    assertThat(files()).contains("final");
  }

  @Test
  void divergenceKeepsTheLastGoodCheckpointAndNamesTheOperation() throws IOException {
    RunConfig config =
        TinyRun.config(
            "engine.name=cpu",
            "train.steps=40",
            "train.checkpoint_every=1",
            "optimizer.adamw.lr=1e22", // products of such weights leave float32
            "optimizer.lr_schedule.warmup_steps=0");
    assertThatThrownBy(() -> train(config, () -> false))
        .isInstanceOf(NumericalException.class)
        .hasMessageMatching("train: at step 2, the norm of the gradient is NaN.*")
        .hasMessageContaining("made by RmsNormBackward in head (backward) in step 2")
        .hasMessageContaining("last good checkpoint is " + temp.resolve("run/checkpoint-1"))
        .extracting(e -> ((NumericalException) e).exitCode())
        .isEqualTo(4);
    assertThat(files()).contains("checkpoint-1").doesNotContain("final");
    assertThat(Files.readString(temp.resolve("run/report.html")))
        .contains("Run diverged: train: at step 2, the norm of the gradient is NaN");
    assertThat(Files.readAllLines(temp.resolve("run/sessions.jsonl")).getLast())
        .contains("\"outcome\":\"DIVERGED\"", "\"step\":2,", "RmsNormBackward in head");
    assertThat(files().stream().filter(f -> f.startsWith("."))).containsExactly(".lock");
    assertThat(Files.readString(temp.resolve("run/log.txt"))).contains("NumericalException");
    assertThat(Files.readString(temp.resolve("run/metrics.jsonl"))).doesNotContain("NaN");
  }

  @Test
  void weightsThatAreNotFiniteAreNotSaved() {
    RunConfig config =
        TinyRun.config(
            "engine.name=cpu",
            "train.checkpoint_every=1",
            "train.grad_accumulation=2",
            "optimizer.adamw.lr=1e39", // leaves float32 itself
            "optimizer.lr_schedule.warmup_steps=0");
    assertThatThrownBy(() -> train(config, () -> false))
        .isInstanceOf(NumericalException.class)
        .hasMessageContaining("save: ")
        .hasMessageContaining("(optimizer) in step 1")
        .hasMessageContaining("no checkpoint was saved");
    assertThat(files()).doesNotContain("checkpoint-1");
  }

  @Test
  void healthyStepsHaveNothingToFind() {
    for (String type : List.of("composed_manifold", "normuon", "adamw")) {
      RunConfig config =
          TinyRun.config(
              "engine.name=cpu",
              "model.router_bias=true",
              "model.z_loss=0.01",
              "optimizer.type=" + type);
      try (Engine engine = EngineOpening.open(config.engine(), notice -> {})) {
        var model = TinyRun.model(config);
        Optimizers.initialWeights(config, model).forEach(engine::write);
        var optimizer = Optimizers.of(config, model.parameters());
        var batches = new RandomBatches(TinyRun.VOCABULARY, 1);
        try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches)) {
          for (int i = 0; i < 3; i++) {
            assertThat(step.runProbed(i)).as(type).isEmpty();
          }
        }
      }
    }
  }

  @Test
  void tooLargeGradientsChangeNothing() throws IOException {
    RunConfig config = TinyRun.config("train.skip_grad_norm_above=1e-9");
    train(config, () -> false);
    Path saved = temp.resolve("run/final");
    try (Engine engine = TinyRun.reference()) {
      Optimizers.initialWeights(config, TinyRun.model(config)).forEach(engine::write);
      float[] first = engine.read("embedding").floats();
      try (Engine other = TinyRun.reference()) {
        Checkpoint.at(saved).load(other, config);
        assertThat(other.read("embedding").floats()).isEqualTo(first);
      }
    }
    assertThat(Checkpoint.at(saved).state().norms().skipped()).isEqualTo(6);
    assertThat(Files.readString(temp.resolve("run/log.txt"))).contains("step 6 changes nothing");
  }

  @Test
  void aLimitThatNoGradientReachesSkipsNothing() {
    train(TinyRun.config("train.skip_grad_norm_above=1e9"), () -> false);
    TrainingState state = Checkpoint.at(temp.resolve("run/final")).state();
    assertThat(state.norms().skipped()).isZero();
    assertThat(state.norms().count()).isEqualTo(6);
    assertThat(state.norms().mean()).isPositive();
  }

  @Test
  void itStopsWhenTheValidationLossDoesNotFall() {
    TrainResult result =
        train(
            TinyRun.config(
                "train.steps=50",
                "train.eval_every=2",
                "train.early_stop_patience=2",
                "optimizer.adamw.lr=1e-30"),
            () -> false);
    assertThat(result.outcome()).isEqualTo(Outcome.STOPPED_EARLY);
    assertThat(result.step()).isEqualTo(6); // one for the best, two without a lower one
    assertThat(Checkpoint.at(temp.resolve("run/best")).state().step()).isEqualTo(2);
  }

  @Test
  void theLastCheckpointsAndTheBestAreKept() {
    train(
        TinyRun.config(
            "train.steps=9",
            "train.eval_every=2",
            "train.checkpoint_every=1",
            "train.keep_last=3",
            "optimizer.adamw.lr=1e-30"),
        () -> false);
    assertThat(files())
        .filteredOn(f -> f.startsWith("checkpoint-"))
        .containsExactly("checkpoint-2", "checkpoint-6", "checkpoint-7", "checkpoint-8");
  }

  @Test
  void aFolderThatIsRemovedIsNoticedWhenItIsWrittenTo() {
    ProgressListener remover =
        new ProgressListener() {
          @Override
          public void step(Progress p) {
            if (p.step() == 3) {
              try {
                AtomicFolder.delete(temp.resolve("run"));
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            }
          }
        };
    assertThatThrownBy(() -> train(TinyRun.config("train.steps=20"), remover, () -> false))
        .isInstanceOf(OutputException.class)
        .hasMessageContaining(temp.resolve("run").toString())
        .hasMessageContaining("does not exist");
    assertThat(temp.resolve("run")).doesNotExist();
  }

  @Test
  void aFolderInUseIsRefused() throws IOException {
    Files.createDirectories(temp.resolve("run"));
    Files.writeString(temp.resolve("run/mine.txt"), "mine");
    assertThatThrownBy(() -> train(TinyRun.config(), () -> false))
        .isInstanceOf(OutputException.class)
        .hasMessageContaining("not empty");
    assertThat(files()).containsExactly("mine.txt");
  }

  @Test
  void aRunCanStartFromACheckpoint() throws IOException {
    train(TinyRun.config("train.steps=3"), () -> false);
    Files.move(temp.resolve("run"), temp.resolve("first"));
    TrainResult result =
        train(
            TinyRun.config(
                "train.steps=1",
                "optimizer.adamw.lr=1e-12",
                "train.init_from=" + temp.resolve("first")),
            () -> false);
    double first =
        new ObjectMapper()
            .readTree(Files.readAllLines(temp.resolve("first/metrics.jsonl")).getLast())
            .get("val_loss")
            .asDouble();
    assertThat(result.validationLoss()).isCloseTo(first, within(1e-5));
  }
}
