package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.model.demo.SpiralPlot;
import io.manifoldmuon.model.demo.SpiralPoints;
import io.manifoldmuon.model.demo.SpiralTraining;
import io.manifoldmuon.model.format.AtomicFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A classifier of two spiral arms, trained on the manifold. */
@Command(
    name = "spiral",
    mixinStandardHelpOptions = true,
    header = "Trains a classifier of two spiral arms on the manifold, and draws what it learned.",
    description = {
      "Trains a network of four layers, whose matrices all stay on the Stiefel manifold (orthonormal",
      "rows or columns), to tell two spiral arms apart; measures its accuracy on new points and the",
      "distance of its matrices from the manifold along the way, and draws points and regions."
    })
final class SpiralDemo implements Callable<Integer> {
  private static final int REPORTS = 10;

  /** Enough for so small a network, and the same bits whatever the number of processors. */
  private static final EngineOptions ONE_THREAD = new EngineOptions(1, "");

  private final Terminal terminal;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "spiral.svg",
      description = "The drawing to write (${DEFAULT-VALUE}).")
  private Path out;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "300",
      description = "The training steps (${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Decides points and first weights (${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      defaultValue = Engines.AUTO,
      description = "auto, cpu, reference, tornado or emulator (${DEFAULT-VALUE}).")
  private String engine;

  @Option(names = "--json", description = "Print one line of JSON.")
  private boolean json;

  @Option(names = ConfigurationOptions.STACK_TRACE, hidden = true)
  @SuppressWarnings("unused") // read from the arguments by Main
  private boolean stackTrace;

  SpiralDemo(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Numbers.atLeast("--steps", steps, 1);
    AtomicFile.check(out);
    Terminal messages = json ? terminal.messagesOnly() : terminal;
    SpiralTraining.Result result;
    try (Engine opened = Engines.open(engine, ONE_THREAD, messages::notice)) {
      result =
          SpiralTraining.run(opened, seed, steps, (step, loss) -> report(messages, step, loss));
    }
    SpiralPoints points = SpiralPoints.random(SpiralTraining.BATCH, seed, "train");
    String title =
        Texts.format(
            "two spiral arms: accuracy %.1f %%, max|W'W - I| %.0e",
            100 * result.accuracy(), result.residual());
    AtomicFile.write(out, SpiralPlot.svg(result.field(), points, title));
    print(result);
    return Main.DONE;
  }

  private void report(Terminal messages, int step, double loss) {
    if (step % Math.max(1, steps / REPORTS) == 0) {
      messages.line(Texts.format("step %5d  loss %.4f", step, loss));
    }
  }

  private void print(SpiralTraining.Result r) {
    if (json) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("accuracy", r.accuracy());
      fields.put("loss", r.loss());
      fields.put("constraint_max", r.residual());
      terminal.line(Json.line(fields));
      return;
    }
    terminal.line("");
    terminal.line(
        Texts.format(
            "accuracy %.2f %% on %d new points", 100 * r.accuracy(), 2 * SpiralTraining.BATCH));
    terminal.line(
        Texts.format("max|W'W - I| %.1e, the largest of all matrices at all steps", r.residual()));
    terminal.line("points and regions: " + out);
  }
}
