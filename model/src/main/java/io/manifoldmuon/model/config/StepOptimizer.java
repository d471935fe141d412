package io.manifoldmuon.model.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An optimizer by itself, for one stack of matrices, with short keys for its settings. Each key
 * stands for one of the section of the configuration that trains with this optimizer.
 */
public enum StepOptimizer {
  /** Manifold Muon; it solves its problem well rather than fast unless told otherwise. */
  STIEFEL("stiefel", "stiefel_muon"),
  /** Unit vectors. */
  HYPERSPHERE("hypersphere", "hypersphere_muon"),
  /** Muon. */
  MUON("muon", "muon"),
  /** Muon with rows of the update normalised. */
  NORMUON("normuon", "muon"),
  /** Muon by five cubic steps, without Nesterov's momentum. */
  SIMPLE_MUON("simple_muon", "muon"),
  /** Adam with decoupled weight decay. */
  ADAMW("adamw", "adamw");

  private final String spelling;
  private final String section;

  StepOptimizer(String spelling, String section) {
    this.spelling = spelling;
    this.section = section;
  }

  /** The short keys, with the keys of the section that they stand for. */
  private Map<String, String> shortKeys() {
    return switch (this) {
      case STIEFEL -> Map.of("lr", "base_lr", "iterations", "dual_steps");
      case HYPERSPHERE -> Map.of("lr", "base_lr");
      case MUON, NORMUON, SIMPLE_MUON, ADAMW -> Map.of();
    };
  }

  /** The keys of the section that mean nothing to this optimizer, or to a single step. */
  private Set<String> unused() {
    return switch (this) {
      case STIEFEL -> Set.of("retract_every", "preset");
      case MUON -> Set.of("beta2");
      case SIMPLE_MUON ->
          Set.of("beta2", "nesterov", "adjust", "polar", "ns_steps", "polar_precision");
      case HYPERSPHERE, NORMUON, ADAMW -> Set.of();
    };
  }

  /** The settings that differ from those of training. */
  private Map<String, String> defaults() {
    return switch (this) {
      case STIEFEL ->
          Map.of(
              "solver", "irls",
              "dual_steps", "50",
              "epsilon", "0.01",
              "ns_steps", "20",
              "constraint_tol", "1e-15");
      case HYPERSPHERE, MUON, NORMUON, SIMPLE_MUON, ADAMW -> Map.of();
    };
  }

  /**
   * The optimizer of a name.
   *
   * @throws ConfigException naming the nearest
   */
  public static StepOptimizer named(String name) {
    for (StepOptimizer optimizer : values()) {
      if (optimizer.spelling.equals(name)) {
        return optimizer;
      }
    }
    List<String> known = Arrays.stream(values()).map(StepOptimizer::toString).toList();
    throw new ConfigException(
        "--optimizer is "
            + Excerpt.of(name)
            + ", but it must be one of "
            + String.join(", ", known)
            + nearest(name, known));
  }

  /** The keys that it takes. */
  public List<String> keys() {
    return List.copyOf(paths().keySet());
  }

  /** By key the dotted name in the configuration. */
  private Map<String, String> paths() {
    Schema.Section all = Schema.of(RunConfig.defaults());
    Schema.Section optimizers = (Schema.Section) all.children().get("optimizer");
    Schema.Section own = (Schema.Section) optimizers.children().get(section);
    Map<String, String> paths = new LinkedHashMap<>();
    shortKeys().forEach((key, of) -> paths.put(key, own.pathOf(of)));
    List<String> plain = new ArrayList<>(own.children().keySet());
    plain.removeAll(shortKeys().values());
    plain.removeAll(unused());
    plain.forEach(key -> paths.put(key, own.pathOf(key)));
    return paths;
  }

  /**
   * Section {@code optimizer} of the configuration under {@code key=value} settings.
   *
   * @throws ConfigException if a key or value is not allowed, naming the nearest key
   */
  public OptimizerConfig config(List<String> assignments) {
    Map<String, String> paths = paths();
    ConfigBuilder builder = new ConfigBuilder();
    defaults()
        .forEach(
            (key, value) ->
                builder.option("the defaults", "optimizer." + section + "." + key, value));
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      String key = equals < 0 ? assignment : assignment.substring(0, equals).strip();
      String value = equals < 0 ? "" : assignment.substring(equals + 1).strip();
      if (key.isEmpty() || value.isEmpty()) {
        throw new ConfigException(
            "--set has " + Excerpt.of(assignment) + ", but it must be key=value, such as lr=0.02");
      }
      String path = paths.get(key);
      if (path == null) {
        throw new ConfigException(
            "--set has "
                + Excerpt.of(key)
                + ", but "
                + this
                + " takes "
                + String.join(", ", paths.keySet())
                + nearest(key, paths.keySet()));
      }
      builder.option("--set " + key, path, value);
    }
    return builder.build().optimizer();
  }

  private static String nearest(String given, Collection<String> known) {
    return NearestName.of(given, known).map(name -> "; did you mean " + name + "?").orElse("");
  }

  /** The name as users type it. */
  @Override
  public String toString() {
    return spelling;
  }
}
