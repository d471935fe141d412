package io.manifoldmuon.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.model.format.SafetensorsFile;
import io.manifoldmuon.model.format.SafetensorsWriter;
import io.manifoldmuon.model.format.TensorSource;
import io.manifoldmuon.model.nn.CheckpointTensor;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.optim.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  @TempDir Path temp;

  private final RunConfig config = TinyRun.config("model.router_bias=true");
  private final Engine engine = TinyRun.reference();
  private final LanguageModel model = TinyRun.start(engine, config);
  private final Optimizer optimizer = Optimizers.of(config, model.parameters());

  @AfterEach
  void close() {
    engine.close();
  }

  private Path saved() {
    train();
    Path folder = temp.resolve("checkpoint-2");
    var state = TrainingState.at(2, 32, 1, "data");
    Checkpoint.save(folder, engine, model, optimizer, config, state);
    return folder;
  }

  private void train() {
    var batches = new RandomBatches(TinyRun.VOCABULARY, 1);
    try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches)) {
      step.run(0);
      step.run(1);
    }
  }

  @Test
  void whatIsSavedComesBack() {
    Checkpoint checkpoint = Checkpoint.at(saved());
    assertThat(checkpoint.config().build()).isEqualTo(config);
    assertThat(checkpoint.state().withFiles(Map.of()))
        .isEqualTo(TrainingState.at(2, 32, 1, "data"));
    try (Engine other = TinyRun.reference()) {
      checkpoint.load(other, config);
      checkpoint.loadOptimizer(other, optimizer);
      model.parameters().forEach(p -> sameInFloat32(other, p.variable()));
      model.stateVariables().forEach(v -> sameInFloat32(other, v.name()));
      optimizer.state().forEach(v -> sameInFloat32(other, v.name()));
    }
  }

  private void sameInFloat32(Engine other, String variable) {
    float[] want = engine.read(variable).floats();
    assertThat(other.read(variable).floats()).as(variable).isEqualTo(want);
    assertThat(want).as(variable).isNotEqualTo(new float[want.length]);
  }

  @Test
  void namesAndShapesAreThoseOfTheFormat() {
    try (SafetensorsFile file = SafetensorsFile.open(saved().resolve("model.safetensors"))) {
      assertThat(file.names())
          .containsExactlyInAnyOrderElementsOf(
              model.checkpointTensors().stream().map(CheckpointTensor::name).toList())
          .contains("embed.weight", "layers.1.moe.up.weight", "layers.0.attn.q.weight");
      assertThat(file.info("layers.1.moe.up.weight").shape()).containsExactly(3, 12, 8);
      assertThat(file.info("embed.weight").shape()).containsExactly(256, 8);
    }
  }

  @Test
  void aRunFolderStandsForItsFinalCheckpoint() throws IOException {
    Path run = Files.createDirectory(temp.resolve("run"));
    Files.move(saved(), run.resolve("final"));
    Files.writeString(run.resolve("config.yaml"), config.toYaml());
    assertThat(Checkpoint.at(run).folder()).isEqualTo(run.resolve("final"));
  }

  @Test
  void weightsOfOthersNeedOnlyConfigAndModel() throws IOException {
    Path folder = saved();
    Files.delete(folder.resolve("optimizer.safetensors"));
    Files.delete(folder.resolve("state.json"));
    try (Engine other = TinyRun.reference()) {
      LanguageModel loaded = Checkpoint.at(folder).load(other, config);
      assertThat(loaded.vocabulary()).isEqualTo(TinyRun.VOCABULARY);
      assertThat(other.read("gains").floats()).isEqualTo(engine.read("gains").floats());
    }
  }

  /** Writes a model file with all tensors of the model, changed. */
  private Checkpoint withTensors(java.util.function.Consumer<List<TensorSource>> change) {
    Path folder = saved();
    List<TensorSource> tensors = new ArrayList<>();
    for (CheckpointTensor t : model.checkpointTensors()) {
      tensors.add(
          TensorSource.floats(
              t.name(), Checkpoint.longs(t.shape()), () -> new float[t.shape().size()]));
    }
    change.accept(tensors);
    SafetensorsWriter.write(folder.resolve("model.safetensors"), Map.of(), tensors);
    return Checkpoint.at(folder);
  }

  @Test
  void tensorsThatDoNotFitAreNamedInOneSentence() {
    Checkpoint checkpoint =
        withTensors(
            tensors -> {
              tensors.removeIf(t -> t.name().equals("final_norm.gain"));
              tensors.removeIf(t -> t.name().equals("layers.0.attn.q.weight"));
              tensors.add(
                  TensorSource.floats(
                      "layers.0.attn.q.weight", new long[] {4, 16}, () -> new float[64]));
              tensors.add(TensorSource.floats("head.weight", new long[] {1}, () -> new float[1]));
            });
    assertThatThrownBy(() -> checkpoint.load(engine, config))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("no 'final_norm.gain'")
        .hasMessageContaining("'layers.0.attn.q.weight' of shape [4, 16] in place of [8, 8]")
        .hasMessageContaining("'head.weight', which has no place")
        .message()
        .doesNotContain("\n");
  }

  @Test
  void theConfigurationMustBeTheModels() {
    Checkpoint checkpoint = Checkpoint.at(saved());
    RunConfig wider = TinyRun.config("model.d_model=16", "model.router_bias=true");
    assertThatThrownBy(() -> checkpoint.load(engine, wider))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("more problems");
  }

  @Test
  void aDamagedStateIsAnError() throws IOException {
    Path folder = saved();
    for (String text : List.of("", "{", "{\"step\": \"x\"}", "{\"format_version\": 9}", "[1]")) {
      Files.writeString(folder.resolve("state.json"), text);
      assertThatThrownBy(() -> Checkpoint.at(folder).state())
          .as(text)
          .isInstanceOf(FormatException.class);
    }
  }

  @Test
  void aMissingFolderOrFileIsAnError() throws IOException {
    assertThatThrownBy(() -> Checkpoint.at(temp.resolve("nothing")))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("no such folder");
    Path folder = saved();
    Files.delete(folder.resolve("config.yaml"));
    assertThatThrownBy(() -> Checkpoint.at(folder))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("config.yaml");
  }

  @Test
  void aCheckpointInTheWayStaysAndNothingIsLeftBeside() throws IOException {
    Path folder = saved();
    byte[] before = Files.readAllBytes(folder.resolve("model.safetensors"));
    var state = TrainingState.at(3, 48, 1, "data");
    assertThatThrownBy(() -> Checkpoint.save(folder, engine, model, optimizer, config, state))
        .isInstanceOf(OutputException.class);
    assertThat(Files.readAllBytes(folder.resolve("model.safetensors"))).isEqualTo(before);
    try (Stream<Path> left = Files.list(temp)) {
      assertThat(left).containsExactly(folder);
    }
  }

  @Test
  void theMessageOfAFailedWriteNamesTheTarget() {
    Path target = temp.resolve("x");
    assertThatThrownBy(
            () ->
                AtomicFolder.write(
                    target,
                    folder -> {
                      throw new FormatException(
                          folder.resolve("f"), "cannot be written", new IOException("disk full"));
                    }))
        .isInstanceOf(OutputException.class)
        .hasMessageContaining(target.toString() + ": disk full");
  }

  @Test
  void aWriteThatFailsLeavesNothing() throws IOException {
    assertThatThrownBy(
            () ->
                AtomicFolder.write(
                    temp.resolve("x"),
                    folder -> {
                      Files.writeString(folder.resolve("part"), "half");
                      throw new IOException("No space left on device");
                    }))
        .isInstanceOf(OutputException.class)
        .hasMessageContaining("No space left on device");
    try (Stream<Path> left = Files.list(temp)) {
      assertThat(left).isEmpty();
    }
  }
}
