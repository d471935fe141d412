package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.report.RunData;
import java.nio.file.Path;

/**
 * A run that is over.
 *
 * @param task with its settings
 * @param folder where it is
 * @param measures its figures
 */
record RunRecord(Task task, Outcome outcome, RunData data, Measures measures, Path folder) {
  /** The loss that runs are compared by; NaN of a run that diverged. */
  double loss() {
    return outcome.diverged() ? Double.NaN : measures.get("val_loss");
  }
}
