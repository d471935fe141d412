package io.manifoldmuon.optim;

import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Value;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Several optimizers as one: every parameter belongs to exactly one of them, its group. One
 * recording, one step, one state.
 */
public final class ComposedOptimizer implements Optimizer {
  private final List<Optimizer> groups;
  private final UnitNorms norms;

  /**
   * A composition; the first group's learning rate is the one that is reported.
   *
   * @throws IllegalArgumentException if there is no group, or parameters and state variables have
   *     not all different names
   */
  public ComposedOptimizer(List<Optimizer> groups) {
    this(groups, 1);
  }

  /**
   * A composition that sets the unit vectors of its parameters, where a model wants them and their
   * group neither keeps them itself nor leaves them as they are, back to length 1.
   *
   * @param normalizeEvery after how many steps, at least 1
   */
  ComposedOptimizer(List<Optimizer> groups, int normalizeEvery) {
    this.groups = List.copyOf(groups);
    if (this.groups.isEmpty()) {
      throw new IllegalArgumentException("ComposedOptimizer: no groups given, wanted at least one");
    }
    VariableNames.requireDistinct("ComposedOptimizer", parameters(), state());
    Set<Parameter> kept = new HashSet<>(frozen());
    this.groups.forEach(group -> group.constraints().forEach(c -> kept.add(c.parameter())));
    this.norms =
        new UnitNorms(
            parameters().stream().filter(p -> !kept.contains(p)).toList(), normalizeEvery);
  }

  /** The optimizers, in order. */
  public List<Optimizer> groups() {
    return groups;
  }

  @Override
  public String name() {
    return "composed";
  }

  @Override
  public List<Parameter> parameters() {
    return groups.stream().flatMap(o -> o.parameters().stream()).toList();
  }

  @Override
  public List<Parameter> frozen() {
    return groups.stream().flatMap(o -> o.frozen().stream()).toList();
  }

  @Override
  public void record(GraphBuilder g, Map<Parameter, Value> gradients, Value gradScale) {
    Gradients.require(this, gradients);
    for (Optimizer group : groups) {
      Map<Parameter, Value> own = new LinkedHashMap<>();
      group.parameters().forEach(p -> own.put(p, gradients.get(p)));
      group.record(g, own, gradScale);
    }
    norms.record(g);
  }

  @Override
  public void writeInputs(Program program, long step) {
    groups.forEach(group -> group.writeInputs(program, step));
    norms.writeInputs(program, step);
  }

  @Override
  public List<StateVariable> state() {
    return groups.stream().flatMap(o -> o.state().stream()).toList();
  }

  @Override
  public List<Constraint> constraints() {
    return Stream.concat(
            groups.stream().flatMap(o -> o.constraints().stream()), norms.constraints().stream())
        .toList();
  }

  @Override
  public List<Solve> solves() {
    return groups.stream().flatMap(o -> o.solves().stream()).toList();
  }

  @Override
  public void recordRetraction(GraphBuilder g) {
    groups.forEach(group -> group.recordRetraction(g));
    norms.recordRetraction(g);
  }

  @Override
  public boolean retractionDue(long step) {
    return groups.stream().anyMatch(group -> group.retractionDue(step));
  }

  @Override
  public double learningRate(long step) {
    return groups.getFirst().learningRate(step);
  }

  /**
   * What a log of a step wants to know, by name: the learning rate of each group, and the numbers
   * of the report.
   *
   * @param prefix the beginning of every name
   * @param step the number of steps done before this one
   * @param report the constraints after the step
   */
  public Map<String, Double> logMetrics(String prefix, long step, ConstraintCheck.Report report) {
    Map<String, Double> all = new LinkedHashMap<>();
    groups.forEach(group -> all.put(prefix + group.name() + ".lr", group.learningRate(step)));
    all.putAll(report.metrics(prefix));
    return all;
  }
}
