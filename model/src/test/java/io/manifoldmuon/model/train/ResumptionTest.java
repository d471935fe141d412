package io.manifoldmuon.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.model.train.TrainResult.Outcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that goes on is the one that was never stopped. */
class ResumptionTest {
  private static final String[] SETTINGS = {
    "engine.name=cpu",
    "engine.threads=1",
    "model.router_bias=true",
    "model.router_noise=0.3",
    "optimizer.type=composed_manifold",
    "train.grad_accumulation=2",
    "train.steps=9",
    "train.eval_every=3",
    "train.checkpoint_every=2",
    "train.log_every=1"
  };

  @TempDir Path temp;

  private static RunConfig config(String... more) {
    return TinyRun.config(Stream.of(SETTINGS, more).flatMap(Stream::of).toArray(String[]::new));
  }

  private TrainResult train(String name, RunConfig config, StopRequest stop) {
    try (Dataset data = TinyRun.data(config);
        Engine engine = EngineOpening.open(config.engine(), notice -> {})) {
      var job = new TrainJob(config, data, temp.resolve(name), "./muon train");
      return new Trainer(job, engine, ProgressListener.NONE, stop).run();
    }
  }

  private static StopRequest after(int steps) {
    int[] asked = {0};
    return () -> ++asked[0] >= steps;
  }

  private TrainResult resume(String name, RunConfig config, StopRequest stop) {
    return resume(name, config, stop, new ArrayList<>());
  }

  private TrainResult resume(
      String name, RunConfig config, StopRequest stop, List<String> notices) {
    try (Resumption resumption = Resumption.open(temp.resolve(name));
        Dataset data = TinyRun.data(config);
        Engine engine = EngineOpening.open(config.engine(), notice -> {})) {
      notices.addAll(resumption.notices());
      var job = new TrainJob(config, data, temp.resolve(name), "./muon resume");
      return Trainer.resume(job, engine, ProgressListener.NONE, stop, resumption).run();
    }
  }

  private void assertSameRun(String one, String other) throws IOException {
    for (String file : List.of("final/model.safetensors", "final/optimizer.safetensors")) {
      assertThat(temp.resolve(other).resolve(file))
          .hasSameBinaryContentAs(temp.resolve(one).resolve(file));
    }
    assertThat(metrics(other)).isEqualTo(metrics(one));
    assertThat(best(other)).isEqualTo(best(one));
  }

  private TrainingState.Best best(String run) {
    return Checkpoint.at(temp.resolve(run)).state().best();
  }

  /** The lines without what the clock says. */
  private List<String> metrics(String run) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(temp.resolve(run).resolve("metrics.jsonl"))) {
      ObjectNode fields = (ObjectNode) new ObjectMapper().readTree(line);
      fields.remove(
          List.of("tokens_per_s", "step_ms", "forward_ms", "backward_ms", "optimizer_ms"));
      fields.remove("total_seconds");
      lines.add(fields.toString());
    }
    return lines;
  }

  @Test
  void anInterruptedRunGoesOnBitForBit() throws IOException {
    train("whole", config(), () -> false);
    TrainResult first = train("parts", config(), after(5));
    assertThat(first.outcome()).isEqualTo(Outcome.INTERRUPTED);
    assertThat(first.step()).isEqualTo(5);
    TrainResult second = resume("parts", config(), after(1));
    assertThat(second.step()).isEqualTo(6);
    TrainResult last = resume("parts", config(), () -> false);
    assertThat(last.outcome()).isEqualTo(Outcome.COMPLETED);
    assertThat(last.step()).isEqualTo(9);
    assertThat(last.seconds()).isGreaterThan(second.seconds()).isGreaterThan(first.seconds());
    assertSameRun("whole", "parts");
  }

  /** Wherever in a step the request comes. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 700, 1500, 2500})
  void aStepGivenUpIsTakenAgainBitForBit(int asked) throws IOException {
    train("whole", config(), () -> false);
    StopRequest atOnce =
        new StopRequest() {
          private int times;

          @Override
          public boolean afterStep() {
            return false;
          }

          @Override
          public boolean atOnce() {
            return times++ >= asked;
          }
        };
    TrainResult first = train("parts", config(), atOnce);
    assertThat(first.outcome()).isEqualTo(Outcome.INTERRUPTED);
    assertThat(first.step()).isLessThan(9);
    assertThat(first.checkpoint()).hasFileName("checkpoint-" + first.step());
    resume("parts", config(), () -> false);
    assertSameRun("whole", "parts");
  }

  @Test
  void aDamagedCheckpointIsPassedOverAloud() throws IOException {
    train("whole", config(), () -> false);
    train("parts", config(), after(5));
    Path run = temp.resolve("parts");
    Path weights = run.resolve("checkpoint-5/model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - 7] ^= 1;
    Files.write(weights, bytes);
    List<String> notices = new ArrayList<>();
    resume("parts", config(), () -> false, notices);
    assertThat(notices).hasSize(2);
    assertThat(notices.getFirst()).contains("checkpoint-5", "SHA-256", "model.safetensors");
    assertThat(notices.getLast()).contains("checkpoint-4 after 4 steps");
    assertThat(run.resolve("damaged-checkpoint-5")).isDirectory();
    assertSameRun("whole", "parts");
  }

  @Test
  void whatComesAfterTheCheckpointComesOnce() throws IOException {
    train("whole", config(), () -> false);
    train("parts", config(), after(4));
    Path run = temp.resolve("parts");
    Files.writeString(
        run.resolve("metrics.jsonl"),
        "{\"step\":5,\"tokens\":160}\n{\"step\":6,\"tok",
        StandardOpenOption.APPEND);
    Files.createDirectory(run.resolve(".checkpoint-6.writing-123"));
    Files.writeString(run.resolve(".checkpoint-6.writing-123/model.safetensors"), "half");
    Files.writeString(run.resolve(".best.1f.part"), "check");
    resume("parts", config(), () -> false);
    assertSameRun("whole", "parts");
    try (Stream<Path> list = Files.list(run)) {
      assertThat(list.map(p -> p.getFileName().toString()).filter(n -> n.startsWith(".")))
          .containsExactly(".lock");
    }
  }

  @Test
  void damagedMetricsDoNotKeepARunFromGoingOn() throws IOException {
    train("run", config(), after(4));
    Path metrics = temp.resolve("run/metrics.jsonl");
    byte[] bytes = Files.readAllBytes(metrics);
    byte[] clef = "\n\uD834\uDD1E\n".getBytes(StandardCharsets.UTF_8); // two halves in a message
    System.arraycopy(clef, 0, bytes, 10, clef.length);
    Files.write(metrics, bytes);
    assertThat(resume("run", config(), () -> false).outcome()).isEqualTo(Outcome.COMPLETED);
    assertThat(Files.readString(temp.resolve("run/log.txt")))
        .contains("damaged lines of metrics.jsonl are not in the report");
    assertThat(temp.resolve("run/report.html")).isNotEmptyFile();
  }

  @Test
  void withoutACheckpointItBeginsAgain() throws IOException {
    train("whole", config("train.keep_best=false"), () -> false);
    train("parts", config("train.keep_best=false", "train.checkpoint_every=0"), after(3));
    Files.move(temp.resolve("parts/checkpoint-3"), temp.resolve("away"));
    List<String> notices = new ArrayList<>();
    resume("parts", config("train.keep_best=false"), () -> false, notices);
    assertThat(notices.getLast()).contains("beginning again");
    assertSameRun("whole", "parts");
  }

  /** What is there may be worth days: nothing of it is touched. */
  @Test
  void whereNoCheckpointIsWholeItDoesNotBeginAgain() throws IOException {
    train("run", config("train.checkpoint_every=0"), after(3));
    Path state = temp.resolve("run/checkpoint-3/state.json");
    String metrics = Files.readString(temp.resolve("run/metrics.jsonl"));
    String text = Files.readString(state);
    Files.delete(state);
    assertThatThrownBy(() -> Resumption.open(temp.resolve("run")))
        .isInstanceOf(FormatException.class)
        .hasMessageContainingAll("no checkpoint is whole", "checkpoint-3", "state.json");
    Files.writeString(state, text);
    try (Resumption resumption = Resumption.open(temp.resolve("run"))) {
      assertThat(resumption.step()).isEqualTo(3);
    }
    assertThat(temp.resolve("run/metrics.jsonl")).hasContent(metrics);
  }

  @Test
  void aCheckpointOfAnotherVersionIsNotTakenForDamaged() throws IOException {
    train("run", config(), after(5));
    Path state = temp.resolve("run/checkpoint-5/state.json");
    String text = Files.readString(state);
    Files.writeString(
        state, text.replaceFirst("\"format_version\" : \\d+", "\"format_version\" : 3"));
    assertThatThrownBy(() -> Resumption.open(temp.resolve("run")))
        .isInstanceOf(FormatException.class)
        .hasMessageContainingAll("format_version 3 given", "train.init_from");
    assertThat(temp.resolve("run/checkpoint-5")).isDirectory();
  }

  @Test
  void aCheckpointThatCannotBeReadIsNotTakenForDamaged() throws IOException {
    train("run", config(), after(5));
    Path state = temp.resolve("run/checkpoint-5/state.json");
    Files.delete(state);
    Files.createDirectory(state); // reading it fails, for whomever
    assertThatThrownBy(() -> Resumption.open(temp.resolve("run")))
        .isInstanceOf(FormatException.class)
        .hasMessageContainingAll("checkpoint-5", "cannot be read", "goes on from an older one");
  }

  @Test
  void theClockDoesNotChooseTheCheckpoint() throws IOException {
    train("parts", config(), after(5));
    for (String name : List.of("checkpoint-4", "checkpoint-5")) {
      long day = name.endsWith("4") ? 40_000 : 10; // the newer one is from long before
      Files.setLastModifiedTime(
          temp.resolve("parts").resolve(name), FileTime.from(Instant.ofEpochSecond(86_400 * day)));
    }
    try (Resumption resumption = Resumption.open(temp.resolve("parts"))) {
      assertThat(resumption.step()).isEqualTo(5);
    }
  }

  /** What a run was written before the clock was set back by decades. */
  @Test
  void aClockSetBackChangesNothing() throws IOException {
    train("whole", config(), () -> false);
    TrainResult first = train("parts", config(), after(5));
    Path run = temp.resolve("parts");
    for (String file : List.of("sessions.jsonl", "log.txt")) {
      Path path = run.resolve(file);
      String text = Files.readString(path);
      String later = text.replaceAll("(?<![0-9])20[0-9]{2}-(?=[0-9]{2}-)", "2095-");
      assertThat(later).as(file).isNotEqualTo(text);
      Files.writeString(path, later);
    }
    try (Stream<Path> walk = Files.walk(run)) {
      for (Path path : walk.toList()) {
        Files.setLastModifiedTime(path, FileTime.from(Instant.parse("2095-01-01T00:00:00Z")));
      }
    }
    TrainResult last = resume("parts", config(), () -> false);
    assertThat(last.outcome()).isEqualTo(Outcome.COMPLETED);
    assertThat(last.seconds()).isGreaterThan(first.seconds());
    assertSameRun("whole", "parts");
    String page = Files.readString(run.resolve("report.html"));
    assertThat(page).contains("2095-").doesNotContain("NaN", "-1 day");
  }

  @Test
  void anotherEngineGoesOnFromTheSameWeights() {
    train("parts", config(), after(4));
    RunConfig reference = config("engine.name=reference");
    TrainResult result = resume("parts", reference, () -> false);
    train("whole", config(), () -> false);
    double cpu = best("whole").loss();
    assertThat(result.outcome()).isEqualTo(Outcome.COMPLETED);
    // float32 and float64 differ by rounding, which five steps do not blow up
    assertThat(Checkpoint.at(temp.resolve("parts")).state().best().loss())
        .isBetween(cpu - 1e-3, cpu + 1e-3);
  }

  @Test
  void aCompleteRunIsOverUntilItIsToGoOnLonger() throws IOException {
    train("run", config(), () -> false);
    try (Resumption resumption = Resumption.open(temp.resolve("run"))) {
      assertThat(resumption.over(config())).contains(Outcome.COMPLETED);
      assertThat(resumption.over(config("train.steps=11"))).isEmpty();
    }
    TrainResult result = resume("run", config("train.steps=11"), () -> false);
    assertThat(result.step()).isEqualTo(11);
    assertThat(temp.resolve("run/checkpoint-9")).isDirectory();
    assertThat(Checkpoint.at(temp.resolve("run")).state().step()).isEqualTo(11);
    String best = Files.readString(temp.resolve("run/best"), StandardCharsets.UTF_8).strip();
    assertThat(Checkpoint.at(temp.resolve("run/best")).folder())
        .isEqualTo(temp.resolve("run").resolve(best));
  }

  @Test
  void limitsCountOverAllResumptions() {
    TrainResult first = train("run", config("train.max_tokens=60"), () -> false);
    assertThat(first.outcome()).isEqualTo(Outcome.OUT_OF_TOKENS);
    assertThat(first.step()).isEqualTo(2); // of 32 tokens each
    TrainResult second = resume("run", config("train.max_tokens=128"), () -> false);
    assertThat(second.outcome()).isEqualTo(Outcome.OUT_OF_TOKENS);
    assertThat(second.step()).isEqualTo(4);
    // a little less than it took: seconds and minutes differ by rounding
    double minutes = 0.999 * second.seconds() / 60;
    try (Resumption resumption = Resumption.open(temp.resolve("run"))) {
      assertThat(resumption.over(config("train.max_tokens=128"))).contains(Outcome.OUT_OF_TOKENS);
      assertThat(resumption.over(config("train.max_minutes=" + minutes)))
          .contains(Outcome.OUT_OF_TIME);
      assertThat(resumption.over(config("train.max_minutes=" + 2 * minutes))).isEmpty();
    }
  }

  @Test
  void whatMadeTheStepsCannotBeChanged() {
    train("run", config(), after(2));
    try (Resumption resumption = Resumption.open(temp.resolve("run"))) {
      for (String setting :
          List.of(
              "model.d_ff=16",
              "train.seed=2",
              "train.batch_size=1",
              "optimizer.type=adamw",
              "optimizer.groups.router=adamw")) {
        assertThatThrownBy(() -> resumption.requireSamePast(config(setting)))
            .as(setting)
            .isInstanceOf(ConfigException.class)
            .hasMessageContaining(setting.substring(0, setting.indexOf('=')))
            .hasMessageContaining("resumed");
      }
      for (String setting :
          List.of(
              "train.steps=20",
              "train.eval_every=2",
              "optimizer.stiefel_muon.base_lr=0.01",
              "engine.threads=2",
              "train.max_minutes=3")) {
        resumption.requireSamePast(config(setting));
      }
      assertThatThrownBy(() -> resumption.requireSamePast(config("train.steps=2")))
          .hasMessageContaining("train.steps is 2");
    }
  }

  @Test
  void otherDataIsRefused() {
    train("run", config(), after(2));
    assertThatThrownBy(() -> resume("run", config("data.max_bytes=5000"), () -> false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("other data");
    assertThat(temp.resolve("run/checkpoint-2")).isDirectory();
  }

  @Test
  void onlyTheNewestCheckpointOfARunCanBeNamed() {
    train("run", config(), after(5));
    try (Resumption resumption = Resumption.open(temp.resolve("run/checkpoint-5"))) {
      assertThat(resumption.step()).isEqualTo(5);
    }
    assertThatThrownBy(() -> Resumption.open(temp.resolve("run/checkpoint-4")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("checkpoint-5");
    assertThatThrownBy(() -> Resumption.open(temp)).isInstanceOf(FormatException.class);
  }

  @Test
  void aFolderIsOneRunsAtATime() {
    train("run", config(), after(2));
    String pid = Long.toString(ProcessHandle.current().pid());
    try (Resumption resumption = Resumption.open(temp.resolve("run"))) {
      assertThat(resumption.step()).isEqualTo(2);
      assertThatThrownBy(() -> Resumption.open(temp.resolve("run")))
          .isInstanceOf(OutputException.class)
          .hasMessageContaining("process " + pid);
    }
    Resumption.open(temp.resolve("run")).close(); // given back
  }
}
