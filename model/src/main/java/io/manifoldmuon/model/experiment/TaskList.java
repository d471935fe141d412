package io.manifoldmuon.model.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The tasks of an experiment for machines that know nothing of one another: each is one command
 * with a folder of its own, and {@code muon experiment report} merges the folders.
 */
public final class TaskList {
  /** Who is to run them. */
  public enum Format {
    /** A job array for Slurm. */
    SLURM,
    /** A list for GNU parallel. */
    PARALLEL,
    /** The names of the tasks. */
    TEXT;

    /** The name as options spell it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Plan plan;
  private final List<String> command;
  private final String folder;

  /**
   * The tasks of a plan.
   *
   * @param command the words before the options of each task: {@code ./muon experiment run NAME
   *     --data …}
   * @param folder below which each task has a folder of its own
   */
  public TaskList(Plan plan, List<String> command, String folder) {
    this.plan = plan;
    this.command = List.copyOf(command);
    this.folder = folder;
  }

  /** The tasks of a phase. */
  public List<Task> tasks(Phase phase) {
    return phase == Phase.TUNING ? plan.tuning() : plan.main();
  }

  /** The names of a phase's tasks, one a line. */
  public String names(Phase phase) {
    StringBuilder text = new StringBuilder();
    tasks(phase).forEach(t -> text.append(t.id()).append('\n'));
    return text.toString();
  }

  /** The commands of a phase's tasks, one a line. */
  public String commands(Phase phase) {
    StringBuilder text = new StringBuilder();
    tasks(phase).forEach(t -> text.append(command(t)).append('\n'));
    return text.toString();
  }

  private String command(Task task) {
    List<String> words = new ArrayList<>(command);
    words.addAll(List.of("--out", folder + "/" + task.id(), "--only", task.id()));
    String tuned = "";
    if (task.phase() == Phase.MAIN && task.arm().grid().isTuned()) {
      tuned = " --tuned-in " + quoted(folder); // and what is below it
    }
    return String.join(" ", words.stream().map(TaskList::quoted).toList()) + tuned;
  }

  /** The command that merges all, with the results where it does not look for runs. */
  public String report() {
    String results = folder.replaceFirst("/+$", "") + "-results";
    return "./muon experiment report " + quoted(folder) + " --out " + quoted(results);
  }

  /**
   * A script for {@code sbatch} that is its own submission: run by {@code sh} it submits one array
   * a phase, the second after the first.
   *
   * @param cores of each task
   */
  public String slurm(int cores) {
    boolean tuned = !plan.tuning().isEmpty();
    StringBuilder s = new StringBuilder();
    s.append("#!/bin/sh\n#SBATCH --job-name=")
        .append(plan.definition().name())
        .append("\n#SBATCH --cpus-per-task=")
        .append(cores)
        .append("\n#SBATCH --output=")
        .append("slurm-%A_%a.log\n#SBATCH --requeue\n")
        .append("# sh FILE submits everything; a task that is requeued goes on where it stood.\n")
        .append("# When all is done: ")
        .append(report())
        .append("\nset -eu\n\nif [ -z \"${SLURM_ARRAY_TASK_ID:-}\" ]; then\n");
    if (tuned) {
      s.append("  tuning=$(sbatch --parsable --array=1-")
          .append(plan.tuning().size())
          .append(" \"$0\" tuning)\n  sbatch --array=1-")
          .append(plan.main().size())
          .append(" --dependency=\"afterok:${tuning%%;*}\" \"$0\" main\n");
    } else {
      s.append("  sbatch --array=1-").append(plan.main().size()).append(" \"$0\" main\n");
    }
    s.append("  exit\nfi\n\ncase $1-$SLURM_ARRAY_TASK_ID in\n");
    for (Phase phase : Phase.values()) {
      List<Task> tasks = tasks(phase);
      for (int i = 0; i < tasks.size(); i++) {
        s.append(phase)
            .append('-')
            .append(i + 1)
            .append(") exec ")
            .append(command(tasks.get(i)))
            .append(" ;;\n");
      }
    }
    return s.append("esac\necho \"no task $1-$SLURM_ARRAY_TASK_ID\" >&2\nexit 2\n").toString();
  }

  /** A word for a shell, in quotes where it needs them. */
  static String quoted(String word) {
    return word.matches("[\\w@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
