package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.experiment.Definition.Arm;
import io.manifoldmuon.model.experiment.Definition.Case;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What tuning says of an arm in a case: the setting with the least mean loss over the tuning seeds.
 * A setting with which a run diverged is not chosen.
 *
 * @param tried every setting, in the grid's order
 * @param complete whether all tuning runs are over
 */
record Choice(Case in, Arm arm, List<Tried> tried, boolean complete) {

  /**
   * A setting.
   *
   * @param loss the sample of those that are over and have not diverged
   * @param diverged how many have
   */
  record Tried(Grid.Point point, Statistics.Sample loss, int diverged) {
    boolean isEligible() {
      return diverged == 0 && Double.isFinite(loss.mean());
    }
  }

  static Choice of(Plan plan, Case in, Arm arm, List<RunRecord> runs) {
    List<Tried> tried = new ArrayList<>();
    int over = 0;
    for (Grid.Point point : arm.grid().points()) {
      List<Double> losses = new ArrayList<>();
      int diverged = 0;
      for (RunRecord run : runs) {
        Task t = run.task();
        if (t.phase() == Phase.TUNING
            && t.in().equals(in)
            && t.arm().equals(arm)
            && t.point().equals(Optional.of(point))) {
          over++;
          if (run.outcome().diverged()) {
            diverged++;
          } else {
            losses.add(run.loss());
          }
        }
      }
      tried.add(new Tried(point, Statistics.Sample.of(losses), diverged));
    }
    return new Choice(in, arm, List.copyOf(tried), over == plan.tuning(in, arm).size());
  }

  /** The best setting, the first of equals; none while runs are missing, or if all diverge. */
  Optional<Tried> best() {
    Tried best = null;
    for (Tried t : tried) {
      if (t.isEligible() && (best == null || t.loss.mean() < best.loss.mean())) {
        best = t;
      }
    }
    return complete ? Optional.ofNullable(best) : Optional.empty();
  }

  /** How many tuning runs are over. */
  int over() {
    return tried.stream().mapToInt(t -> t.loss.n() + t.diverged).sum();
  }

  /** How many of them have diverged. */
  int diverged() {
    return tried.stream().mapToInt(Tried::diverged).sum();
  }

  /** The axes on whose end the best setting lies. */
  List<String> edges() {
    return best().map(b -> arm.grid().edges(b.point())).orElse(List.of());
  }
}
