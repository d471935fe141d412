package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.NearestName;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.report.RunData;
import io.manifoldmuon.model.report.RunFigures;
import io.manifoldmuon.model.report.RunReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Runs an experiment: first what chooses settings, then what is compared, several runs side by
 * side, each in a process of its own. Where runs are over or were begun before, it goes on.
 */
public final class Experiment {
  /** Failures in a row, without a run that worked, after which the rest is not tried. */
  private static final int HOPELESS = 3;

  /**
   * How it is to be run.
   *
   * @param data the text
   * @param engine name of the engine
   * @param device of the engine; null for its first
   * @param jobs runs side by side
   * @param threads of all of them together
   * @param only the tasks that are to be run; empty for all
   * @param tunedIn folders whose tuning runs count too
   * @param keepWeights whether the last checkpoint of a run keeps its weights
   */
  public record Options(
      String data,
      String engine,
      String device,
      int jobs,
      int threads,
      List<String> only,
      List<Path> tunedIn,
      boolean keepWeights) {}

  /**
   * How it ended.
   *
   * @param failed how many runs failed for other reasons than their numbers
   * @param stopped whether it was asked to stop
   */
  public record Ended(int failed, boolean stopped, ExperimentReport report) {}

  private final Plan plan;
  private final ExperimentFolder folder;
  private final Options options;
  private final Launcher launcher;
  private final TextHash text;
  private final Progress progress;
  private final StopAsked stop;
  private int over;
  private int wanted;
  private int failed;
  private int worked;
  private int failedInARow;
  private volatile boolean hopeless;

  /**
   * An experiment in a folder, new or begun before.
   *
   * @param text knows the text, which has to be that of the runs which are over
   * @param stop once it asks to, the runs are told to save and to end
   */
  public Experiment(
      Plan plan,
      Path folder,
      Options options,
      Launcher launcher,
      TextHash text,
      Progress progress,
      StopAsked stop) {
    this.plan = plan;
    this.folder = new ExperimentFolder(folder.toAbsolutePath().normalize());
    this.options = options;
    this.launcher = launcher;
    this.text = text;
    this.progress = progress;
    this.stop = stop;
    requireKnown();
  }

  private void requireKnown() {
    List<String> known = new ArrayList<>();
    plan.tuning().forEach(t -> known.add(t.id()));
    plan.main().forEach(t -> known.add(t.id()));
    for (String task : options.only) {
      if (!known.contains(task)) {
        throw new ConfigException(
            "--only is '"
                + task
                + "', which is no task of experiment "
                + plan.definition().name()
                + NearestName.of(task, known).map(n -> "; did you mean " + n + "?").orElse("")
                + "; `muon experiment tasks` lists them");
      }
    }
  }

  /** Runs what is missing and writes the results. */
  public Ended run() throws InterruptedException {
    try (FileChannel lock = folder.lock()) {
      if (!lock.isOpen()) {
        throw new IllegalStateException("experiment: the lock is not held");
      }
      var sameText = new TextCheck(plan, options.data, text);
      sameText.check(List.of(folder));
      folder.begin(plan.definition());
      sameText.check(tunedIn());
      List<Task> tuning = asked(plan.tuning());
      List<Task> main = asked(plan.main());
      wanted = tuning.size() + main.size();
      runAll(tuning);
      if (!stop.afterStep() && !hopeless) {
        runAll(chosen(main));
      }
      ExperimentReport report = ExperimentReport.write(List.of(folder), folder.path());
      return new Ended(failed, stop.afterStep(), report);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<ExperimentFolder> tunedIn() {
    return options.tunedIn.stream().flatMap(f -> ExperimentFolder.at(f).stream()).toList();
  }

  private List<Task> asked(List<Task> tasks) {
    return options.only.isEmpty()
        ? tasks
        : tasks.stream().filter(t -> options.only.contains(t.id())).toList();
  }

  /** Main runs with their settings; of arms without any, a notice says why. */
  private List<Task> chosen(List<Task> main) {
    List<ExperimentFolder> folders = new ArrayList<>(List.of(folder));
    folders.addAll(tunedIn());
    Results soFar = ResultReader.read(plan, folders);
    List<Task> tasks = new ArrayList<>();
    for (Task t : main) {
      soFar
          .chosen(t.in(), t.arm())
          .ifPresentOrElse(point -> tasks.add(t.at(point)), () -> unchosen(t, soFar));
    }
    return tasks;
  }

  private void unchosen(Task task, Results soFar) {
    long missing = soFar.missing().stream().filter(t -> t.phase() == Phase.TUNING).count();
    failed++;
    progress.failed(
        task,
        missing == 0
            ? "its settings cannot be chosen, because all that were tried diverge"
            : "its settings are not chosen yet, "
                + missing
                + " tuning runs are missing; run them first, or name their folders by --tuned-in");
  }

  // ---- side by side -------------------------------------------------------------------------

  private record Done(Task task, RunProcess.Ended ended) {}

  private void runAll(List<Task> tasks) throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(options.jobs);
    try {
      var running = new ExecutorCompletionService<Done>(pool);
      int submitted = 0;
      for (Task task : tasks) {
        if (isOver(task)) {
          synchronized (progress) {
            over++;
          }
        } else {
          running.submit(() -> take(run(task)));
          submitted++;
        }
      }
      for (int i = 0; i < submitted; i++) {
        running.take().get();
      }
    } catch (ExecutionException e) {
      hopeless = true; // those that wait do not begin
      if (e.getCause() instanceof RuntimeException problem) {
        throw problem;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
      pool.close();
    }
  }

  private boolean isOver(Task task) {
    Outcome outcome = Outcome.read(folder.run(task));
    if (outcome == null) {
      return false;
    }
    if (!outcome.identity().equals(plan.identity(task))) {
      throw new ConfigException(
          "experiment: "
              + folder.run(task)
              + " was run with other settings than those it is to have now; move it away, or choose"
              + " another folder with --out");
    }
    if (!options.keepWeights) {
      RunProcess.removeWeights(folder.run(task)); // a kill may have come between
    }
    return true;
  }

  private Done run(Task task) throws InterruptedException {
    if (stop.afterStep() || hopeless) {
      return new Done(task, new RunProcess.Ended.Stopped());
    }
    synchronized (progress) {
      progress.begun(task);
    }
    int threads = Math.max(1, options.threads / options.jobs);
    RunConfig config =
        plan.config(task, options.data, Plan.engine(options.engine, options.device, threads));
    var process =
        new RunProcess(folder, task, plan.identity(task), launcher, options.keepWeights, stop);
    return new Done(task, process.run(config));
  }

  /** Notes how a run ended, before its thread begins another. */
  private Done take(Done done) {
    synchronized (progress) {
      switch (done.ended) {
        case RunProcess.Ended.Stopped() -> {}
        case RunProcess.Ended.Over(Outcome outcome) -> {
          over++;
          worked++;
          failedInARow = 0;
          RunData data = RunReader.read(folder.run(done.task));
          RunFigures figures = new RunFigures(data);
          double loss = outcome.diverged() ? Double.NaN : figures.validationLoss();
          progress.over(done.task, over, wanted, loss, figures.seconds());
        }
        case RunProcess.Ended.Failed(int code, String line, Path log) -> {
          failed++;
          failedInARow++;
          progress.failed(done.task, "exit code " + code + ", " + line + " (see " + log + ")");
          if (worked == 0 && failedInARow >= HOPELESS && !hopeless) {
            hopeless = true;
            progress.notice(
                "the first "
                    + failedInARow
                    + " runs failed, so the others are not tried; mend the cause"
                    + " and start it again");
          }
        }
      }
    }
    return done;
  }
}
