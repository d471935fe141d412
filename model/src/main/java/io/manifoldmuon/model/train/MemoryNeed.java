package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.StoragePlan;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.StateVariable;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * What training needs, from the shapes alone: nothing is allocated to find out.
 *
 * @param state weights, sums of gradients and the optimizer's state
 * @param activations everything that lives within a step, gradients included
 * @param heap of Java: the weights once more, when they are made, saved or loaded
 */
public record MemoryNeed(long state, long activations, long heap) {
  private static final long REFERENCE_BYTES = 8;
  private static final long OTHER_BYTES = 4;

  /** Java itself: classes, compiled code, and what a small run takes of the heap. */
  private static final long JAVA = 256L << 20;

  /** Of the memory that is there, for everybody else. */
  private static final double USABLE = 0.95;

  private static final double GIB = 1L << 30;

  /** The need of a configuration on an engine. */
  static MemoryNeed of(String engine, LanguageModel model, Optimizer optimizer, RunConfig config) {
    StepGraphs graphs = new StepGraphs(config, model, optimizer);
    boolean split = config.train().gradAccumulation() > 1 || config.train().skipsSteps();
    List<Graph> programs =
        split ? List.of(graphs.micro(), graphs.update()) : List.of(graphs.whole());
    long weights = model.parameters().stream().mapToLong(p -> p.shape().size()).sum();
    long state = weights + elements(optimizer.state()) + (split ? elements(graphs.sums()) : 0);
    long within = programs.stream().mapToLong(MemoryNeed::transients).sum();
    long bytes = engine.equals("reference") ? REFERENCE_BYTES : OTHER_BYTES;
    return new MemoryNeed(state * bytes, within * bytes, JAVA + weights * OTHER_BYTES);
  }

  private static long elements(List<StateVariable> variables) {
    return variables.stream().mapToLong(v -> v.type().shape().size()).sum();
  }

  /** The elements of a graph's values, where each takes the place of those that are done with. */
  static long transients(Graph graph) {
    var options = new StoragePlan.Options(_ -> new int[0][], _ -> List.of(), false);
    StoragePlan plan = new StoragePlan(graph, options);
    long inputs =
        graph.inputs().values().stream().mapToLong(v -> graph.type(v).shape().size()).sum();
    return plan.arenaSize(DType.REAL) + plan.arenaSize(DType.INT) + inputs;
  }

  /** The same if no value took the place of another: more than {@link #of}, and quickly found. */
  private static long mostBytes(Graph graph) {
    return REFERENCE_BYTES
        * IntStream.range(0, graph.valueCount())
            .mapToObj(graph::type)
            .mapToLong((Type t) -> t.shape().size())
            .sum();
  }

  /** All together, in bytes. */
  public long total() {
    return state + activations + heap;
  }

  /**
   * Refuses what this machine or container cannot hold, before the system ends the process for it.
   *
   * @throws ConfigException with the sizes and what would fit
   */
  public static void check(
      Engine engine, LanguageModel model, Optimizer optimizer, RunConfig config) {
    long memory = (long) (USABLE * Environment.memoryBytes());
    long heap = Runtime.getRuntime().maxMemory();
    if (mostBytes(new StepGraphs(config, model, optimizer).whole()) > memory / 4) {
      check(engine.name(), model, optimizer, config, memory, heap);
    }
  }

  /**
   * Refuses what does not fit.
   *
   * @param memory that may be used, in bytes
   * @param heapLimit the most that Java's heap may be
   */
  static void check(
      String engine,
      LanguageModel model,
      Optimizer optimizer,
      RunConfig config,
      long memory,
      long heapLimit) {
    MemoryNeed need = of(engine, model, optimizer, config);
    if (need.total() > memory) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "training this %s model takes about %.1f GiB (weights and optimizer state %.1f,"
                  + " a step %.1f, Java %.1f), but %.1f GiB may be used here; %s",
              config.model().preset(),
              need.total() / GIB,
              need.state / GIB,
              need.activations / GIB,
              need.heap / GIB,
              memory / GIB,
              advice(config, smaller -> of(engine, model, optimizer, smaller).total() <= memory)));
    }
    if (need.heap - JAVA > heapLimit) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "the weights of this %s model take %.1f GiB of Java's heap when they are made or"
                  + " saved, which may have %.1f GiB; give it more with MUON_JAVA_OPTS=-Xmx%dg",
              config.model().preset(),
              (need.heap - JAVA) / GIB,
              heapLimit / GIB,
              (long) Math.ceil(2 * need.heap / GIB)));
    }
  }

  /** The largest micro-batch that fits, and as many of them as make the same step. */
  private static String advice(RunConfig config, Predicate<RunConfig> fits) {
    int windows = config.train().batchSize() * config.train().gradAccumulation();
    for (int batch = config.train().batchSize() - 1; batch >= 1; batch--) {
      if (windows % batch == 0) {
        List<String> settings =
            List.of("train.batch_size=" + batch, "train.grad_accumulation=" + windows / batch);
        RunConfig smaller =
            new ConfigBuilder().yaml(config.toYaml(), "the run").set(settings).build();
        if (fits.test(smaller)) {
          return String.join(" with ", settings)
              + " takes the same steps in less memory, or use a smaller model";
        }
      }
    }
    return "use a smaller model or a shorter model.context";
  }
}
