package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.experiment.Definition.Arm;
import io.manifoldmuon.model.experiment.Definition.Case;
import java.util.Optional;

/**
 * One run of an experiment.
 *
 * @param in its circumstances
 * @param point its place in the arm's grid; none of a main run whose settings are yet to be chosen
 */
public record Task(Phase phase, Case in, Arm arm, Optional<Grid.Point> point, long seed) {

  /** What {@code --only} calls it: main runs go by their arm, whatever is chosen for it. */
  public String id() {
    String label = phase == Phase.TUNING ? label() : "";
    return phase + "-" + where() + arm.name() + label + "-seed" + seed;
  }

  /** The name of its folder, with the settings that it has. */
  String folder() {
    return phase + "-" + where() + arm.name() + label() + "-seed" + seed;
  }

  private String where() {
    return in.name().isEmpty() ? "" : in.name() + "-";
  }

  private String label() {
    return point.map(Grid.Point::label).filter(l -> !l.isEmpty()).map(l -> "-" + l).orElse("");
  }

  /** The same with chosen settings. */
  Task at(Grid.Point chosen) {
    return new Task(phase, in, arm, Optional.of(chosen), seed);
  }
}
