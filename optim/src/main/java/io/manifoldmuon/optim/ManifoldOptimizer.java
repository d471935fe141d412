package io.manifoldmuon.optim;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Puts the parameters of a model into groups by their roles, and makes one optimizer of the groups.
 * Without changes, attention and expert matrices go to group {@code stiefel}, embedding and router
 * to {@code sphere}, with rows as unit vectors, and gains to {@code adamw}, without decay.
 *
 * <pre>{@code
 * ComposedOptimizer optimizer =
 *     new ManifoldOptimizer(LrSchedule.cosine(100, 2000, 0.1))
 *         .group("stiefel", GroupRule.stiefel(StiefelSettings.of(0.02)))       // other constants
 *         .assign(Role.ROUTER, "adamw")                                        // another group
 *         .group(Role.EXPERT_DOWN, GroupRule.muon(MuonSettings.muon(0.02)))    // one of its own
 *         .lrScale("stiefel", 0.5)
 *         .build(model.parameters());
 * }</pre>
 */
public final class ManifoldOptimizer {
  private final LrSchedule schedule;
  private final Map<String, GroupRule> rules = new LinkedHashMap<>();
  private final Map<Role, String> groups = new EnumMap<>(Role.class);
  private final Map<String, Double> groupScales = new LinkedHashMap<>();
  private final Map<Role, Double> roleScales = new EnumMap<>(Role.class);
  private boolean byDepth;
  private boolean byRatio;
  private int normalizeEvery = 1;

  /** The usual groups, under one schedule. */
  public ManifoldOptimizer(LrSchedule schedule) {
    this.schedule = schedule;
    group("stiefel", GroupRule.stiefel(StiefelSettings.of(0.02)));
    group("sphere", GroupRule.hypersphere(HypersphereSettings.of(0.02, SphereMode.PER_ROW)));
    group("adamw", GroupRule.adamW(AdamWSettings.of(3e-3)));
    for (Role role : Role.values()) {
      assign(role, usual(role));
    }
  }

  /** No groups yet; those that are added keep their order. */
  public static ManifoldOptimizer withoutGroups(LrSchedule schedule) {
    ManifoldOptimizer none = new ManifoldOptimizer(schedule);
    none.rules.clear();
    none.groups.clear();
    return none;
  }

  private static String usual(Role role) {
    return switch (role) {
      case ATTENTION, EXPERT_UP, EXPERT_DOWN -> "stiefel";
      case EMBEDDING, ROUTER -> "sphere";
      case GAIN -> "adamw";
    };
  }

  /** Adds a group, or gives the one of this name another rule. */
  public ManifoldOptimizer group(String name, GroupRule rule) {
    rules.put(name, rule);
    return this;
  }

  /** Puts the parameters of a role into a group of their own, named by the role's tag. */
  public ManifoldOptimizer group(Role role, GroupRule rule) {
    return group(role.tag(), rule).assign(role, role.tag());
  }

  /** Puts the parameters of a role into a group. */
  public ManifoldOptimizer assign(Role role, String group) {
    if (!rules.containsKey(group)) {
      throw unknown(group);
    }
    groups.put(role, group);
    return this;
  }

  /** Multiplies the learning rate of a group. */
  public ManifoldOptimizer lrScale(String group, double factor) {
    if (!rules.containsKey(group)) {
      throw unknown(group);
    }
    groupScales.put(group, factor);
    return this;
  }

  /** Multiplies the learning rate of the parameters of a role. */
  public ManifoldOptimizer lrScale(Role role, double factor) {
    roleScales.put(role, factor);
    return this;
  }

  /** Lets later layers learn faster, see {@link LrScaling}. */
  public ManifoldOptimizer scaledByDepth(boolean on) {
    byDepth = on;
    return this;
  }

  /** Lets matrices that widen learn faster, see {@link LrScaling}. */
  public ManifoldOptimizer scaledByRatio(boolean on) {
    byRatio = on;
    return this;
  }

  /**
   * Sets the unit vectors that a model wants, see {@link Parameter#unitVectors()}, back to length 1
   * after every {@code steps}-th step only; without this after every step.
   */
  public ManifoldOptimizer normalizedEvery(int steps) {
    normalizeEvery = steps;
    return this;
  }

  /** The optimizer of the given parameters; groups to which none of them belongs are left out. */
  public ComposedOptimizer build(List<Parameter> parameters) {
    Map<String, List<Parameter>> members = new LinkedHashMap<>();
    rules.keySet().forEach(name -> members.put(name, new ArrayList<>()));
    parameters.forEach(p -> members.get(groupOf(p)).add(p));
    members.values().removeIf(List::isEmpty);
    List<Optimizer> optimizers = new ArrayList<>();
    members.forEach(
        (name, own) -> {
          double scale = groupScales.getOrDefault(name, 1.0);
          LrScaling scaling = new LrScaling(scale, roleScales, byDepth, byRatio);
          optimizers.add(rules.get(name).optimizer(name, own, schedule, scaling));
        });
    return new ComposedOptimizer(optimizers, normalizeEvery);
  }

  private String groupOf(Parameter p) {
    String group = groups.get(p.role());
    if (group == null) {
      throw new IllegalArgumentException(
          "ManifoldOptimizer: "
              + p.variable()
              + " of role "
              + p.role().tag()
              + " given, which is in no group; assign the role to one of "
              + rules.keySet());
    }
    return group;
  }

  private IllegalArgumentException unknown(String group) {
    return new IllegalArgumentException(
        "ManifoldOptimizer: group '"
            + group
            + "' given, wanted one of "
            + rules.keySet()
            + "; add it with group() first");
  }
}
