package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.experiment.Definition.Arm;
import io.manifoldmuon.model.experiment.Definition.Case;
import io.manifoldmuon.model.experiment.Definition.ChoiceOf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of an experiment.
 *
 * @param runs those that are over, in the plan's order
 * @param choices of the arms that are tuned
 * @param conflicts sentences on runs that contradict one another or the definition
 */
record Results(Plan plan, List<RunRecord> runs, List<Choice> choices, List<String> conflicts) {

  /** The tuning of an arm in a case. */
  Choice choice(Case in, Arm arm) {
    return choices.stream()
        .filter(c -> c.in().equals(in) && c.arm().equals(arm))
        .findFirst()
        .orElseThrow();
  }

  /**
   * The settings of an arm's main runs; none where they are not known yet, or no setting keeps it
   * from diverging.
   */
  Optional<Grid.Point> chosen(Case in, Arm arm) {
    if (!arm.grid().isTuned()) {
      return Optional.of(arm.grid().points().getFirst());
    }
    Definition d = plan.definition();
    Choice tuning =
        arm.choiceOf()
            .map((ChoiceOf c) -> choice(d.caseOf(c.caseName()), d.arm(c.arm())))
            .orElseGet(() -> choice(in, arm));
    return tuning.complete()
        ? tuning.best().map(Choice.Tried::point)
        : ResultReader.ofMainRuns(in, arm, runs);
  }

  /** The main runs with their settings, as far as these are chosen. */
  List<Task> chosenMain() {
    List<Task> tasks = new ArrayList<>();
    for (Task t : plan.main()) {
      chosen(t.in(), t.arm()).ifPresent(p -> tasks.add(t.at(p)));
    }
    return tasks;
  }

  /** The main runs of an arm in a case that are over, at its chosen settings. */
  List<RunRecord> main(Case in, Arm arm) {
    Optional<Grid.Point> point = chosen(in, arm);
    return runs.stream()
        .filter(r -> r.task().phase() == Phase.MAIN)
        .filter(r -> r.task().in().equals(in) && r.task().arm().equals(arm))
        .filter(r -> r.task().point().equals(point))
        .toList();
  }

  /** Main runs that do not have the settings which the tuning, now complete, has chosen. */
  List<RunRecord> mistuned() {
    return runs.stream()
        .filter(r -> r.task().phase() == Phase.MAIN)
        .filter(r -> !chosen(r.task().in(), r.task().arm()).equals(r.task().point()))
        .toList();
  }

  /** The runs that are yet to come. */
  List<Task> missing() {
    List<String> over = runs.stream().map(r -> r.task().folder()).toList();
    List<Task> missing = new ArrayList<>(plan.tuning());
    for (Task t : plan.main()) {
      missing.add(chosen(t.in(), t.arm()).map(t::at).orElse(t));
    }
    missing.removeIf(t -> over.contains(t.folder()));
    missing.removeIf(this::cannotBe);
    return missing;
  }

  /** Whether a main run will not be, because its arm diverges at all settings. */
  private boolean cannotBe(Task t) {
    return t.phase() == Phase.MAIN
        && t.arm().isTuned()
        && choice(t.in(), t.arm()).complete()
        && choice(t.in(), t.arm()).best().isEmpty();
  }

  /** How many runs the experiment has. */
  int wanted() {
    return plan.tuning().size() + plan.main().size();
  }
}
