package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.config.TrainConfig;
import io.manifoldmuon.model.data.Batches;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.nn.ModelSize;
import io.manifoldmuon.model.nn.MoeLanguageModel;
import io.manifoldmuon.model.report.RunReport;
import io.manifoldmuon.model.train.ProgressListener.Progress;
import io.manifoldmuon.model.train.TrainResult.Outcome;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.Retraction;
import io.manifoldmuon.optim.SolverCheck;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * Trains a model and writes the run's folder.
 *
 * <p>The weights after n steps are a pure function of configuration, data and engine: validation,
 * logging and saving change nothing.
 */
public final class Trainer {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double SECONDS_PER_MINUTE = 60;

  private final TrainJob job;
  private final Engine engine;
  private final ProgressListener listener;
  private final BooleanSupplier stop;
  private final RunConfig config;
  private final TrainConfig plan;
  private final MoeLanguageModel model;
  private final Optimizer optimizer;
  private final StepTimer timer;
  private final RunJournal journal;
  private long started;
  private double validationLoss = Double.NaN;
  private StepMetrics last;

  /**
   * A trainer that writes the first weights to the engine.
   *
   * @param stop asked after every step; once true, the run saves a checkpoint and ends
   */
  public Trainer(TrainJob job, Engine engine, ProgressListener listener, BooleanSupplier stop) {
    this.job = job;
    this.engine = engine;
    this.listener = listener;
    this.stop = stop;
    this.config = job.config();
    this.plan = config.train();
    RunFolder.check(job.folder());
    this.model = new MoeLanguageModel(config.model(), job.data().tokenizer().vocabSize());
    this.optimizer = Optimizers.of(config, model.parameters());
    this.journal = new RunJournal(job.folder());
    this.timer = new StepTimer(config.tokensPerStep());
    MemoryNeed.check(engine, model, optimizer, config);
    if (plan.initFrom() != null) {
      Checkpoint.at(Path.of(plan.initFrom())).loadWeights(engine, model);
    } else {
      Optimizers.initialWeights(config, model).forEach(engine::write);
    }
  }

  /** How large the model is. */
  public ModelSize size() {
    return model.size();
  }

  /**
   * Runs to the end, the time limit or the request to stop.
   *
   * @throws io.manifoldmuon.linalg.NumericalException if training diverges; the checkpoints saved
   *     before stay
   */
  public TrainResult run() {
    Dataset data = job.data();
    int context = config.model().context();
    Batches batches =
        new Batches(data.train(), model.vocabulary(), plan.batchSize(), context, plan.seed());
    long windows =
        Math.min(plan.evalWindows(), Evaluator.windows(data.validation(), config.model()));
    int evalBatch = Evaluator.batchFor(config.model(), windows);
    try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches::fill);
        Retraction retraction = new Retraction(engine, optimizer);
        SolverCheck solver = new SolverCheck(engine, optimizer);
        Evaluator evaluator = new Evaluator(engine, model, config.model(), evalBatch);
        TrainingSamples samples = new TrainingSamples(engine, model, config, data, journal);
        RunFolder run = RunFolder.create(job.folder(), config)) {
      try {
        return run(step, retraction, solver, evaluator, samples, run);
      } catch (RuntimeException e) {
        logFailure(run, e);
        throw e;
      }
    }
  }

  private static void logFailure(RunFolder run, RuntimeException failure) {
    try {
      run.log(failure);
    } catch (OutputException e) { // where the disk is full, that is already the failure
      failure.addSuppressed(e);
    }
  }

  private TrainResult run(
      TrainStep step,
      Retraction retraction,
      SolverCheck solver,
      Evaluator evaluator,
      TrainingSamples samples,
      RunFolder run) {
    Map<String, String> environment = Environment.of(engine);
    run.log(job.command());
    environment.forEach((name, value) -> run.log(name + ": " + value));
    run.log("Data: " + job.data().description());
    journal.started(job, model.size(), environment, 0);
    started = System.nanoTime();
    for (long done = 1; ; done++) {
      TrainStep.Result result = step.run(done - 1);
      retraction.afterStep(done - 1).ifPresent(outcome -> run.log(text(outcome)));
      timer.add(result);
      listener.step(progress(done, result.loss()));
      Outcome end = end(done);
      boolean validate = end == null ? every(plan.evalEvery(), done) : end != Outcome.INTERRUPTED;
      if (validate || end != null || done == 1 || every(plan.logEvery(), done)) {
        log(
            run,
            metrics(done, result, step, new ManifoldMetrics(retraction.measure(), solver.run())),
            validate ? evaluator : null);
        if (validate) {
          samples.write(done);
        }
      }
      if (end != null) {
        return finish(run, end, done, samples.last());
      }
      if (every(plan.checkpointEvery(), done)) {
        save(run, "checkpoint-" + done, done);
      }
    }
  }

  private static boolean every(int distance, long step) {
    return distance > 0 && step % distance == 0;
  }

  private Outcome end(long done) {
    if (done >= plan.steps()) {
      return Outcome.COMPLETED;
    }
    if (stop.getAsBoolean()) {
      return Outcome.INTERRUPTED;
    }
    return plan.maxMinutes() > 0 && seconds() >= plan.maxMinutes() * SECONDS_PER_MINUTE
        ? Outcome.OUT_OF_TIME
        : null;
  }

  private double seconds() {
    return (System.nanoTime() - started) / NANOS_PER_SECOND;
  }

  private Progress progress(long done, double loss) {
    double left = (plan.steps() - done) * timer.secondsPerStep();
    if (plan.maxMinutes() > 0) {
      left = Math.min(left, Math.max(0, plan.maxMinutes() * SECONDS_PER_MINUTE - seconds()));
    }
    return new Progress(done, plan.steps(), loss, timer.tokensPerSecond(), left);
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

  private StepMetrics metrics(
      long done, TrainStep.Result r, TrainStep step, ManifoldMetrics manifolds) {
    return new StepMetrics(
        done,
        done * config.tokensPerStep(),
        r.loss(),
        null,
        optimizer.learningRate(done - 1),
        r.gradNorm(),
        timer.take(),
        r.routerEntropy(),
        step.expertCounts(),
        manifolds,
        seconds());
  }

  private void log(RunFolder run, StepMetrics metrics, Evaluator evaluator) {
    last = metrics;
    if (evaluator != null) {
      listener.validating(metrics.step());
      validationLoss = evaluator.spread(job.data().validation(), plan.evalWindows()).loss();
      last = metrics.withValidation(validationLoss);
      listener.validated(metrics.step(), validationLoss);
    }
    run.metrics(last);
    run.log(last.fields().toString());
    listener.logged(last);
  }

  private Path save(RunFolder run, String name, long done) {
    Path target = run.path().resolve(name);
    var state =
        new TrainingState(
            done, done * config.tokensPerStep(), plan.seed(), job.data().contentHash());
    Checkpoint.save(target, engine, model, optimizer, config, state);
    run.log("saved " + name);
    listener.saved(done, target);
    return target;
  }

  private TrainResult finish(RunFolder run, Outcome end, long done, String sample) {
    double seconds = seconds();
    boolean interrupted = end == Outcome.INTERRUPTED;
    Path saved = save(run, interrupted ? "checkpoint-" + done : "final", done);
    var result =
        new TrainResult(
            end,
            done,
            done * config.tokensPerStep(),
            seconds,
            validationLoss,
            job.data().lossFloor().orElse(Double.NaN),
            interrupted ? "" : sample,
            saved,
            run.path());
    journal.ended(end, done, seconds);
    run.log("ended: " + end);
    RunReport.write(run.path());
    return result;
  }
}
