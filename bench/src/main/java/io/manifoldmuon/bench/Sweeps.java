package io.manifoldmuon.bench;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Tokenizers;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.train.Optimizers;
import io.manifoldmuon.model.train.RandomBatches;
import io.manifoldmuon.model.train.TrainStep;
import io.manifoldmuon.optim.Irls;
import io.manifoldmuon.optim.Optimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * The sizes whose cost is measured: those of the training step of the preset {@code tiny}, D = 128,
 * L = 2, H = 4, E = 4, k = 2, F = 512, T = 128, on B = 8 windows of random bytes, and those of the
 * matrices of an optimizer's step.
 */
final class Sweeps {
  static final String THREADS = "threads";

  private static final int STACK = 4;
  private static final int TALL = 4;
  private static final int TOKENS = 1024;

  private Sweeps() {}

  /**
   * In the order of the table.
   *
   * @param quick without the largest matrices and contexts
   */
  static List<Sweep> all(boolean quick) {
    int[] sides = quick ? new int[] {64, 128, 256} : new int[] {64, 128, 256, 512, 1024};
    int[] contexts = quick ? new int[] {64, 128, 256} : new int[] {64, 128, 256, 512, 1024};
    List<Sweep> all = new ArrayList<>();
    all.add(
        steps("layers", "training step of tiny", n -> List.of("model.n_layers=" + n), 1, 2, 4, 8));
    all.add(
        steps(
            "experts",
            "training step of tiny, 2 experts a token",
            n -> List.of("model.n_experts=" + n),
            2,
            4,
            8,
            16));
    all.add(
        steps(
            "windows",
            "training step of tiny, windows of 128 tokens",
            n -> List.of("train.batch_size=" + n),
            2,
            4,
            8,
            16));
    all.add(
        steps(
            "width",
            "training step of tiny, experts four times as wide as the model",
            n -> List.of("model.d_model=" + n, "model.d_ff=" + 4 * n),
            64,
            128,
            256,
            384));
    all.add(
        steps(
            "context",
            "training step of tiny, 1,024 tokens in any case",
            n -> List.of("model.context=" + n, "train.batch_size=" + TOKENS / n),
            contexts));
    all.add(threads("tiny"));
    all.add(threads("small"));
    all.add(matrices("muon", k -> OptimizerWorkloads.muon("matrix-muon", stack(k)), sides));
    all.add(
        matrices(
            "stiefel",
            k -> OptimizerWorkloads.stiefel("matrix-stiefel", stack(k), Irls.training(1)),
            sides));
    return List.copyOf(all);
  }

  // ---- training steps -------------------------------------------------------------------------

  private static Sweep steps(
      String name, String what, IntFunction<List<String>> settings, int... sizes) {
    List<Sweep.Point> points =
        Arrays.stream(sizes)
            .mapToObj(n -> new Sweep.Point(n, 0, step("tiny", settings.apply(n))))
            .toList();
    return new Sweep(name, what, points);
  }

  private static Sweep threads(String preset) {
    List<Sweep.Point> points = new ArrayList<>();
    int most = Runtime.getRuntime().availableProcessors();
    for (int n = 1; n <= most; n *= 2) {
      points.add(new Sweep.Point(n, n, step(preset, List.of())));
    }
    return new Sweep(THREADS + "-" + preset, "training step of " + preset, points);
  }

  /** The default optimizer, which keeps everything on its manifold. */
  private static Function<Engine, Sweep.Timed> step(String preset, List<String> settings) {
    RunConfig config =
        new ConfigBuilder().option("preset", "model.preset", preset).set(settings).build();
    return engine -> open(engine, config);
  }

  private static Sweep.Timed open(Engine engine, RunConfig config) {
    int vocabulary = Tokenizers.named(config.data().tokenizer()).vocabSize();
    LanguageModel model = LanguageModel.of(config.model(), vocabulary);
    Optimizer optimizer = Optimizers.of(config, model.parameters());
    Optimizers.initialWeights(config, model).forEach(engine::write);
    var batches = new RandomBatches(vocabulary, Workload.SEED);
    TrainStep step = new TrainStep(engine, config, model, optimizer, batches);
    return new Sweep.Timed() {
      private long done;

      @Override
      public Sweep.Sample run() {
        TrainStep.Result r = step.run(done++);
        return new Sweep.Sample(
            r.nanos(), r.forwardNanos() + r.backwardNanos(), r.optimizerNanos());
      }

      @Override
      public double flops() {
        return step.flops().values().stream().mapToDouble(x -> x).sum();
      }

      @Override
      public void close() {
        step.close();
      }
    };
  }

  // ---- optimizer steps ------------------------------------------------------------------------

  private static Shape stack(int k) {
    return Shape.of(STACK, TALL * k, k);
  }

  private static Sweep matrices(String optimizer, IntFunction<Workload> workload, int... sides) {
    List<Sweep.Point> points =
        Arrays.stream(sides).mapToObj(k -> new Sweep.Point(k, 0, step(workload.apply(k)))).toList();
    return new Sweep(
        "matrix-" + optimizer, "step of " + optimizer + " for 4 matrices of 4k by k", points);
  }

  private static Function<Engine, Sweep.Timed> step(Workload workload) {
    return engine -> {
      Replay replay = workload.opening().apply(engine);
      return new Sweep.Timed() {
        @Override
        public Sweep.Sample run() {
          long start = System.nanoTime();
          replay.run();
          long nanos = System.nanoTime() - start;
          return new Sweep.Sample(nanos, 0, nanos);
        }

        @Override
        public double flops() {
          return workload.flops();
        }

        @Override
        public void close() {
          replay.close();
        }
      };
    };
  }
}
