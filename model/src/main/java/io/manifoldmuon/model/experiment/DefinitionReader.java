package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.NearestName;
import io.manifoldmuon.model.config.YamlSection;
import io.manifoldmuon.model.experiment.Definition.Arm;
import io.manifoldmuon.model.experiment.Definition.Budget;
import io.manifoldmuon.model.experiment.Definition.Case;
import io.manifoldmuon.model.experiment.Definition.ChoiceOf;
import io.manifoldmuon.model.experiment.Definition.Limit;
import io.manifoldmuon.model.report.MetricNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/** Reads the definition of an experiment; what is wrong is named with its line. */
public final class DefinitionReader {
  /** The metric: the validation loss after the last step. */
  static final String METRIC = "val_loss";

  private static final int LONGEST_NAME = 40; // several make the name of a folder
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9_.+-]*";
  private static final long FIRST_TUNING_SEED = 1001;
  private static final int MOST_SEEDS = 1000;

  /** Keys that the experiment itself sets. */
  private static final Map<String, String> ITS_OWN =
      Map.of(
          "train.seed", "seeds",
          "train.steps", "budget.steps, or train.steps in a case",
          "train.max_tokens", "budget.tokens",
          "train.max_minutes", "budget.steps: a run that ends by the clock cannot be repeated",
          "train.early_stop_patience", "budget.steps: all arms see as many tokens",
          "data.path", "--data");

  private final YamlSection document;

  private DefinitionReader(YamlSection document) {
    this.document = document;
  }

  /**
   * Reads a definition.
   *
   * @throws ConfigException naming key and line
   */
  public static Definition read(YamlSection document) {
    return new DefinitionReader(document).definition();
  }

  private Definition definition() {
    document.allow(
        "name",
        "question",
        "base",
        "cases",
        "arms",
        "baseline",
        "metric",
        "seeds",
        "budget",
        "limits");
    String name = name("name", document.requireText("name", "a name for the experiment"));
    String question = document.text("question").orElse("");
    if (!document.text("metric").orElse(METRIC).equals(METRIC)) {
      throw document.problem("metric", "must be " + METRIC + ", the loss after the last step");
    }
    Settings base = settings(document, "base", false);
    List<Case> cases = cases();
    String baseline = document.requireText("baseline", "the arm that others are compared with");
    List<Arm> arms = arms(cases, baseline);
    requireOneOf(document, "baseline", baseline, arms.stream().map(Arm::name).toList());
    return new Definition(
        name,
        question,
        base,
        cases,
        arms,
        seeds(document, "seeds", 1),
        budget(),
        baseline,
        limits());
  }

  private String name(String key, String name) {
    if (!name.matches(NAME)) {
      throw document.problem(
          key,
          "is '"
              + name
              + "', but names are of letters, digits, '-', '_', '.' and '+', and begin with one of"
              + " the first two");
    }
    if (name.length() > LONGEST_NAME) {
      throw document.problem(
          key,
          "is '"
              + name
              + "' of "
              + name.length()
              + " characters, but names have at most "
              + LONGEST_NAME);
    }
    return name;
  }

  private static void requireOneOf(
      YamlSection section, String key, String given, Collection<String> known) {
    if (!known.contains(given)) {
      throw section.problem(
          key,
          "is '"
              + given
              + "', but it must be one of "
              + String.join(", ", known)
              + NearestName.of(given, known).map(n -> "; did you mean " + n + "?").orElse(""));
    }
  }

  private Settings settings(YamlSection in, String key, boolean steps) {
    YamlSection section = in.section(key);
    Map<String, String> values = section.settings();
    values.keySet().forEach(k -> requireFree(in, key, k, steps));
    return new Settings(values, in.place(key));
  }

  private static void requireFree(YamlSection in, String key, String setting, boolean steps) {
    String instead = ITS_OWN.get(setting);
    if (instead != null && !(steps && setting.equals("train.steps"))) {
      throw in.problem(key, "has " + setting + ", which is the experiment's: give " + instead);
    }
  }

  /** Refuses a key that the experiment itself sets. */
  static void requireFree(String option, String setting) {
    if (ITS_OWN.containsKey(setting)) {
      throw new ConfigException(
          option + " has " + setting + ", which is the experiment's: give " + ITS_OWN.get(setting));
    }
  }

  // ---- cases and arms -----------------------------------------------------------------------

  private List<Case> cases() {
    YamlSection section = document.section("cases");
    List<Case> cases = new ArrayList<>();
    for (String key : section.keys()) {
      name("cases", key);
      cases.add(new Case(key, settings(section, key, true)));
    }
    return cases.isEmpty() ? List.of(new Case("", Settings.NONE)) : cases;
  }

  private List<Arm> arms(List<Case> cases, String baseline) {
    YamlSection section = document.section("arms");
    Map<String, Arm> arms = new LinkedHashMap<>();
    for (String key : section.keys()) {
      name("arms", key);
      YamlSection arm =
          section.section(key).allow("about", "settings", "tune", "cases", "against", "choice_of");
      String against = arm.text("against").orElse(baseline);
      requireOneOf(arm, "against", against, section.keys());
      arms.put(key, arm(key, arm, cases, against, arms));
    }
    if (arms.isEmpty()) {
      throw document.problem("arms", "is missing, wanted the arms that are compared");
    }
    return List.copyOf(arms.values());
  }

  private Arm arm(
      String name, YamlSection arm, List<Case> cases, String against, Map<String, Arm> before) {
    List<String> all = cases.stream().map(Case::name).toList();
    List<String> own = arm.has("cases") ? arm.texts("cases") : all;
    own.forEach(c -> requireOneOf(arm, "cases", c, all));
    Settings settings = settings(arm, "settings", false);
    Grid grid = grid(arm);
    Optional<ChoiceOf> choice = Optional.empty();
    if (arm.has("choice_of")) {
      YamlSection of = arm.section("choice_of").allow("arm", "case");
      String source = of.requireText("arm", "an arm that is tuned");
      requireOneOf(of, "arm", source, before.keySet());
      String in = of.text("case").orElse(all.getFirst());
      requireOneOf(of, "case", in, before.get(source).cases());
      if (!grid.axes().isEmpty()) {
        throw arm.problem("tune", "is given beside choice_of, wanted one of them");
      }
      if (!before.get(source).isTuned()) {
        throw of.problem("arm", "is '" + source + "', which is not tuned itself");
      }
      settings = before.get(source).settings().plus(settings);
      grid = before.get(source).grid();
      choice = Optional.of(new ChoiceOf(source, in));
    }
    return new Arm(name, arm.text("about").orElse(""), settings, grid, own, against, choice);
  }

  private Grid grid(YamlSection arm) {
    YamlSection tune = arm.section("tune");
    List<Grid.Axis> axes = new ArrayList<>();
    for (String names : tune.keys()) {
      List<String> keys = Arrays.stream(names.split(",", -1)).map(String::strip).toList();
      keys.forEach(k -> requireFree(tune, names, k, false));
      List<String> values = tune.texts(names);
      if (values.isEmpty() || values.stream().distinct().count() < values.size()) {
        throw tune.problem(names, "must be a list of different values");
      }
      axes.add(new Grid.Axis(keys, values));
    }
    return new Grid(axes);
  }

  // ---- budget -------------------------------------------------------------------------------

  private static List<Long> seeds(YamlSection in, String key, long first) {
    List<Long> seeds = in.isList(key) ? in.wholes(key, 0) : from(first, in.whole(key, 1, 1));
    if (seeds.isEmpty()
        || seeds.size() > MOST_SEEDS
        || seeds.stream().distinct().count() < seeds.size()) {
      throw in.problem(key, "must be 1 to " + MOST_SEEDS + " different seeds, or their number");
    }
    return seeds;
  }

  /** So many seeds for tuning, which are not among the first of main runs. */
  static List<Long> tuningSeeds(long count) {
    return from(FIRST_TUNING_SEED, count);
  }

  private static List<Long> from(long first, long count) {
    return LongStream.range(first, first + Math.min(count, MOST_SEEDS + 1L)).boxed().toList();
  }

  private Budget budget() {
    YamlSection b =
        document
            .section("budget")
            .allow("steps", "tokens", "tuning_steps", "tuning_seeds", "unequal");
    if (b.has("steps") == b.has("tokens")) {
      throw document.problem("budget", "must have either steps or tokens");
    }
    return new Budget(
        b.whole("steps", 1, 0),
        b.whole("tokens", 1, 0),
        b.whole("tuning_steps", 1, 0),
        seeds(b, "tuning_seeds", FIRST_TUNING_SEED),
        b.flag("unequal"));
  }

  private static void requireMetric(YamlSection limits, String metric) {
    if (!MetricNames.isKnown(metric)) {
      throw limits.problem(
          metric,
          "is no number that runs log"
              + NearestName.of(metric, MetricNames.ALL)
                  .map(n -> "; did you mean " + n + "?")
                  .orElse(", wanted one of " + String.join(", ", MetricNames.ALL)));
    }
  }

  private List<Limit> limits() {
    YamlSection section = document.section("limits");
    List<Limit> limits = new ArrayList<>();
    for (String metric : section.keys()) {
      requireMetric(section, metric);
      YamlSection l = section.section(metric).allow("least", "most");
      if (!l.has("least") && !l.has("most")) {
        throw section.problem(metric, "must have least or most");
      }
      limits.add(
          new Limit(
              metric,
              l.number("least").orElse(Double.NEGATIVE_INFINITY),
              l.number("most").orElse(Double.POSITIVE_INFINITY)));
    }
    return limits;
  }
}
