package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.config.TrainConfig;
import io.manifoldmuon.model.data.Batches;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.nn.ModelSize;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.Retraction;
import io.manifoldmuon.optim.SolverCheck;
import io.manifoldmuon.optim.StateVariable;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Trains a model and writes the run's folder.
 *
 * <p>The weights after n steps are a pure function of configuration, data and engine: validation,
 * logging, saving and resuming change nothing.
 */
public final class Trainer {
  private final TrainJob job;
  private final Engine engine;
  private final ProgressListener listener;
  private final StopRequest stop;
  private final RunConfig config;
  private final TrainConfig plan;
  private final LanguageModel model;
  private final Optimizer optimizer;
  private final Resumption resumption; // null for a run that begins

  /**
   * A trainer of a new run, which writes the first weights to the engine.
   *
   * @param stop asked after every step; once it says so, the run saves a checkpoint and ends
   */
  public Trainer(TrainJob job, Engine engine, ProgressListener listener, StopRequest stop) {
    this(job, engine, listener, stop, null);
    RunFolder.check(job.folder());
    begin(Optional.empty());
  }

  private Trainer(
      TrainJob job,
      Engine engine,
      ProgressListener listener,
      StopRequest stop,
      Resumption resumption) {
    this.job = job;
    this.engine = engine;
    this.listener = listener;
    this.stop = stop;
    this.config = job.config();
    this.plan = config.train();
    this.resumption = resumption;
    this.model = LanguageModel.of(config.model(), job.data().tokenizer().vocabSize());
    this.optimizer = Optimizers.of(config, model.parameters());
    MemoryNeed.check(engine, model, optimizer, config);
  }

  /**
   * A trainer of a run that goes on, which writes its weights and state to the engine.
   *
   * @param stop asked after every step; once it says so, the run saves a checkpoint and ends
   * @throws io.manifoldmuon.model.config.ConfigException if configuration or data are not those of
   *     the steps that are done
   */
  public static Trainer resume(
      TrainJob job,
      Engine engine,
      ProgressListener listener,
      StopRequest stop,
      Resumption resumption) {
    resumption.requireSamePast(job.config());
    resumption.requireSameData(job.data());
    Trainer trainer = new Trainer(job, engine, listener, stop, resumption);
    trainer.begin(resumption.checkpoint());
    return trainer;
  }

  /** How large the model is. */
  public ModelSize size() {
    return model.size();
  }

  /** Writes weights and state to the engine: a checkpoint's, or the first ones. */
  private void begin(Optional<Checkpoint> from) {
    if (from.isPresent()) {
      from.get().loadWeights(engine, model);
      from.get().loadOptimizer(engine, optimizer);
    } else {
      writeFirstWeights(engine, config, model);
      zero(optimizer.state());
    }
  }

  /** Writes the weights that a run begins with to the engine: {@code train.init_from} or noise. */
  public static void writeFirstWeights(Engine engine, RunConfig config, LanguageModel model) {
    String from = config.train().initFrom();
    if (from != null) {
      Checkpoint.at(Path.of(from)).loadWeights(engine, model);
    } else {
      Optimizers.initialWeights(config, model).forEach(engine::write);
    }
  }

  /**
   * The batches of a run.
   *
   * @throws io.manifoldmuon.model.data.DataException if the text has too few windows for them
   */
  public static Batches batches(RunConfig config, Dataset data) {
    TrainConfig plan = config.train();
    return new Batches(
        data.train(),
        data.tokenizer().vocabSize(),
        plan.batchSize(),
        config.model().context(),
        plan.seed(),
        plan.overfitWindows());
  }

  private void zero(List<StateVariable> variables) {
    variables.forEach(
        v ->
            engine.write(
                v.name(), Tensor.of(v.type().shape(), new float[v.type().shape().size()])));
  }

  /**
   * Runs to the end, a limit or the request to stop.
   *
   * @throws NumericalException if training diverges, naming the operation; the checkpoints saved
   *     before stay
   */
  public TrainResult run() {
    Dataset data = job.data();
    var journal = new RunJournal(job.folder());
    Batches batches = batches(config, data);
    long windows =
        Math.min(plan.evalWindows(), Evaluator.windows(data.validation(), config.model()));
    int evalBatch = Evaluator.batchFor(config.model(), windows);
    try (TrainStep step = new TrainStep(engine, config, model, optimizer, batches::fill);
        Retraction retraction = new Retraction(engine, optimizer);
        SolverCheck solver = new SolverCheck(engine, optimizer);
        Evaluator evaluator = new Evaluator(engine, model, config.model(), evalBatch);
        TrainingSamples samples = new TrainingSamples(engine, model, config, data, journal);
        RunFolder run =
            resumption == null
                ? RunFolder.create(job.folder(), config)
                : resumption.begin(config)) {
      var parts =
          new TrainingLoop.Parts(
              engine, model, optimizer, step, retraction, solver, evaluator, samples);
      var loop = new TrainingLoop(job, parts, run, journal, listener, stop, standing());
      try {
        return loop.run();
      } catch (NumericalException e) {
        NumericalException located = located(e, loop, step, retraction);
        loop.fail("DIVERGED", located);
        throw located;
      } catch (RuntimeException e) {
        loop.fail("FAILED", e);
        throw e;
      }
    }
  }

  private TrainingState standing() {
    return resumption == null ? null : resumption.state();
  }

  /** The failure with the operation that it came from and the checkpoint that is left. */
  private NumericalException located(
      NumericalException failure, TrainingLoop loop, TrainStep step, Retraction retraction) {
    engine.abandonWhen(() -> false);
    Optional<Path> saved = loop.lastSaved();
    long from = loop.lastSavedStep();
    begin(saved.map(Checkpoint::at));
    zero(new StepGraphs(config, model, optimizer).sums().stream().filter(this::isKept).toList());
    String where =
        new Divergence(step, retraction, stop, listener::notice)
            .find(from, loop.failing())
            .map(text -> "; " + text)
            .orElse("");
    var located =
        new NumericalException(
            failure.getMessage()
                + where
                + saved
                    .map(p -> "; the last good checkpoint is " + p)
                    .orElse("; no checkpoint was saved before"));
    located.initCause(failure);
    return located;
  }

  /** Whether a step keeps its sums of gradients on the engine. */
  private boolean isKept(StateVariable sum) {
    return plan.gradAccumulation() > 1 || plan.skipsSteps();
  }
}
