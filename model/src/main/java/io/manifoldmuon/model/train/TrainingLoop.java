package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.engine.AbandonedException;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.config.TrainConfig;
import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.report.RunReport;
import io.manifoldmuon.model.train.ProgressListener.Progress;
import io.manifoldmuon.model.train.TrainResult.Outcome;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.Retraction;
import io.manifoldmuon.optim.SolverCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Takes step after step, and validates, logs and saves when it is due. */
final class TrainingLoop {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double SECONDS_PER_MINUTE = 60;

  /** What computes. */
  record Parts(
      Engine engine,
      LanguageModel model,
      Optimizer optimizer,
      TrainStep step,
      Retraction retraction,
      SolverCheck solver,
      Evaluator evaluator,
      TrainingSamples samples) {}

  private final TrainJob job;
  private final RunConfig config;
  private final TrainConfig plan;
  private final Parts parts;
  private final RunFolder run;
  private final RunJournal journal;
  private final Checkpoints checkpoints;
  private final ProgressListener listener;
  private final StopRequest stop;
  private final Standing standing;
  private final String dataHash;
  private final StepTimer timer;
  private final double secondsBefore;
  private final long started = System.nanoTime();
  private long step;
  private boolean stepping;
  private long lastSavedStep;
  private double lastSavedSeconds;
  private Path lastSaved;

  /**
   * A loop from where a run stands.
   *
   * @param state null for the beginning
   */
  TrainingLoop(
      TrainJob job,
      Parts parts,
      RunFolder run,
      RunJournal journal,
      ProgressListener listener,
      StopRequest stop,
      TrainingState state) {
    this.job = job;
    this.config = job.config();
    this.plan = config.train();
    this.parts = parts;
    this.run = run;
    this.journal = journal;
    this.checkpoints = new Checkpoints(run.path());
    this.listener = listener;
    this.stop = stop;
    this.standing = state == null ? new Standing() : new Standing(state);
    this.secondsBefore = state == null ? 0 : state.elapsedSeconds();
    this.step = state == null ? 0 : state.step();
    this.lastSavedStep = step;
    this.lastSaved = state == null ? null : run.path().resolve(Checkpoints.name(step));
    this.dataHash = job.data().contentHash();
    this.timer = new StepTimer(config.tokensPerStep());
  }

  // ---- for when it fails --------------------------------------------------------------------

  /** The checkpoint that was saved last, if any. */
  Optional<Path> lastSaved() {
    return Optional.ofNullable(lastSaved);
  }

  /** The steps that it holds; 0 where there is none. */
  long lastSavedStep() {
    return lastSavedStep;
  }

  /** The number of the step in which a failure came up, 1 for the first. */
  long failing() {
    return stepping ? step + 1 : step;
  }

  /** Notes why the run ends. Where that cannot be written, it is said with the failure. */
  void fail(String how, RuntimeException failure) {
    try {
      run.log(failure);
      journal.failed(how, failing(), seconds(), failure);
      writeReport();
    } catch (RuntimeException e) { // the disk is full, say; the failure is what counts
      failure.addSuppressed(e);
    }
  }

  // ---- stepping -----------------------------------------------------------------------------

  TrainResult run() {
    Map<String, String> environment = Environment.of(parts.engine());
    run.log(job.command());
    environment.forEach((name, value) -> run.log(name + ": " + value));
    run.log("Data: " + job.data().description());
    journal.started(job, parts.model().size(), parts.step().flops(), environment, step);
    // a step only: what is logged of those before must be whole
    parts.engine().abandonWhen(() -> stepping && stop.atOnce());
    try {
      return steps();
    } catch (AbandonedException e) {
      stepping = false;
      run.log("step " + (step + 1) + " given up on request");
      return finish(Outcome.INTERRUPTED, false);
    }
  }

  private TrainResult steps() {
    while (true) {
      stepping = true;
      TrainStep.Result result = parts.step().run(step, standing.normLimit(plan));
      step++;
      stepping = false;
      taken(result);
      Outcome end = end();
      boolean improved = report(result, end);
      if (end == null && standing.outOfPatience(plan.earlyStopPatience())) {
        end = Outcome.STOPPED_EARLY;
      }
      boolean keep = improved && plan.keepBest();
      if (end != null) {
        return finish(end, keep);
      }
      if (keep || every(plan.checkpointEvery())) {
        save(Checkpoints.name(step), keep);
      }
    }
  }

  private void taken(TrainStep.Result result) {
    standing.step(result.gradNorm(), result.skipped());
    if (result.skipped()) {
      String text = "step " + step + " changes nothing, its gradient norm is " + result.gradNorm();
      run.log(text);
      listener.notice(text);
    } else {
      parts.retraction().afterStep(step - 1).ifPresent(outcome -> run.log(text(outcome)));
    }
    timer.add(result);
    listener.step(progress(result.loss()));
  }

  private boolean every(int distance) {
    return distance > 0 && step % distance == 0;
  }

  private Outcome end() {
    if (step >= plan.steps()) {
      return Outcome.COMPLETED;
    }
    if (stop.afterStep()) {
      return Outcome.INTERRUPTED;
    }
    if (plan.maxTokens() > 0 && step * config.tokensPerStep() >= plan.maxTokens()) {
      return Outcome.OUT_OF_TOKENS;
    }
    return plan.maxMinutes() > 0 && seconds() >= plan.maxMinutes() * SECONDS_PER_MINUTE
        ? Outcome.OUT_OF_TIME
        : null;
  }

  /** Of training, over all resumptions; the clock on the wall has no say in it. */
  private double seconds() {
    return secondsBefore + (System.nanoTime() - started) / NANOS_PER_SECOND;
  }

  private Progress progress(double loss) {
    double left = (plan.steps() - step) * timer.secondsPerStep();
    if (plan.maxMinutes() > 0) {
      left = Math.min(left, Math.max(0, plan.maxMinutes() * SECONDS_PER_MINUTE - seconds()));
    }
    return new Progress(step, plan.steps(), loss, timer.tokensPerSecond(), left);
  }

  private static String text(Retraction.Outcome outcome) {
    return "constraint residual "
        + outcome.before().total().max()
        + " above its tolerance; "
        + outcome.after().total().max()
        + " after "
        + outcome.rounds()
        + " more retractions";
  }

  // ---- reporting ----------------------------------------------------------------------------

  /**
   * Validates and logs what is due after a step. An interruption makes nothing due: the run that
   * goes on must be the one that was never stopped.
   *
   * @return whether the validation loss is the lowest so far
   */
  private boolean report(TrainStep.Result result, Outcome end) {
    boolean over = end != null && end != Outcome.INTERRUPTED;
    boolean validate = over || every(plan.evalEvery());
    if (validate || step == 1 || every(plan.logEvery())) {
      return log(metrics(result, validate), validate);
    }
    return false;
  }

  private StepMetrics metrics(TrainStep.Result r, boolean validate) {
    return new StepMetrics(
        step,
        step * config.tokensPerStep(),
        r.loss(),
        null,
        parts.optimizer().learningRate(step - 1),
        r.gradNorm(),
        timer.take(),
        r.routerEntropy().isPresent() ? r.routerEntropy().getAsDouble() : null,
        parts.step().expertCounts().orElse(null),
        manifolds(validate),
        seconds());
  }

  /**
   * The constraints at every logged step; the solver, whose certificates take as long as two steps,
   * at the first one and at validations.
   */
  private ManifoldMetrics manifolds(boolean validate) {
    return new ManifoldMetrics(
        parts.retraction().measure(), validate || step == 1 ? parts.solver().run() : Map.of());
  }

  private boolean log(StepMetrics metrics, boolean validate) {
    StepMetrics all = metrics;
    boolean improved = false;
    if (validate) {
      listener.validating(step);
      double loss = parts.evaluator().spread(job.data().validation(), plan.evalWindows()).loss();
      improved = standing.validated(loss, step);
      all = metrics.withValidation(loss);
      listener.validated(step, loss);
    }
    run.metrics(all);
    run.log(all.fields().toString());
    listener.logged(all);
    if (validate) {
      parts.samples().write(step);
    }
    return improved;
  }

  // ---- saving -------------------------------------------------------------------------------

  private Path save(String name, boolean best) {
    Path target = run.path().resolve(name);
    lastSavedSeconds = seconds();
    Checkpoint.save(
        target,
        parts.engine(),
        parts.model(),
        parts.optimizer(),
        config,
        state(run.metricsBytes()));
    lastSaved = target;
    lastSavedStep = step;
    if (best) {
      checkpoints.markBest(name);
    }
    checkpoints.prune(plan.keepLast(), plan.keepBest() ? standing.best() : null);
    run.log("saved " + name + (best ? ", the best so far" : ""));
    listener.saved(step, target);
    return target;
  }

  private TrainingState state(long metricsBytes) {
    Engine engine = parts.engine();
    return new TrainingState(
        TrainingState.VERSION,
        Environment.VERSION,
        engine.name() + ": " + engine.description(),
        step,
        step * config.tokensPerStep(),
        plan.seed(),
        dataHash,
        lastSavedSeconds,
        Double.isNaN(standing.validationLoss()) ? null : standing.validationLoss(),
        standing.best(),
        standing.norms(),
        metricsBytes,
        Map.of());
  }

  private TrainResult finish(Outcome end, boolean best) {
    boolean interrupted = end == Outcome.INTERRUPTED;
    boolean isSaved = interrupted && lastSaved != null && lastSavedStep == step;
    Path saved =
        isSaved ? lastSaved : save(interrupted ? Checkpoints.name(step) : Checkpoints.FINAL, best);
    var result =
        new TrainResult(
            end,
            step,
            step * config.tokensPerStep(),
            lastSavedSeconds,
            standing.validationLoss(),
            job.data().lossFloor().orElse(Double.NaN),
            interrupted ? "" : parts.samples().last(),
            saved,
            run.path());
    journal.ended(end, step, lastSavedSeconds);
    run.log("ended: " + end);
    writeReport();
    return result;
  }

  /** A run is whole without its report: lines that others have damaged do not make it fail. */
  private void writeReport() {
    try {
      RunReport.write(run.path())
          .unreadable()
          .forEach(
              (file, n) -> run.log(n + " damaged lines of " + file + " are not in the report"));
    } catch (FormatException e) {
      if (e.getCause() instanceof IOException) { // the disk is full
        throw e;
      }
      run.log("no report: " + e.getMessage());
      listener.notice("no report: " + e.getMessage());
    }
  }
}
