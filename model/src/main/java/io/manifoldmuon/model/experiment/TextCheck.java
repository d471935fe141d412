package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.DataConfig;
import io.manifoldmuon.model.config.RunConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Refuses a text other than the one that the runs which are over have seen. It is opened only where
 * there are such runs, once for each way in which it becomes tokens.
 */
final class TextCheck {
  private final Plan plan;
  private final String data;
  private final TextHash text;
  private final Map<String, Task> known;
  private final Map<DataConfig, String> hashes = new HashMap<>();

  /**
   * A check of a text.
   *
   * @param data where it is
   */
  TextCheck(Plan plan, String data, TextHash text) {
    this.plan = plan;
    this.data = data;
    this.text = text;
    this.known = plan.everyRun();
  }

  /**
   * Looks at the runs that are over in these folders.
   *
   * @throws ConfigException if one saw another text
   */
  void check(List<ExperimentFolder> folders) {
    for (ExperimentFolder folder : folders) {
      if (Files.isDirectory(folder.runs())) {
        for (Path run : folder.allRuns()) {
          Outcome outcome = Outcome.read(run);
          if (outcome != null) {
            check(run, outcome);
          }
        }
      } else {
        CsvReader.read(folder.path())
            .forEach(
                r -> check(folder.path().resolve(CsvTables.RUNS + "#" + r.name()), r.outcome()));
      }
    }
  }

  private void check(Path run, Outcome outcome) {
    Task task = known.get(outcome.task());
    if (task == null
        || outcome.data().isEmpty()
        || !outcome.identity().equals(plan.identity(task))) {
      return; // of no text that is known, or no run of this experiment
    }
    RunConfig config = plan.config(task, data, Settings.NONE);
    String given = hashes.computeIfAbsent(config.data(), _ -> text.of(config));
    if (!given.equals(outcome.data())) {
      throw new ConfigException(
          "experiment: "
              + run
              + " saw another text, with the hash "
              + outcome.data()
              + "; that of "
              + data
              + " is "
              + given
              + "; give the text that the experiment was begun with, or choose another folder with"
              + " --out");
    }
  }
}
