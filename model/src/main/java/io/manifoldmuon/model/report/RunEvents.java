package io.manifoldmuon.model.report;

import io.manifoldmuon.model.format.EventFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The numbers of a run in an event file for TensorBoard. */
public final class RunEvents {
  /** The folder below a run's for event files. */
  public static final String FOLDER = "tensorboard";

  private RunEvents() {}

  /**
   * Writes all that a run logged into one event file below its folder, in place of those that are
   * there: TensorBoard would show the points of all; returns that.
   */
  public static Path write(RunData run, long millis) {
    Path folder = run.folder().resolve(FOLDER);
    EventFile.remove(folder);
    try (EventFile file = EventFile.create(folder, millis)) {
      for (Map<String, Double> row : run.metrics().rows()) {
        file.scalars(millis, Math.round(row.get("step")), tags(row));
      }
      return file.path();
    }
  }

  /** The numbers of a step under the names that TensorBoard groups by: slashes for dots. */
  public static Map<String, Double> tags(Map<String, Double> numbers) {
    Map<String, Double> tags = new LinkedHashMap<>();
    numbers.forEach(
        (name, x) -> {
          if (!name.equals("step")) {
            tags.put(name.replace('.', '/'), x);
          }
        });
    return tags;
  }
}
