package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.model.format.SafetensorsFile;
import io.manifoldmuon.model.format.SafetensorsWriter;
import io.manifoldmuon.model.format.TensorSource;
import io.manifoldmuon.model.nn.CheckpointTensor;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.StateVariable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A folder with the weights of a model and what is needed to train on: {@code model.safetensors},
 * {@code optimizer.safetensors}, {@code state.json}, {@code config.yaml}. To evaluate and to sample
 * the first and the last are enough, so that folders written by other programs serve too.
 */
public final class Checkpoint {
  static final String MODEL = "model.safetensors";
  static final String OPTIMIZER = "optimizer.safetensors";
  static final String STATE = "state.json";
  static final String CONFIG = "config.yaml";

  private static final List<String> DIGESTED = List.of(MODEL, OPTIMIZER, CONFIG);

  private static final int LONGEST_LIST = 5;
  private static final String FINAL = Checkpoints.FINAL;

  private final Path folder;

  private Checkpoint(Path folder) {
    this.folder = folder;
  }

  /**
   * The checkpoint in a folder; in its {@code final/} where the folder is a run's; the one that a
   * run's file {@code best} names.
   *
   * @throws FormatException if there is none
   */
  public static Checkpoint at(Path given) {
    boolean best =
        Checkpoints.BEST.equals(String.valueOf(given.getFileName())) && Files.isRegularFile(given);
    Path folder = best ? Checkpoints.named(given) : given;
    Path inRun = folder.resolve(FINAL);
    Path found =
        !Files.exists(folder.resolve(MODEL)) && Files.exists(inRun.resolve(MODEL)) ? inRun : folder;
    for (String name : new String[] {MODEL, CONFIG}) {
      if (!Files.isRegularFile(found.resolve(name))) {
        throw new FormatException(
            folder,
            Files.isDirectory(folder)
                ? "no checkpoint, it has no " + name + inside(folder)
                : "no such folder, wanted a checkpoint; check the path");
      }
    }
    return new Checkpoint(found);
  }

  /** What to give in place of a folder that is no checkpoint. */
  private static String inside(Path folder) {
    List<Long> steps = new Checkpoints(folder).numbered();
    return steps.isEmpty()
        ? "; give a folder that has it"
        : "; it is a run without an end: give its " + Checkpoints.name(steps.getLast());
  }

  /** Where it is. */
  public Path folder() {
    return folder;
  }

  /** The checkpoint's configuration, to put options over. */
  public ConfigBuilder config() {
    return new ConfigBuilder().file(folder.resolve(CONFIG));
  }

  /**
   * V, the rows of {@code embed.weight}.
   *
   * @throws FormatException if there is no such tensor of two dimensions
   */
  public int vocabulary() {
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(MODEL))) {
      long[] shape = file.info("embed.weight").shape();
      if (shape.length != 2 || shape[0] < 2 || shape[0] > Integer.MAX_VALUE) {
        throw new FormatException(
            file.path(),
            "tensor 'embed.weight' has shape " + Arrays.toString(shape) + ", wanted [V, D]");
      }
      return (int) shape[0];
    }
  }

  /** Whether a run's folder has a checkpoint, whole or not. */
  public static boolean isIn(Path run) {
    return Files.isDirectory(run)
        && (Files.exists(run.resolve(FINAL)) || !new Checkpoints(run).numbered().isEmpty());
  }

  /** The model of a configuration with this checkpoint's vocabulary, its weights on the engine. */
  public LanguageModel load(Engine engine, RunConfig config) {
    LanguageModel model = LanguageModel.of(config.model(), vocabulary());
    loadWeights(engine, model);
    return model;
  }

  /**
   * Writes the weights to the engine.
   *
   * @throws FormatException naming the tensors that are missing, mis-shaped or unknown
   */
  public void loadWeights(Engine engine, LanguageModel model) {
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(MODEL))) {
      Map<String, Shape> wanted =
          model.checkpointTensors().stream()
              .collect(Collectors.toMap(CheckpointTensor::name, CheckpointTensor::shape));
      check(file, wanted);
      Map<String, Tensor> named = new HashMap<>();
      wanted.forEach((name, shape) -> named.put(name, read(file, name, shape)));
      model.layout().join(named).forEach(engine::write);
    }
  }

  /** Writes the optimizer's state to the engine. */
  public void loadOptimizer(Engine engine, Optimizer optimizer) {
    try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(OPTIMIZER))) {
      Map<String, Shape> wanted =
          optimizer.state().stream()
              .collect(Collectors.toMap(StateVariable::name, v -> v.type().shape()));
      check(file, wanted);
      wanted.forEach((name, shape) -> engine.write(name, read(file, name, shape)));
    }
  }

  private static Tensor read(SafetensorsFile file, String name, Shape shape) {
    float[] values = file.readFloats(name);
    for (float x : values) {
      if (!Float.isFinite(x)) {
        throw new FormatException(
            file.path(),
            "tensor '" + name + "' has the value " + x + ", wanted finite numbers; it is damaged");
      }
    }
    return Tensor.of(shape, values);
  }

  /** Where the run stood. */
  public TrainingState state() {
    return TrainingState.read(folder.resolve(STATE));
  }

  /**
   * What is wrong with a checkpoint; empty where it is whole, by its checksums.
   *
   * @throws FormatException if that cannot be told: it cannot be read, or is of another version
   */
  static Optional<String> damage(Path folder) {
    try {
      Map<String, FileDigest> files = TrainingState.parse(folder.resolve(STATE)).files();
      for (String name : DIGESTED) {
        Path file = folder.resolve(name);
        FileDigest wanted = files.get(name);
        if (wanted == null) {
          return Optional.of(STATE + " has no checksum of " + name);
        }
        if (Files.notExists(file)) {
          return Optional.of("there is no " + name);
        }
        if (Files.size(file) != wanted.bytes()) {
          return Optional.of(
              name + " has " + Files.size(file) + " bytes in place of " + wanted.bytes());
        }
        if (!FileDigest.of(file).equals(wanted)) {
          return Optional.of("the SHA-256 of " + name + " is not the one that was written");
        }
      }
      return Optional.empty();
    } catch (TrainingState.OtherVersionException e) {
      throw e;
    } catch (FormatException e) {
      return Optional.of(e.getMessage());
    } catch (IOException e) {
      throw new FormatException(
          folder,
          "cannot be read: "
              + e
              + "; make it readable, or move it out of its run, which then goes on from an older"
              + " one",
          e);
    }
  }

  private static void check(SafetensorsFile file, Map<String, Shape> wanted) {
    List<String> problems = new ArrayList<>();
    wanted.keySet().stream()
        .sorted()
        .forEach(
            name -> {
              if (!file.has(name)) {
                problems.add("no '" + name + "'");
              } else if (!Arrays.equals(file.info(name).shape(), longs(wanted.get(name)))) {
                problems.add(
                    "'"
                        + name
                        + "' of shape "
                        + Arrays.toString(file.info(name).shape())
                        + " in place of "
                        + wanted.get(name));
              }
            });
    file.names().stream()
        .filter(name -> !wanted.containsKey(name))
        .forEach(name -> problems.add("'" + name + "', which has no place"));
    if (!problems.isEmpty()) {
      int more = problems.size() - LONGEST_LIST;
      throw new FormatException(
          file.path(),
          "does not fit the model of the configuration: it has "
              + problems.stream().limit(LONGEST_LIST).collect(Collectors.joining(", "))
              + (more > 0 ? " and " + more + " more problems" : "")
              + "; use the configuration that it was written with");
    }
  }

  // ---- writing ------------------------------------------------------------------------------

  /**
   * Saves what the engine holds as the new folder {@code target}, whole or not at all.
   *
   * @throws OutputException if it cannot be written
   * @throws NumericalException if a number is not finite: nobody could train on from that
   */
  static void save(
      Path target,
      Engine engine,
      LanguageModel model,
      Optimizer optimizer,
      RunConfig config,
      TrainingState state) {
    AtomicFolder.write(
        target,
        folder -> {
          SafetensorsWriter.write(folder.resolve(MODEL), metadata(state), weights(engine, model));
          SafetensorsWriter.write(
              folder.resolve(OPTIMIZER), metadata(state), state(engine, optimizer));
          Files.writeString(folder.resolve(CONFIG), config.toYaml());
          Map<String, FileDigest> digests = new HashMap<>();
          for (String name : DIGESTED) {
            digests.put(name, FileDigest.of(folder.resolve(name)));
          }
          state.withFiles(digests).write(folder.resolve(STATE));
        });
  }

  private static Map<String, String> metadata(TrainingState state) {
    return Map.of("producer", "manifold-muon", "step", Long.toString(state.step()));
  }

  /** The tensors of a model; the variables are read once each, when the first is asked for. */
  private static List<TensorSource> weights(Engine engine, LanguageModel model) {
    Map<String, Tensor> read = new HashMap<>();
    return model.checkpointTensors().stream()
        .map(
            t ->
                TensorSource.floats(
                    t.name(),
                    longs(t.shape()),
                    () ->
                        finite(
                            t.name(),
                            t.cut(read.computeIfAbsent(t.variable(), engine::read)).floats())))
        .toList();
  }

  private static List<TensorSource> state(Engine engine, Optimizer optimizer) {
    return optimizer.state().stream()
        .map(
            v ->
                TensorSource.floats(
                    v.name(),
                    longs(v.type().shape()),
                    () -> finite(v.name(), engine.read(v.name()).floats())))
        .toList();
  }

  private static float[] finite(String name, float[] values) {
    for (float x : values) {
      if (!Float.isFinite(x)) {
        throw new NumericalException(
            "save: '" + name + "' has the value " + x + ", wanted finite numbers");
      }
    }
    return values;
  }

  static long[] longs(Shape shape) {
    return IntStream.of(shape.toArray()).asLongStream().toArray();
  }
}
