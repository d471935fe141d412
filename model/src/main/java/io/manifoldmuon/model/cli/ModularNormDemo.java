package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.inspect.Inspector;
import io.manifoldmuon.model.inspect.ModelFacts;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.InitialFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares two architectures in the modular norm. */
@Command(
    name = "modular-norm",
    mixinStandardHelpOptions = true,
    header = "Compares two architectures in the modular norm.",
    description = {
      "Builds the modular norm (Large et al. 2024) of two models and measures their first weights:",
      "masses, sensitivities, norms, Lipschitz bounds, and the learning rates of each weight that give",
      "an update of modular norm 1. Their ratio says by how much a learning rate that was tuned for A",
      "has to change for B."
    })
final class ModularNormDemo implements Callable<Integer> {
  private static final int BYTES = 256;

  private final Terminal terminal;

  @Option(
      names = "--a",
      paramLabel = "KEY=VALUE",
      description = "A setting of A; may be given again. Default model.preset=tiny.")
  private List<String> a = new ArrayList<>();

  @Option(
      names = "--b",
      paramLabel = "KEY=VALUE",
      description = "A setting of B; may be given again. Default model.preset=small.")
  private List<String> b = new ArrayList<>();

  @Option(names = "--json", description = "Print one line of JSON.")
  private boolean json;

  @Option(names = ConfigurationOptions.STACK_TRACE, hidden = true)
  @SuppressWarnings("unused") // read from the arguments by Main
  private boolean stackTrace;

  ModularNormDemo(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    RunConfig configA = config(a, "model.preset=tiny");
    RunConfig configB = config(b, "model.preset=small");
    Terminal messages = json ? terminal.messagesOnly() : terminal;
    try (Engine engine = EngineOpening.open(configA.engine(), messages::notice);
        Inspector inspector = new Inspector(engine, OptionalDouble.empty())) {
      ModelFacts factsA = InitialFacts.of(configA, BYTES, inspector);
      ModelFacts factsB = InitialFacts.of(configB, BYTES, inspector);
      if (json) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("a", InspectJson.model(factsA));
        fields.put("b", InspectJson.model(factsB));
        terminal.line(Json.line(fields));
      } else {
        print(configA, factsA, configB, factsB);
      }
    }
    return Main.DONE;
  }

  private static RunConfig config(List<String> settings, String otherwise) {
    return RunConfig.of(
        (settings.isEmpty() ? List.of(otherwise) : settings).toArray(String[]::new));
  }

  private void print(RunConfig configA, ModelFacts factsA, RunConfig configB, ModelFacts factsB) {
    terminal.line("A: " + description(configA));
    terminal.line("B: " + description(configB));
    terminal.line("");
    wholes(factsA, factsB);
    terminal.line("");
    weights(configA, factsA, configB, factsB);
    terminal.line("");
    terminal.line(
        "norm: of the first weights, as the modular norm measures the weight; the largest of a");
    terminal.line(
        "stack. lr: the spectral norm (embed, router: the length of a row) of this weight's part");
    terminal.line(
        "in an update of modular norm 1. B/A: a learning rate tuned for A, times this, suits B.");
  }

  private static String description(RunConfig c) {
    var m = c.model();
    return Texts.format(
        "D %d, L %d, E %d, F %d, first weights of optimizer.type %s",
        m.dModel(), m.nLayers(), m.nExperts(), m.dFf(), c.optimizer().type());
  }

  private void wholes(ModelFacts x, ModelFacts y) {
    Columns table = new Columns("").numbers("A", "B");
    table.row(List.of("mass", mass(x), mass(y)));
    table.row(
        List.of(
            "sensitivity, branches weighted 1/(2L)",
            Texts.number(x.shared().root().sensitivity()),
            Texts.number(y.shared().root().sensitivity())));
    table.row(
        List.of(
            "sensitivity, branches added",
            Texts.number(x.added().root().sensitivity()),
            Texts.number(y.added().root().sensitivity())));
    table.row(
        List.of("modular norm", Texts.number(x.modularNorm()), Texts.number(y.modularNorm())));
    table.row(
        List.of(
            "Lipschitz bound, branches weighted 1/(2L)",
            Texts.number(x.lipschitzShared()),
            Texts.number(y.lipschitzShared())));
    table.row(
        List.of(
            "Lipschitz bound, branches added",
            Texts.number(x.lipschitz()),
            Texts.number(y.lipschitz())));
    table.lines().forEach(terminal::line);
  }

  private static String mass(ModelFacts x) {
    return Texts.format("%.0f", x.shared().root().mass());
  }

  private void weights(RunConfig configA, ModelFacts x, RunConfig configB, ModelFacts y) {
    Columns table = new Columns("weight").numbers("norm A", "norm B", "lr A", "lr B", "lr B/A");
    int lastA = configA.model().nLayers() - 1;
    int lastB = configB.model().nLayers() - 1;
    row(table, "embed.weight", "embed.weight", x, "embed.weight", y);
    for (boolean last : new boolean[] {false, true}) {
      for (String part :
          List.of("attn.q", "attn.k", "attn.v", "attn.o", "moe.router", "moe.up", "moe.down")) {
        String weight = "." + part + ".weight" + (part.matches("moe\\.(up|down)") ? "[0]" : "");
        row(
            table,
            (last ? "last " : "first ") + part,
            "layers." + (last ? lastA : 0) + weight,
            x,
            "layers." + (last ? lastB : 0) + weight,
            y);
      }
    }
    row(table, "head", "head", x, "head", y);
    table.lines().forEach(terminal::line);
  }

  private static void row(
      Columns table, String name, String atomA, ModelFacts x, String atomB, ModelFacts y) {
    double a = x.learningRate(atomA);
    double b = y.learningRate(atomB);
    table.row(
        List.of(
            name,
            Texts.number(x.norms().get(atomA)),
            Texts.number(y.norms().get(atomB)),
            Texts.number(a),
            Texts.number(b),
            Texts.format("%.3f", b / a)));
  }
}
