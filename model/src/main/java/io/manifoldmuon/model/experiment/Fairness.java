package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.experiment.Definition.Arm;
import io.manifoldmuon.model.experiment.Definition.Case;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checks that the arms of an experiment can be compared, and are tuned as much. */
final class Fairness {
  private static final List<String> OF_THE_COMPARISON =
      List.of(
          "data.tokenizer",
          "data.val_path",
          "data.val_fraction",
          "data.max_bytes",
          "model.context",
          "train.eval_windows",
          "train.init_from");

  private final Plan plan;

  Fairness(Plan plan) {
    this.plan = plan;
  }

  /**
   * Refuses an experiment whose arms cannot be compared.
   *
   * @throws ConfigException naming the arms and what they differ in
   */
  void check() {
    checkTuning();
    plan.definition().cases().forEach(this::checkComparable);
  }

  /** How many tuning runs an arm's settings rest on. */
  private static int points(Arm arm) {
    return arm.grid().size();
  }

  /** Sentences on arms that are tuned more than others; empty where all are tuned as much. */
  List<String> unequalTuning() {
    List<String> all = new ArrayList<>();
    int first = points(plan.definition().arm(plan.definition().baseline()));
    for (Arm arm : plan.definition().arms()) {
      if (points(arm) != first) {
        all.add(
            arm.name()
                + " is tuned over "
                + points(arm)
                + " settings, "
                + plan.definition().baseline()
                + " over "
                + first);
      }
    }
    return all;
  }

  private void checkTuning() {
    List<String> unequal = unequalTuning();
    if (!unequal.isEmpty() && !plan.definition().budget().unequal()) {
      throw new ConfigException(
          "experiment "
              + plan.definition().name()
              + ": "
              + String.join("; ", unequal)
              + "; give every arm a grid of the same size, or say budget.unequal: true, which the"
              + " results then say too");
    }
    if (!plan.definition().seeds().stream()
            .noneMatch(plan.definition().budget().tuningSeeds()::contains)
        && plan.definition().arms().stream().anyMatch(Arm::isTuned)) {
      throw new ConfigException(
          "experiment "
              + plan.definition().name()
              + ": budget.tuning_seeds and seeds have seeds in common, so that settings would be"
              + " judged by the runs that chose them; take other seeds");
    }
  }

  private void checkComparable(Case in) {
    List<Arm> arms = plan.arms(in);
    if (arms.stream().noneMatch(a -> a.name().equals(plan.definition().baseline()))) {
      throw new ConfigException(
          "experiment "
              + plan.definition().name()
              + ": case "
              + in.name()
              + " is without the baseline "
              + plan.definition().baseline()
              + ", let that arm have it among its cases");
    }
    RunConfig first = null;
    for (Arm arm : arms) {
      if (!arms.contains(plan.definition().arm(arm.against()))) {
        throw new ConfigException(
            "experiment "
                + plan.definition().name()
                + ": arm "
                + arm.name()
                + " is compared with "
                + arm.against()
                + ", which is not in case "
                + in.name()
                + "; let both have it");
      }
      for (Grid.Point point : arm.grid().points()) {
        Task task =
            new Task(Phase.MAIN, in, arm, Optional.of(point), plan.definition().seeds().getFirst());
        RunConfig config = plan.config(task);
        first = first == null ? config : first;
        checkComparable(arms.getFirst(), first, arm, config);
      }
    }
  }

  private void checkComparable(Arm one, RunConfig first, Arm arm, RunConfig config) {
    String differs = null;
    if (config.tokensPerStep() * config.train().steps()
        != first.tokensPerStep() * first.train().steps()) {
      differs = "the number of tokens";
    }
    for (String key : first.keysThatDiffer(config)) {
      differs = OF_THE_COMPARISON.contains(key) ? key : differs;
    }
    if (differs != null) {
      throw new ConfigException(
          "experiment "
              + plan.definition().name()
              + ": arms "
              + one.name()
              + " and "
              + arm.name()
              + " differ in "
              + differs
              + ", so that their losses cannot be compared; give all arms the same");
    }
  }
}
