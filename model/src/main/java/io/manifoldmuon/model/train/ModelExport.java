package io.manifoldmuon.model.train;

import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.model.format.SafetensorsFile;
import io.manifoldmuon.model.format.SafetensorsWriter;
import io.manifoldmuon.model.format.StoredType;
import io.manifoldmuon.model.format.TensorSource;
import io.manifoldmuon.model.inspect.Inspector;
import io.manifoldmuon.model.inspect.TensorFacts;
import io.manifoldmuon.model.report.RunData;
import io.manifoldmuon.model.report.RunReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a checkpoint's weights for others: {@code model.safetensors} with metadata, {@code
 * config.yaml}, and {@code README.md}, a model card of what was measured. The folder can be
 * evaluated and sampled like a checkpoint.
 */
public final class ModelExport {
  private final Checkpoint checkpoint;
  private final RunConfig config;
  private final StoredType dtype;

  /**
   * An export of a checkpoint.
   *
   * @param dtype F32, BF16 or F16
   */
  public ModelExport(Checkpoint checkpoint, StoredType dtype) {
    this.checkpoint = checkpoint;
    this.config = checkpoint.config().build();
    this.dtype = dtype;
  }

  /**
   * Writes the folder.
   *
   * @param target must not exist
   * @param inspector measures the weights as they are written
   */
  public void write(Path target, Inspector inspector) {
    if (Files.exists(target)) {
      throw new OutputException(
          "export " + target + ": it is there already; choose another folder with --out");
    }
    Optional<RunData> run = run();
    AtomicFolder.write(
        target,
        folder -> {
          Path weights = folder.resolve(Checkpoint.MODEL);
          weights(weights, run);
          Files.writeString(folder.resolve(Checkpoint.CONFIG), config.toYaml());
          ModelCard card = new ModelCard(target, config, dtype, run, state());
          Files.writeString(
              folder.resolve("README.md"),
              card.text(weights, measured(weights, inspector)),
              StandardCharsets.UTF_8);
        });
  }

  /** What is known of the run that the checkpoint is in. */
  private Optional<RunData> run() {
    Path above = checkpoint.folder().toAbsolutePath().normalize().getParent();
    return above != null && Files.isRegularFile(above.resolve("metrics.jsonl"))
        ? Optional.of(RunReader.read(above))
        : Optional.empty();
  }

  private Optional<TrainingState> state() {
    return Files.isRegularFile(checkpoint.folder().resolve(Checkpoint.STATE))
        ? Optional.of(checkpoint.state())
        : Optional.empty();
  }

  private void weights(Path file, Optional<RunData> run) {
    try (SafetensorsFile source =
        SafetensorsFile.open(checkpoint.folder().resolve(Checkpoint.MODEL))) {
      List<TensorSource> tensors =
          source.names().stream()
              .map(
                  name -> {
                    long[] shape = source.info(name).shape();
                    return dtype == StoredType.F32
                        ? TensorSource.floats(name, shape, () -> source.readFloats(name))
                        : TensorSource.halves(name, dtype, shape, () -> source.readFloats(name));
                  })
              .toList();
      SafetensorsWriter.write(file, metadata(run), tensors);
    } catch (ArithmeticException e) {
      throw new FormatException(
          checkpoint.folder().resolve(Checkpoint.MODEL),
          "a weight of " + e.getMessage() + "; export it as float32 or bfloat16",
          e);
    }
  }

  private Map<String, String> metadata(Optional<RunData> run) {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("producer", "manifold-muon");
    texts.put("format", "pt"); // what other readers expect of [fanOut, fanIn] float tensors
    texts.put("model_type", config.model().type().toString());
    texts.put("tokenizer", config.data().tokenizer());
    texts.put("config", config.toYaml());
    state().ifPresent(s -> texts.put("step", Long.toString(s.step())));
    state().ifPresent(s -> texts.put("tokens", Long.toString(s.tokens())));
    run.flatMap(r -> ModelCard.lossAt(r, state()))
        .ifPresent(loss -> texts.put("validation_loss", Double.toString(loss)));
    return texts;
  }

  private static Map<String, TensorFacts> measured(Path weights, Inspector inspector) {
    Map<String, TensorFacts> facts = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(weights)) {
      file.names().forEach(name -> facts.put(name, inspector.inspect(file, name)));
    }
    return facts;
  }
}
