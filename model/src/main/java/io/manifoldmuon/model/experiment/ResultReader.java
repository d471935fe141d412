package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.experiment.Definition.Arm;
import io.manifoldmuon.model.experiment.Definition.Case;
import io.manifoldmuon.model.report.RunReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Gathers the runs of an experiment from its folders, however many there are. */
final class ResultReader {
  private final Plan plan;
  private final List<ExperimentFolder> folders;
  private final Map<String, Task> known;
  private final Map<String, RunRecord> runs = new LinkedHashMap<>();
  private final List<String> conflicts = new ArrayList<>();

  private ResultReader(Plan plan, List<ExperimentFolder> folders) {
    this.plan = plan;
    this.folders = folders;
    this.known = plan.everyRun();
  }

  /** What the folders hold of the plan's runs. */
  static Results read(Plan plan, List<ExperimentFolder> folders) {
    return new ResultReader(plan, folders).results();
  }

  private Results results() {
    folders.forEach(this::take);
    List<RunRecord> sorted = // in the plan's order, wherever they come from
        known.keySet().stream().filter(runs::containsKey).map(runs::get).toList();
    checkData(sorted);
    List<Choice> choices = new ArrayList<>();
    for (Case in : plan.definition().cases()) {
      for (Arm arm : plan.arms(in)) {
        if (arm.isTuned()) {
          choices.add(Choice.of(plan, in, arm, sorted));
        }
      }
    }
    return new Results(plan, sorted, choices, List.copyOf(conflicts));
  }

  private void take(ExperimentFolder folder) {
    if (!Files.isDirectory(folder.runs())) {
      for (CsvReader.Row row : CsvReader.read(folder.path())) {
        Path place = folder.path().resolve(CsvTables.RUNS + "#" + row.name());
        task(place, row.name(), row.outcome())
            .ifPresent(
                t -> take(new RunRecord(t, row.outcome(), row.data(), row.measures(), place)));
      }
      return;
    }
    for (Path run : folder.allRuns()) {
      Outcome outcome = Outcome.read(run);
      if (outcome != null) { // over
        task(run, run.getFileName().toString(), outcome).ifPresent(t -> take(run, t, outcome));
      }
    }
  }

  /** The task that a run is of; none, with a sentence on it, where it is of no task. */
  private Optional<Task> task(Path place, String name, Outcome outcome) {
    Task task = known.get(name);
    if (task == null || !outcome.task().equals(name)) {
      conflicts.add(place + " is no run of this experiment and is left out");
      return Optional.empty();
    }
    if (!outcome.identity().equals(plan.identity(task))) {
      conflicts.add(place + " was run with other settings than the experiment's and is left out");
      return Optional.empty();
    }
    return Optional.of(task);
  }

  private void take(Path folder, Task task, Outcome outcome) {
    var data = RunReader.read(folder);
    var measures = Measures.of(data, plan.definition().limits());
    take(new RunRecord(task, outcome, data, measures, folder));
  }

  private void take(RunRecord run) {
    RunRecord before = runs.putIfAbsent(run.task().folder(), run);
    if (before != null && !agree(before, run)) {
      conflicts.add(
          run.folder()
              + " has another result than "
              + before.folder()
              + " ("
              + result(run)
              + ", not "
              + result(before)
              + "); the latter is taken");
    }
  }

  private static boolean agree(RunRecord one, RunRecord other) {
    return result(one).equals(result(other)) && one.outcome().data().equals(other.outcome().data());
  }

  private static String result(RunRecord run) {
    return run.outcome().diverged() ? "diverged" : Double.toString(run.loss());
  }

  private void checkData(List<RunRecord> all) {
    Set<String> texts =
        all.stream()
            .map(r -> r.outcome().data())
            .filter(d -> !d.isEmpty())
            .collect(Collectors.toCollection(TreeSet::new));
    if (texts.size() > 1) {
      conflicts.add("the runs saw different texts, with the hashes " + String.join(", ", texts));
    }
  }

  /** The setting that the main runs of a tuned arm have, where all have the same. */
  static Optional<Grid.Point> ofMainRuns(Case in, Arm arm, List<RunRecord> runs) {
    List<Grid.Point> points =
        runs.stream()
            .filter(r -> r.task().phase() == Phase.MAIN)
            .filter(r -> r.task().in().equals(in) && r.task().arm().equals(arm))
            .map(r -> r.task().point().orElseThrow())
            .distinct()
            .toList();
    return points.size() == 1 ? Optional.of(points.getFirst()) : Optional.empty();
  }
}
