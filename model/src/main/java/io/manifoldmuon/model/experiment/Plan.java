package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.config.YamlSection;
import io.manifoldmuon.model.experiment.Definition.Arm;
import io.manifoldmuon.model.experiment.Definition.Budget;
import io.manifoldmuon.model.experiment.Definition.Case;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The runs of an experiment and the configuration of each, checked to be comparable: within a case
 * all arms see as many tokens and are judged by the same windows, and every arm is tuned as much.
 */
public final class Plan {
  private static final String WHERE_IT_RUNS = "the command line";
  private static final int VALIDATIONS = 10;

  /** What every run has unless the experiment says otherwise. */
  private static final Settings USUAL =
      new Settings(
          Map.of(
              "train.eval_windows", "256",
              "train.keep_best", "false",
              "train.keep_last", "1",
              "train.checkpoint_every", "500"),
          "the defaults of experiments");

  private final Definition definition;
  private final Map<String, RunConfig> configs = new ConcurrentHashMap<>();
  private final Map<String, String> identities = new ConcurrentHashMap<>();

  /**
   * The plan of a definition.
   *
   * @throws ConfigException if a run's configuration is wrong, or arms cannot be compared
   */
  public Plan(Definition definition) {
    this.definition = definition;
    new Fairness(this).check();
  }

  /** What it is the plan of. */
  public Definition definition() {
    return definition;
  }

  // ---- the runs -----------------------------------------------------------------------------

  /** The runs that choose settings: every tuned arm in each of its cases. */
  public List<Task> tuning() {
    List<Task> tasks = new ArrayList<>();
    for (Case in : definition.cases()) {
      for (Arm arm : arms(in)) {
        if (arm.isTuned()) {
          tasks.addAll(tuning(in, arm));
        }
      }
    }
    return tasks;
  }

  /** The runs that choose the settings of an arm in a case. */
  List<Task> tuning(Case in, Arm arm) {
    List<Task> tasks = new ArrayList<>();
    for (Grid.Point point : arm.grid().points()) {
      for (long seed : definition.budget().tuningSeeds()) {
        tasks.add(new Task(Phase.TUNING, in, arm, Optional.of(point), seed));
      }
    }
    return tasks;
  }

  /** The runs that are compared; those of tuned arms have no settings yet. */
  public List<Task> main() {
    List<Task> tasks = new ArrayList<>();
    for (long seed : definition.seeds()) { // seed by seed: a part of them is a comparison already
      for (Case in : definition.cases()) {
        for (Arm arm : arms(in)) {
          Optional<Grid.Point> only =
              arm.grid().isTuned() ? Optional.empty() : Optional.of(arm.grid().points().getFirst());
          tasks.add(new Task(Phase.MAIN, in, arm, only, seed));
        }
      }
    }
    return tasks;
  }

  /** The runs that there can be, with whatever settings are chosen, by their folders. */
  Map<String, Task> everyRun() {
    Map<String, Task> all = new LinkedHashMap<>();
    tuning().forEach(t -> all.put(t.folder(), t));
    for (Task t : main()) {
      t.arm().grid().points().forEach(p -> all.put(t.at(p).folder(), t.at(p)));
    }
    return all;
  }

  /** The arms that are run in a case. */
  List<Arm> arms(Case in) {
    return definition.arms().stream().filter(a -> a.cases().contains(in.name())).toList();
  }

  /** The training tokens of all runs. */
  public long tokens() {
    long seeds = definition.seeds().size();
    long tuningSeeds = definition.budget().tuningSeeds().size();
    long sum = 0;
    for (Case in : definition.cases()) {
      for (Arm arm : arms(in)) { // all seeds and settings of an arm see as many
        Grid.Point point = arm.grid().points().getFirst();
        sum += seeds * tokens(new Task(Phase.MAIN, in, arm, Optional.of(point), 1));
        if (arm.isTuned()) {
          long runs = tuningSeeds * arm.grid().size();
          sum += runs * tokens(new Task(Phase.TUNING, in, arm, Optional.of(point), 1));
        }
      }
    }
    return sum;
  }

  private long tokens(Task task) {
    RunConfig c = config(task);
    return c.tokensPerStep() * c.train().steps();
  }

  // ---- configurations -----------------------------------------------------------------------

  /** The configuration of a run, without where it runs and on which text. */
  public RunConfig config(Task task) {
    return configs.computeIfAbsent(task.folder(), _ -> builder(task).build());
  }

  /**
   * The configuration of a run.
   *
   * @param data the text
   * @param engine settings of section {@code engine}
   */
  RunConfig config(Task task, String data, Settings engine) {
    ConfigBuilder builder = builder(task);
    engine.over(builder);
    return builder.layer().option("--data", "data.path", data).build();
  }

  private ConfigBuilder builder(Task task) {
    Settings point =
        task.point()
            .map(Grid.Point::settings)
            .orElseGet(() -> task.arm().grid().points().getFirst().settings());
    List<Settings> layers =
        List.of(USUAL, definition.base(), task.in().settings(), task.arm().settings(), point);
    boolean everyGiven = layers.stream().anyMatch(l -> l.values().containsKey("train.eval_every"));
    ConfigBuilder builder = new ConfigBuilder();
    layers.forEach(l -> l.over(builder));
    int steps = steps(task, builder.build());
    builder.layer().setting("budget", "train.steps", Integer.toString(steps));
    if (!everyGiven) {
      int every = Math.max(1, steps / VALIDATIONS);
      builder.setting(USUAL.origin(), "train.eval_every", Integer.toString(every));
    }
    return builder.setting("seeds", "train.seed", Long.toString(task.seed()));
  }

  private int steps(Task task, RunConfig soFar) {
    Budget budget = definition.budget();
    long steps = budget.steps();
    if (task.in().settings().values().containsKey("train.steps")) {
      steps = soFar.train().steps();
    } else if (budget.tokens() > 0) {
      steps = Math.ceilDiv(budget.tokens(), soFar.tokensPerStep());
    }
    if (task.phase() == Phase.TUNING && budget.tuningSteps() > 0) {
      steps = Math.min(steps, budget.tuningSteps());
    }
    return Math.toIntExact(Math.min(steps, Integer.MAX_VALUE));
  }

  /**
   * A short hash of what decides a run's result beside text and engine: of every key whose value is
   * not the built-in default, so that keys which later versions add do not make it another run.
   */
  String identity(Task task) {
    return identities.computeIfAbsent(task.folder(), _ -> hash(config(task)));
  }

  private static String hash(RunConfig config) {
    Map<String, String> usual = values(RunConfig.defaults());
    Map<String, String> own = new TreeMap<>(values(config));
    own.entrySet().removeIf(e -> e.getValue().equals(usual.get(e.getKey())));
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(own.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 8);
    } catch (NoSuchAlgorithmException e) { // every JDK has it
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, String> values(RunConfig config) {
    return YamlSection.parse(config.toYaml(), "a configuration").settings();
  }

  /** Where and with how many threads every run computes. */
  static Settings engine(String name, String device, int threads) {
    Map<String, String> values = new java.util.LinkedHashMap<>();
    values.put("engine.name", name);
    if (device != null) {
      values.put("engine.device", device);
    }
    values.put("engine.threads", Integer.toString(threads));
    return new Settings(values, WHERE_IT_RUNS);
  }

  /** Sentences on arms that are tuned more than others; empty where all are tuned as much. */
  public List<String> unequalTuning() {
    return new Fairness(this).unequalTuning();
  }
}
