package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.config.ConfigException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An experiment: a question, and the runs that are to answer it.
 *
 * @param name for folders and titles
 * @param question what it is to find out
 * @param base the settings of every run
 * @param cases the circumstances in which all arms are compared; one without a name where there is
 *     nothing to tell apart
 * @param arms what is compared
 * @param seeds of the main runs
 * @param budget what every arm may spend
 * @param baseline the arm that the others are compared with
 * @param limits what the main runs must keep to
 */
public record Definition(
    String name,
    String question,
    Settings base,
    List<Case> cases,
    List<Arm> arms,
    List<Long> seeds,
    Budget budget,
    String baseline,
    List<Limit> limits) {

  public Definition {
    cases = List.copyOf(cases);
    arms = List.copyOf(arms);
    seeds = List.copyOf(seeds);
    limits = List.copyOf(limits);
  }

  /** Circumstances: a size, a text. */
  public record Case(String name, Settings settings) {}

  /**
   * What is compared.
   *
   * @param about a few words on it, may be empty
   * @param settings over the base and the case
   * @param grid what it is tuned over
   * @param cases the names of the cases that it is run in
   * @param against the arm that it is compared with
   * @param choiceOf where its best settings are taken from, if it is not tuned itself
   */
  public record Arm(
      String name,
      String about,
      Settings settings,
      Grid grid,
      List<String> cases,
      String against,
      Optional<ChoiceOf> choiceOf) {
    public Arm {
      cases = List.copyOf(cases);
    }

    /** Whether runs of its own choose its settings. */
    boolean isTuned() {
      return grid.isTuned() && choiceOf.isEmpty();
    }
  }

  /** The tuning of another arm in another case. */
  public record ChoiceOf(String arm, String caseName) {}

  /**
   * What every arm may spend, in steps or in tokens.
   *
   * @param steps of a main run; 0 where tokens are given
   * @param tokens of a main run; 0 where steps are given
   * @param tuningSteps of a tuning run; 0 for as many as a main run has
   * @param tuningSeeds of the tuning runs
   * @param unequal whether arms may have more tuning than others
   */
  public record Budget(
      long steps, long tokens, long tuningSteps, List<Long> tuningSeeds, boolean unequal) {
    public Budget {
      tuningSeeds = List.copyOf(tuningSeeds);
    }
  }

  /**
   * What a logged number must keep to at every logged step.
   *
   * @param metric its name in {@code metrics.jsonl}
   * @param least −∞ for none
   * @param most ∞ for none
   */
  public record Limit(String metric, double least, double most) {
    /** Whether a value keeps to it; NaN does not. */
    boolean holds(double value) {
      return value >= least && value <= most;
    }

    /** {@code ≤ 2e-6}, {@code in [0.9, 1.1]}. */
    String words() {
      if (least == Double.NEGATIVE_INFINITY) {
        return "≤ " + Words.exact(most);
      }
      return most == Double.POSITIVE_INFINITY
          ? "≥ " + Words.exact(least)
          : "in [" + Words.exact(least) + ", " + Words.exact(most) + "]";
    }
  }

  /** The arm of a name. */
  Arm arm(String wanted) {
    return arms.stream().filter(a -> a.name().equals(wanted)).findFirst().orElseThrow();
  }

  /** The case of a name. */
  Case caseOf(String wanted) {
    return cases.stream().filter(c -> c.name().equals(wanted)).findFirst().orElseThrow();
  }

  /** The same with other seeds. */
  public Definition withSeeds(List<Long> others) {
    return new Definition(name, question, base, cases, arms, others, budget, baseline, limits);
  }

  /** The same with another budget. */
  Definition withBudget(Budget other) {
    return new Definition(name, question, base, cases, arms, seeds, other, baseline, limits);
  }

  /** The same with more settings of every run. */
  Definition withBase(Settings more) {
    return new Definition(
        name, question, base.plus(more), cases, arms, seeds, budget, baseline, limits);
  }

  /**
   * The same with {@code key=value} settings over the base, {@code train.steps} and {@code
   * budget.…} over the budget.
   *
   * @throws ConfigException if one is not of that form, or belongs to the experiment
   */
  public Definition with(List<String> assignments) {
    Definition changed = this;
    for (String assignment : assignments) {
      int equals = assignment.indexOf('=');
      if (equals < 1) {
        throw new ConfigException(
            "--set has '" + assignment + "', but it must be key=value, such as train.steps=200");
      }
      String key = assignment.substring(0, equals).strip();
      String value = assignment.substring(equals + 1).strip();
      changed = changed.with(key, value);
    }
    return changed;
  }

  private Definition with(String key, String value) {
    Budget b = budget;
    return switch (key) {
      case "train.steps", "budget.steps" ->
          withBudget(new Budget(whole(key, value), 0, b.tuningSteps, b.tuningSeeds, b.unequal));
      case "budget.tokens" ->
          withBudget(new Budget(0, whole(key, value), b.tuningSteps, b.tuningSeeds, b.unequal));
      case "budget.tuning_steps" ->
          withBudget(new Budget(b.steps, b.tokens, whole(key, value), b.tuningSeeds, b.unequal));
      case "budget.tuning_seeds" ->
          withBudget(
              new Budget(
                  b.steps,
                  b.tokens,
                  b.tuningSteps,
                  DefinitionReader.tuningSeeds(whole(key, value)),
                  b.unequal));
      default -> {
        DefinitionReader.requireFree("--set", key);
        yield withBase(new Settings(Map.of(key, value), "--set " + key + "=" + value));
      }
    };
  }

  private static long whole(String key, String value) {
    if (!value.matches("[1-9]\\d{0,17}")) {
      throw new ConfigException(
          "--set " + key + " is '" + value + "', but it must be a whole number of at least 1");
    }
    return Long.parseLong(value);
  }

  // ---- as text ------------------------------------------------------------------------------

  /** As nested maps, for YAML that {@link DefinitionReader} reads back to an equal definition. */
  Map<String, Object> tree() {
    Map<String, Object> tree = new LinkedHashMap<>();
    tree.put("name", name);
    tree.put("question", question);
    tree.put("base", base.values());
    Map<String, Object> allCases = new LinkedHashMap<>();
    cases.stream()
        .filter(c -> !c.name().isEmpty())
        .forEach(c -> allCases.put(c.name(), c.settings().values()));
    if (!allCases.isEmpty()) {
      tree.put("cases", allCases);
    }
    Map<String, Object> allArms = new LinkedHashMap<>();
    arms.forEach(a -> allArms.put(a.name(), tree(a, !allCases.isEmpty())));
    tree.put("arms", allArms);
    tree.put("baseline", baseline);
    tree.put("metric", DefinitionReader.METRIC);
    tree.put("seeds", seeds);
    tree.put("budget", tree(budget));
    Map<String, Object> allLimits = new LinkedHashMap<>();
    limits.forEach(l -> allLimits.put(l.metric(), tree(l)));
    if (!allLimits.isEmpty()) {
      tree.put("limits", allLimits);
    }
    return tree;
  }

  private static Map<String, Object> tree(Arm arm, boolean withCases) {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (!arm.about().isEmpty()) {
      tree.put("about", arm.about());
    }
    tree.put("settings", arm.settings().values());
    if (!arm.grid().axes().isEmpty() && arm.choiceOf().isEmpty()) {
      Map<String, Object> tune = new LinkedHashMap<>();
      arm.grid().axes().forEach(a -> tune.put(a.name(), new ArrayList<>(a.values())));
      tree.put("tune", tune);
    }
    if (withCases) {
      tree.put("cases", arm.cases());
    }
    tree.put("against", arm.against());
    arm.choiceOf().ifPresent(c -> tree.put("choice_of", tree(c)));
    return tree;
  }

  private static Map<String, Object> tree(ChoiceOf choice) {
    Map<String, Object> tree = new LinkedHashMap<>(); // in this order each time
    tree.put("arm", choice.arm());
    tree.put("case", choice.caseName());
    return tree;
  }

  private static Map<String, Object> tree(Budget budget) {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (budget.tokens() > 0) {
      tree.put("tokens", budget.tokens());
    } else {
      tree.put("steps", budget.steps());
    }
    if (budget.tuningSteps() > 0) {
      tree.put("tuning_steps", budget.tuningSteps());
    }
    tree.put("tuning_seeds", budget.tuningSeeds());
    tree.put("unequal", budget.unequal());
    return tree;
  }

  private static Map<String, Object> tree(Limit limit) {
    Map<String, Object> tree = new LinkedHashMap<>();
    if (limit.least() != Double.NEGATIVE_INFINITY) {
      tree.put("least", limit.least());
    }
    if (limit.most() != Double.POSITIVE_INFINITY) {
      tree.put("most", limit.most());
    }
    return tree;
  }
}
