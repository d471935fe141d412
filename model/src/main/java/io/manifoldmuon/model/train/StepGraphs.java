package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.graph.Vjp;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.nn.Forward;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.nn.Mode;
import io.manifoldmuon.optim.GradientClip;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.StateVariable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Records the graphs of a training step.
 *
 * <p>Without gradient accumulation it is one graph: forward, backward, clipping, optimizer, router
 * bias. With n micro-batches a <em>micro graph</em>, replayed n times, adds gradients and expert
 * counts to variables, and an <em>update graph</em> takes their mean, clips, steps and sets them
 * back to zero. The counts so far enter the balance loss of each micro-batch. Where steps may be
 * left out for their gradient, it is done so with one micro-batch too, and the norm is looked at
 * between.
 */
final class StepGraphs {
  static final String IDS = "ids";
  static final String TARGETS = "targets";
  static final String LOSS = "loss";
  static final String GRAD_NORM = "grad_norm";
  static final String ENTROPY = "router_entropy";
  static final String COUNTS = "counts";

  private static final String GRADIENT_SUM = "grad.";
  private static final String COUNT_SUM = "step.counts";

  private final LanguageModel model;
  private final Optimizer optimizer;
  private final ModelConfig sizes;
  private final int batch;
  private final int microBatches;
  private final double maxNorm;

  StepGraphs(RunConfig config, LanguageModel model, Optimizer optimizer) {
    this.model = model;
    this.optimizer = optimizer;
    this.sizes = config.model();
    this.batch = config.train().batchSize();
    this.microBatches = config.train().gradAccumulation();
    this.maxNorm = config.train().gradClip();
  }

  /** The whole step; for one micro-batch. */
  Graph whole() {
    GraphBuilder g = new GraphBuilder();
    Forward f = forward(g, Optional.empty());
    Optional<Value> counts = f.routers().map(Forward.Routers::counts);
    update(g, gradients(g, f), counts);
    counts.ifPresent(c -> g.output(COUNTS, c));
    return g.build();
  }

  /** Adds the gradients and counts of one micro-batch to the sums. */
  Graph micro() {
    GraphBuilder g = new GraphBuilder();
    Optional<Value> counts = counts(g);
    Forward f = forward(g, counts);
    Map<Parameter, Value> gradients = gradients(g, f);
    g.phase(
        Phase.BACKWARD,
        () -> {
          gradients.forEach(
              (p, d) -> {
                Value sum = g.variable(GRADIENT_SUM + p.variable(), p.type());
                g.assign(GRADIENT_SUM + p.variable(), g.add(sum, d));
              });
          f.routers().ifPresent(r -> g.assign(COUNT_SUM, g.add(counts.orElseThrow(), r.counts())));
        });
    return g.build();
  }

  /** Steps by the sums of {@link #micro} and sets them to zero. */
  Graph update() {
    GraphBuilder g = new GraphBuilder();
    Map<Parameter, Value> sums = sums(g);
    Optional<Value> counts = counts(g);
    outputCounts(g, counts);
    update(g, sums, counts);
    clear(g);
    return g.build();
  }

  /** The norm of the mean gradient and the counts of {@link #micro}, to decide on the step. */
  Graph norm() {
    GraphBuilder g = new GraphBuilder();
    GradientClip clip = GradientClip.record(g, sums(g).values(), 1.0 / microBatches, 0);
    g.output(GRAD_NORM, clip.norm());
    g.phase(Phase.OPTIMIZER, () -> outputCounts(g, counts(g)));
    return g.build();
  }

  /** Sets the sums of {@link #micro} to zero without a step. */
  Graph drop() {
    GraphBuilder g = new GraphBuilder();
    sums(g);
    counts(g);
    clear(g);
    return g.build();
  }

  /** The variables that a step begins with as zeros, beside the optimizer's. */
  List<StateVariable> sums() {
    List<StateVariable> all = new ArrayList<>();
    for (Parameter p : model.parameters()) {
      all.add(new StateVariable(GRADIENT_SUM + p.variable(), p.type()));
    }
    model.routedCounts().ifPresent(type -> all.add(new StateVariable(COUNT_SUM, type)));
    return all;
  }

  private Map<Parameter, Value> sums(GraphBuilder g) {
    Map<Parameter, Value> sums = new LinkedHashMap<>();
    for (Parameter p : model.parameters()) {
      sums.put(p, g.variable(GRADIENT_SUM + p.variable(), p.type()));
    }
    return sums;
  }

  /** The assignments of this step's micro-batches so far. */
  private Optional<Value> counts(GraphBuilder g) {
    return model.routedCounts().map(type -> g.variable(COUNT_SUM, type));
  }

  /** A copy, because the variable is set to zero. */
  private static void outputCounts(GraphBuilder g, Optional<Value> counts) {
    counts.ifPresent(c -> g.output(COUNTS, g.scale(c, 1)));
  }

  private void clear(GraphBuilder g) {
    g.phase(
        Phase.OPTIMIZER,
        () -> sums().forEach(s -> g.assign(s.name(), g.fill(0, s.type().shape()))));
  }

  private Forward forward(GraphBuilder g, Optional<Value> countsSoFar) {
    Value ids = g.input(IDS, Type.integer(batch, sizes.context()));
    Value targets = g.input(TARGETS, Type.integer(batch, sizes.context()));
    Forward f = model.forward(g, ids, targets, Mode.TRAIN, countsSoFar);
    g.output(LOSS, f.loss());
    f.routers().ifPresent(r -> g.output(ENTROPY, r.entropy()));
    return f;
  }

  private Map<Parameter, Value> gradients(GraphBuilder g, Forward f) {
    List<Parameter> parameters = model.parameters();
    List<Value> weights = parameters.stream().map(p -> p.value(g)).toList();
    List<Value> found = Vjp.gradients(g, f.objective(), weights);
    Map<Parameter, Value> gradients = new LinkedHashMap<>();
    for (int i = 0; i < found.size(); i++) {
      gradients.put(parameters.get(i), found.get(i));
    }
    return gradients;
  }

  /** Clips the mean of the summed gradients, and steps. */
  private void update(GraphBuilder g, Map<Parameter, Value> sums, Optional<Value> counts) {
    GradientClip clip = GradientClip.record(g, sums.values(), 1.0 / microBatches, maxNorm);
    g.output(GRAD_NORM, clip.norm());
    optimizer.record(g, sums, clip.scale());
    model.recordStateUpdate(g, counts);
  }
}
