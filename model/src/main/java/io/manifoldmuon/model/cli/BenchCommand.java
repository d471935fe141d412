package io.manifoldmuon.model.cli;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.Preset;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Tokenizers;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.train.EngineOpening;
import io.manifoldmuon.model.train.MemoryNeed;
import io.manifoldmuon.model.train.Optimizers;
import io.manifoldmuon.model.train.RandomBatches;
import io.manifoldmuon.model.train.StepCount;
import io.manifoldmuon.model.train.TrainStep;
import io.manifoldmuon.optim.Optimizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Times the training step. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    header = "Times the training step.",
    description = {
      "Times the training step of a new model on random tokens: forward, backward, clipping and",
      "optimizer, one by one after a warm-up. Speeds are of the median step. `muon bench ops` times",
      "the operations by themselves, `muon bench scaling` how a step's time grows with each size."
    })
final class BenchCommand implements Callable<Integer> {
  private static final double NANOS_PER_SECOND = 1e9;

  private final Terminal terminal;

  @Mixin private ConfigurationOptions options;

  @Option(
      names = "--preset",
      paramLabel = "P",
      description = "tiny, small, medium, blueberry or large (model.preset).")
  private String preset;

  @Option(
      names = "--batch",
      paramLabel = "B",
      description = "Windows of a step; without it 8, 8, 4, 4, 1 in the order of the presets.")
  private Integer batch;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Timed steps; without it 60, 15, 3, 6, 2 in the order of the presets.")
  private Integer steps;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description =
          "Steps before timing starts; a third of the timed ones, at least 2, without it.")
  private Integer warmup;

  @Option(
      names = "--solvers",
      description = {
        "Compare optimizers and solvers on the text of data.path instead: time, share of the step,",
        "operations, and the relative gap that each leaves; 4 timed steps after 2 without other words."
      })
  private boolean solvers;

  @Option(
      names = "--profile",
      description = {
        "Also print what was compiled and, where the engine's launches can be timed, one more step's",
        "times: of each launch and of each kernel."
      })
  private boolean profile;

  @Option(
      names = "--count",
      description = {
        "Count what a step takes instead, from its graphs alone: parameters, operations, memory. It",
        "needs none of that memory itself."
      })
  private boolean count;

  @Option(names = "--json", description = "Print lines of JSON only.")
  private boolean json;

  BenchCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Numbers.atLeast("--steps", steps, 1);
    Numbers.atLeast("--warmup", warmup, 0);
    if (count) {
      print(counted(builder().build()));
      return Main.DONE;
    }
    if (solvers) {
      new SolverTable(terminal, json)
          .print(this::builder, warmup != null ? warmup : 2, steps != null ? steps : 4);
      return Main.DONE;
    }
    RunConfig config = builder().build();
    int timed = steps != null ? steps : defaultSteps(config.model().preset());
    int untimed = warmup != null ? warmup : Math.max(2, timed / 3);
    Terminal messages = json ? terminal.messagesOnly() : terminal;
    int vocabulary = Tokenizers.named(config.data().tokenizer()).vocabSize();
    var model = LanguageModel.of(config.model(), vocabulary);
    Optimizer optimizer = Optimizers.of(config, model.parameters());
    try (Engine engine = EngineOpening.open(config.engine(), messages::notice)) {
      MemoryNeed.check(engine, model, optimizer, config);
      Optimizers.initialWeights(config, model).forEach(engine::write);
      var batches = new RandomBatches(vocabulary, config.train().seed());
      try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches)) {
        messages.line("engine " + engine.name() + ": " + engine.description());
        List<TrainStep.Result> results = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < untimed + timed; i++) {
          results.add(step.run(i));
          if (i == 0) {
            messages.line(
                Texts.format(
                    "first step %.1f s, compilation included",
                    (System.nanoTime() - start) / NANOS_PER_SECOND));
          }
        }
        print(engine, config, results.subList(untimed, results.size()));
        if (profile) {
          profile(engine, step, untimed + timed);
        }
      }
    }
    return Main.DONE;
  }

  private void profile(Engine engine, TrainStep step, int number) {
    boolean launches = true;
    for (Program program : step.programs()) {
      launches &= program.timeLaunches(true);
    }
    step.run(number);
    step.programs().forEach(program -> terminal.line(program.plan()));
    if (!launches) {
      terminal.notice("engine " + engine.name() + " times phases, not launches");
    }
  }

  private ConfigBuilder builder() {
    ConfigBuilder builder = options.over(new ConfigBuilder());
    if (preset != null) {
      builder.option("--preset", "model.preset", preset);
    }
    int windows = batch != null ? batch : defaultBatch(builder.build().model().preset());
    return builder.option("--batch", "train.batch_size", Integer.toString(windows));
  }

  private static int defaultBatch(Preset preset) {
    return switch (preset) {
      case TINY, SMALL, NGPT_TINY -> 8;
      case MEDIUM, BLUEBERRY, NGPT_155M -> 4;
      case LARGE -> 1;
    };
  }

  private static int defaultSteps(Preset preset) {
    return switch (preset) {
      case TINY, NGPT_TINY -> 60;
      case SMALL -> 15;
      case MEDIUM, NGPT_155M -> 3;
      case BLUEBERRY -> 6;
      case LARGE -> 2;
    };
  }

  private void print(Engine engine, RunConfig config, List<TrainStep.Result> results) {
    double tokens = config.tokensPerStep() * NANOS_PER_SECOND;
    long[] nanos = results.stream().mapToLong(TrainStep.Result::nanos).sorted().toArray();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("program", "manifold-muon");
    fields.put("preset", config.model().preset().toString());
    fields.put("batch", config.train().batchSize());
    fields.put("context", config.model().context());
    fields.put("engine", engine.name());
    fields.put("threads", new EngineOptions(config.engine().threads(), "").resolvedThreads());
    fields.put("steps", results.size());
    fields.put("tokens_per_s", rounded(tokens / median(nanos)));
    fields.put("tokens_per_s_min", rounded(tokens / nanos[nanos.length - 1]));
    fields.put("tokens_per_s_max", rounded(tokens / nanos[0]));
    fields.put("step_ms", rounded(median(nanos) / 1e6));
    fields.put("forward_ms", millis(results, TrainStep.Result::forwardNanos));
    fields.put("backward_ms", millis(results, TrainStep.Result::backwardNanos));
    fields.put("optimizer_ms", millis(results, TrainStep.Result::optimizerNanos));
    fields.put("first_loss", results.getFirst().loss());
    fields.put("last_loss", results.getLast().loss());
    print(fields);
  }

  private void print(Map<String, Object> fields) {
    if (json) {
      terminal.line(Json.line(fields));
    } else {
      fields.forEach((name, value) -> terminal.line(Texts.format("%-17s %s", name, value)));
    }
  }

  private static Map<String, Object> counted(RunConfig config) {
    int vocabulary = Tokenizers.named(config.data().tokenizer()).vocabSize();
    StepCount count = StepCount.of(config, vocabulary);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("preset", config.model().preset().toString());
    fields.put("optimizer", config.optimizer().type().toString());
    fields.put("vocabulary", vocabulary);
    fields.put("batch", config.train().batchSize());
    fields.put("grad_accumulation", config.train().gradAccumulation());
    fields.put("context", config.model().context());
    fields.put("tokens", count.tokens());
    fields.put("parameters", count.size().parameters());
    fields.put("active_parameters", count.size().activeParameters());
    fields.put("forward_gflop", rounded(count.forward() / 1e9));
    fields.put("backward_gflop", rounded(count.backward() / 1e9));
    fields.put("optimizer_gflop", rounded(count.optimizer() / 1e9));
    fields.put("weights_mib", mebibytes(count.weightBytes()));
    fields.put("gradients_mib", mebibytes(count.gradientBytes()));
    fields.put("optimizer_mib", mebibytes(count.optimizerBytes()));
    fields.put("passes_mib", mebibytes(count.passesBytes()));
    fields.put("update_mib", mebibytes(count.updateBytes()));
    return fields;
  }

  private static double mebibytes(long bytes) {
    return rounded(bytes / (double) (1 << 20));
  }

  private static double millis(
      List<TrainStep.Result> results, ToLongFunction<TrainStep.Result> time) {
    return rounded(median(results.stream().mapToLong(time).sorted().toArray()) / 1e6);
  }

  private static double median(long[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0;
  }

  private static double rounded(double x) {
    return Math.round(x * 1000) / 1000.0;
  }
}
