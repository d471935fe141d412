package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.nn.CheckpointTensor;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.nn.ModelSize;
import io.manifoldmuon.model.train.MemoryNeed;
import io.manifoldmuon.model.train.Optimizers;
import io.manifoldmuon.model.train.ProductRate;
import io.manifoldmuon.model.train.RandomBatches;
import io.manifoldmuon.model.train.TrainStep;
import io.manifoldmuon.model.train.Trainer;
import io.manifoldmuon.optim.Optimizer;

/** Says what a training run would take. */
final class DryRun {
  private static final double LONGEST_MEASUREMENT_SECONDS = 4;
  private static final double NANOS_PER_SECOND = 1e9;

  private final Terminal terminal;
  private final RunConfig config;
  private final Dataset data;
  private final LanguageModel model;

  DryRun(Terminal terminal, RunConfig config, Dataset data) {
    this.terminal = terminal;
    this.config = config;
    this.data = data;
    this.model = LanguageModel.of(config.model(), data.tokenizer().vocabSize());
  }

  /** Prints shapes, sizes, memory and time, of a configuration that a run would take. */
  void run(Engine engine) {
    Trainer.batches(config, data); // refuses what a run would refuse
    terminal.line(config.toYaml().stripTrailing());
    terminal.line("");
    shapes();
    ModelSize size = model.size();
    line("data", data.description());
    line("engine", engine.name() + ": " + engine.description());
    line("parameters", Texts.format("%,d", size.parameters()));
    line("active a token", Texts.format("%,d", size.activeParameters()));
    line("tokens a step", Texts.format("%,d", config.tokensPerStep()));
    line("tokens in all", Texts.format("%,d", config.tokensPerStep() * config.train().steps()));
    costs(engine, size);
  }

  private void shapes() {
    int width = model.checkpointTensors().stream().mapToInt(t -> t.name().length()).max().orElse(1);
    for (CheckpointTensor t : model.checkpointTensors()) {
      terminal.line(Texts.format("%-" + width + "s  %s", t.name(), t.shape()));
    }
    terminal.line("");
  }

  private void costs(Engine engine, ModelSize size) {
    Optimizer optimizer = Optimizers.of(config, model.parameters());
    MemoryNeed.check(engine, model, optimizer, config);
    double rate = ProductRate.measure(engine, config.model());
    double products = size.flopsPerToken() * config.tokensPerStep() / rate;
    Trainer.writeFirstWeights(engine, config, model);
    var batches = new RandomBatches(model.vocabulary(), config.train().seed());
    try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches)) {
      long programs = step.programs().stream().mapToLong(Program::bytes).sum();
      line(
          "memory",
          Texts.format(
              "%s: %s weights and state, %s activations and gradients",
              Texts.bytes(engine.variableBytes() + programs),
              Texts.bytes(engine.variableBytes()),
              Texts.bytes(programs)));
      if (products < LONGEST_MEASUREMENT_SECONDS / 4) {
        step.run(0);
        step.run(1);
        time(step.run(2).nanos() / NANOS_PER_SECOND, "measured on the third step");
      } else {
        time(
            products,
            Texts.format(
                "its products alone, at the %.0f GFLOP/s measured for one of them", rate / 1e9));
      }
    }
  }

  private void time(double seconds, String how) {
    line("time a step", Texts.format("%.3f s, an estimate: %s", seconds, how));
    line(
        "time in all",
        Texts.duration(seconds * config.train().steps()) + ", validation and saving not counted");
  }

  private void line(String name, String value) {
    terminal.line(Texts.format("%-15s %s", name, value));
  }
}
