package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.EngineConfig;
import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.model.format.SafetensorsFile;
import io.manifoldmuon.model.format.StoredType;
import io.manifoldmuon.model.inspect.Inspector;
import io.manifoldmuon.model.inspect.ModelFacts;
import io.manifoldmuon.model.inspect.TensorFacts;
import io.manifoldmuon.model.train.EngineOpening;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what the weights in a file are like. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    header = "Summarises a run; measures the weights in a checkpoint or any safetensors file.",
    description = {
      "For every matrix: the smallest and largest singular value (the spectral norm), the condition",
      "number, how far it is from the Stiefel manifold, max|WᵀW/s² − I|, and its rows from the unit",
      "sphere, max| ‖row‖ − 1 |. A tensor of more than two dimensions is a stack of matrices; a line",
      "shows the worst of its members. For a model of this project also the modular norm and a",
      "Lipschitz bound. On the engine cpu the residual has the rounding of float32, up to about 1e-6;",
      "--engine reference measures in float64, slowly. Of a run's folder also how it went: steps, losses,",
      "constraint residual, time."
    })
final class InspectCommand implements Callable<Integer> {
  private static final String MODEL = "model.safetensors";
  private static final String CHECKPOINT = "checkpoint-";
  private static final String AUTO = "auto";
  private static final String FLOAT64 = "reference";

  private final Terminal terminal;

  @Parameters(
      index = "0",
      paramLabel = "CKPT|FILE",
      description = "A checkpoint's or run's folder, or a safetensors file.")
  private Path path;

  @Option(names = "--all", description = "Show every matrix of a stack.")
  private boolean all;

  @Option(
      names = "--radius",
      paramLabel = "S",
      description = "s of the Stiefel manifold; without it, each matrix's own ‖W‖/√k.")
  private Double radius;

  @Option(names = "--json", description = "Print one line of JSON.")
  private boolean json;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      defaultValue = AUTO,
      description = "auto, cpu or reference; auto takes reference for tensors of type F64.")
  private String engineName;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "CPU threads, 0 for one a processor.")
  private int threads;

  @Option(names = ConfigurationOptions.STACK_TRACE, hidden = true)
  @SuppressWarnings("unused") // read from the arguments by Main
  private boolean stackTrace;

  InspectCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (radius != null && !(radius > 0 && radius < Double.POSITIVE_INFINITY)) {
      throw new ConfigException("--radius is " + radius + ", wanted a finite number above 0");
    }
    EngineConfig config = new EngineConfig(engineName, null, threads);
    Terminal messages = json ? terminal.messagesOnly() : terminal;
    Optional<RunSummary> run = RunSummary.of(path);
    Optional<Path> weights = weights(path);
    if (run.isPresent() && !json) {
      run.get().lines().forEach(terminal::line);
    }
    if (weights.isEmpty()) {
      if (run.isEmpty()) {
        throw new FormatException(
            path,
            "a folder without " + MODEL + ", wanted a run, a checkpoint or a safetensors file");
      }
      terminal.line(
          json
              ? Json.line(Map.of("run", run.get().fields()))
              : "no checkpoint in it yet, so there are no weights to measure");
      return Main.DONE;
    }
    try (SafetensorsFile file = SafetensorsFile.open(weights.get())) {
      Map<String, TensorFacts> tensors = measure(file, config, messages);
      ModelFacts.Result model = ModelFacts.of(tensors);
      if (json) {
        Map<String, Object> fields = new LinkedHashMap<>();
        run.ifPresent(r -> fields.put("run", r.fields()));
        fields.putAll(InspectJson.fields(file, tensors, model, all));
        terminal.line(Json.line(fields));
      } else {
        new InspectTable(terminal, file, all).print(tensors, model);
      }
    }
    return Main.DONE;
  }

  /**
   * By the engine of the options; {@code auto} takes one of float64 for what is stored in float64.
   */
  private Map<String, TensorFacts> measure(
      SafetensorsFile file, EngineConfig config, Terminal messages) {
    Map<Boolean, List<String>> exact =
        file.names().stream()
            .collect(
                Collectors.partitioningBy(
                    n -> engineName.equals(AUTO) && file.info(n).dtype() == StoredType.F64));
    Map<String, TensorFacts> facts = new HashMap<>();
    if (!exact.get(false).isEmpty()) {
      measure(file, exact.get(false), config, messages, facts);
    }
    if (!exact.get(true).isEmpty()) {
      messages.notice("inspect: tensors of type F64 by the engine reference, in float64");
      measure(file, exact.get(true), new EngineConfig(FLOAT64, null, 0), messages, facts);
    }
    Map<String, TensorFacts> inOrder = new LinkedHashMap<>();
    file.names().forEach(name -> inOrder.put(name, facts.get(name)));
    return inOrder;
  }

  private void measure(
      SafetensorsFile file,
      List<String> names,
      EngineConfig config,
      Terminal messages,
      Map<String, TensorFacts> facts) {
    OptionalDouble s = radius == null ? OptionalDouble.empty() : OptionalDouble.of(radius);
    try (Engine engine = EngineOpening.open(config, messages::notice);
        Inspector inspector = new Inspector(engine, s)) {
      for (String name : names) {
        if (messages.interactive()) {
          messages.rewrite(
              Texts.format(
                  "%d of %d: %s", facts.size() + 1, file.names().size(), Texts.shown(name)));
        }
        facts.put(name, inspector.inspect(file, name));
      }
    }
  }

  /** The weights in a folder, in its {@code final/} or newest checkpoint; a file is itself. */
  private static Optional<Path> weights(Path path) {
    if (!Files.isDirectory(path)) {
      return Optional.of(path);
    }
    return Stream.concat(
            Stream.of(path.resolve(MODEL), path.resolve("final").resolve(MODEL)),
            checkpoints(path).map(c -> c.resolve(MODEL)))
        .filter(Files::exists)
        .findFirst();
  }

  /** {@code checkpoint-N/}, the largest N first. */
  private static Stream<Path> checkpoints(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(p -> p.getFileName().toString().matches(CHECKPOINT + "\\d{1,18}"))
          .sorted(Comparator.comparingLong(InspectCommand::step).reversed())
          .toList()
          .stream();
    } catch (IOException e) {
      throw new FormatException(folder, "cannot be read: " + e.getMessage(), e);
    }
  }

  private static long step(Path checkpoint) {
    return Long.parseLong(checkpoint.getFileName().toString().substring(CHECKPOINT.length()));
  }
}
