package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.EngineConfig;
import io.manifoldmuon.model.format.StoredType;
import io.manifoldmuon.model.inspect.Inspector;
import io.manifoldmuon.model.train.Checkpoint;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.ModelExport;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a model for others. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    header = "Writes a checkpoint's weights and a model card for others.",
    description = {
      "Makes a folder with model.safetensors (with metadata), config.yaml, and README.md, a model",
      "card of what was logged and measured. `muon eval` and `muon sample` read it like a checkpoint."
    })
final class ExportCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(index = "0", paramLabel = "CKPT", description = "A checkpoint's or run's folder.")
  private Path source;

  @Option(names = "--out", required = true, paramLabel = "DIR", description = "The new folder.")
  private Path out;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "float32",
      description = "float32, bfloat16 or float16 (${DEFAULT-VALUE}).")
  private String dtype;

  @Option(names = ConfigurationOptions.STACK_TRACE, hidden = true)
  @SuppressWarnings("unused") // read from the arguments by Main
  private boolean stackTrace;

  ExportCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    ModelExport export = new ModelExport(Checkpoint.at(source), type());
    try (Engine engine = EngineOpening.open(new EngineConfig("auto", null, 0), terminal::notice);
        Inspector inspector = new Inspector(engine, OptionalDouble.empty())) {
      export.write(out, inspector);
    }
    terminal.line("exported " + out);
    return Main.DONE;
  }

  private StoredType type() {
    return switch (dtype) {
      case "float32" -> StoredType.F32;
      case "bfloat16" -> StoredType.BF16;
      case "float16" -> StoredType.F16;
      default ->
          throw new ConfigException(
              "--dtype is " + dtype + ", wanted float32, bfloat16 or float16");
    };
  }
}
