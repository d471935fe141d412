package io.manifoldmuon.model.train;

import io.manifoldmuon.model.config.ConfigBuilder;
import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.config.TrainConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.model.train.TrainResult.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A run that goes on: its folder, locked, and the newest checkpoint in it that is whole. Until
 * {@link #begin} nothing in the folder is changed.
 */
public final class Resumption implements AutoCloseable {
  /** What made the steps that are done: other values would make other ones. */
  private static final Set<String> PAST =
      Set.of(
          "train.seed",
          "train.batch_size",
          "train.grad_accumulation",
          "train.init_from",
          "train.overfit_windows",
          "optimizer.type");

  private static final List<String> PAST_SECTIONS = List.of("model.", "optimizer.groups.");

  private final Path folder;
  private final RunLock lock;
  private final Checkpoints checkpoints;
  private final Optional<Checkpoint> from;
  private final TrainingState state;
  private final List<Checkpoints.Damaged> damaged;
  private boolean handedOver;

  private Resumption(Path folder, RunLock lock, Checkpoints checkpoints, Checkpoints.Found found) {
    this.folder = folder;
    this.lock = lock;
    this.checkpoints = checkpoints;
    this.from = found.newest();
    this.state = from.map(Checkpoint::state).orElse(null);
    this.damaged = found.damaged();
  }

  /**
   * Locks a run and looks for where it can go on.
   *
   * @param given the run's folder, or the newest checkpoint in it
   * @throws FormatException if it is neither, or has checkpoints and none of them is whole
   * @throws OutputException if another process trains in it
   */
  public static Resumption open(Path given) {
    boolean inside =
        Checkpoints.isName(String.valueOf(given.getFileName()))
            && !Files.exists(given.resolve(RunLock.NAME));
    Path folder = inside ? given.toAbsolutePath().getParent() : given;
    if (!Files.isRegularFile(folder.resolve(RunFolder.CONFIG))) {
      throw new FormatException(
          given,
          Files.isDirectory(folder)
              ? "no run to resume, it has no config.yaml; give the folder of a run"
              : "no such folder, wanted that of a run; check the path");
    }
    RunLock lock = RunLock.of(folder);
    boolean opened = false;
    try {
      Checkpoints checkpoints = new Checkpoints(folder);
      Checkpoints.Found found = checkpoints.newest();
      if (inside) {
        requireNewest(given, found);
      }
      requireAWhole(folder, found);
      var resumption = new Resumption(folder, lock, checkpoints, found);
      opened = true;
      return resumption;
    } finally {
      if (!opened) {
        lock.close();
      }
    }
  }

  private static void requireNewest(Path given, Checkpoints.Found found) {
    String name = given.getFileName().toString();
    for (Checkpoints.Damaged d : found.damaged()) {
      if (d.folder().endsWith(name)) {
        throw new FormatException(
            given,
            "the checkpoint is damaged, "
                + d.reason()
                + "; resume the run's folder to go on from the last one that is whole");
      }
    }
    if (found.newest().isEmpty() || !found.newest().get().folder().endsWith(name)) {
      throw new FormatException(
          given,
          "not the newest checkpoint of its run, which has "
              + found.newest().map(c -> c.folder().getFileName().toString()).orElse("none")
              + "; resume the run's folder, or move newer checkpoints away first");
    }
  }

  /**
   * To begin again is for the owner to say: the steps of a damaged checkpoint may be worth days.
   */
  private static void requireAWhole(Path folder, Checkpoints.Found found) {
    if (found.newest().isEmpty() && !found.damaged().isEmpty()) {
      throw new FormatException(
          folder,
          "no checkpoint is whole: "
              + found.damaged().stream()
                  .map(d -> d.folder().getFileName() + ": " + d.reason())
                  .collect(Collectors.joining("; "))
              + "; restore one, or move them out of the folder to begin again with step 1");
    }
  }

  // ---- what was found -----------------------------------------------------------------------

  /** The run's folder. */
  public Path folder() {
    return folder;
  }

  /** The steps that are done; 0 where there is no checkpoint, and the run begins anew. */
  public long step() {
    return state == null ? 0 : state.step();
  }

  /** Sentences on the checkpoints that were passed over, and on where the run goes on. */
  public List<String> notices() {
    List<String> all = new ArrayList<>();
    for (Checkpoints.Damaged d : damaged) {
      all.add("passed over " + d.folder() + ", which is damaged: " + d.reason());
    }
    all.add(
        from.map(c -> "going on from " + c.folder() + " after " + step() + " steps")
            .orElse("no checkpoint in " + folder + ", beginning again with step 1"));
    return all;
  }

  /** The configuration that the run had, to put options over. */
  public ConfigBuilder config() {
    return from.map(Checkpoint::config)
        .orElseGet(() -> new ConfigBuilder().file(folder.resolve(RunFolder.CONFIG)));
  }

  /** The checkpoint that the run goes on from; none where it begins again. */
  Optional<Checkpoint> checkpoint() {
    return from;
  }

  /** Where the run stood; null where it begins again. */
  TrainingState state() {
    return state;
  }

  // ---- whether it can go on -----------------------------------------------------------------

  /**
   * Refuses a configuration that would have made other steps than those that are done.
   *
   * @throws ConfigException naming the key
   */
  public void requireSamePast(RunConfig now) {
    RunConfig before = config().build();
    List<String> made = before.keysThatDiffer(now).stream().filter(Resumption::isPast).toList();
    if (!made.isEmpty()) {
      String type = "optimizer.type"; // which others follow
      throw new ConfigException(
          (made.contains(type) ? type : made.getFirst())
              + " cannot be changed when a run is resumed, because its steps were made with"
              + " another value; leave it out, or begin a new run with train.init_from");
    }
    if (state != null && over(now).isEmpty() && now.train().steps() <= state.step()) {
      throw ConfigException.of(
          "train.steps",
          now.train().steps(),
          "above the steps that are done, which are " + state.step());
    }
  }

  private static boolean isPast(String key) {
    return PAST.contains(key) || PAST_SECTIONS.stream().anyMatch(key::startsWith);
  }

  /**
   * Refuses other data than the run was trained on.
   *
   * @throws ConfigException naming both
   */
  public void requireSameData(Dataset data) {
    if (state != null && !state.data().equals(data.contentHash())) {
      throw new ConfigException(
          "data.path gives "
              + data.description()
              + " (hash "
              + data.contentHash()
              + "), but the run was trained on other data (hash "
              + state.data()
              + "); give the same text with --set data.path=…");
    }
  }

  /** Why there is nothing left to do, if so: the run is complete, or a limit is reached. */
  public Optional<Outcome> over(RunConfig now) {
    if (from.isEmpty() || !from.get().folder().endsWith(Checkpoints.FINAL)) {
      return Optional.empty();
    }
    TrainConfig plan = now.train();
    if (state.step() >= plan.steps()) {
      return Optional.of(Outcome.COMPLETED);
    }
    if (plan.maxTokens() > 0 && state.tokens() >= plan.maxTokens()) {
      return Optional.of(Outcome.OUT_OF_TOKENS);
    }
    if (new Standing(state).outOfPatience(plan.earlyStopPatience())) {
      return Optional.of(Outcome.STOPPED_EARLY);
    }
    return plan.maxMinutes() > 0 && state.elapsedSeconds() >= 60 * plan.maxMinutes()
        ? Optional.of(Outcome.OUT_OF_TIME)
        : Optional.empty();
  }

  // ---- going on -----------------------------------------------------------------------------

  /**
   * Opens the folder for the run to go on: removes what a killed process left, puts damaged
   * checkpoints out of the way, and cuts the metrics back to the checkpoint.
   */
  RunFolder begin(RunConfig now) {
    checkpoints.removeLeftOvers();
    damaged.forEach(d -> checkpoints.setAside(d.folder()));
    if (from.isPresent() && from.get().folder().endsWith(Checkpoints.FINAL)) {
      checkpoints.numberFinal(step());
    }
    checkpoints.restoreBest(state == null || !now.train().keepBest() ? null : state.best());
    RunFolder run = RunFolder.reopen(folder, lock, state == null ? 0 : state.metricsBytes(), now);
    handedOver = true;
    notices().forEach(run::log);
    return run;
  }

  /** Gives the folder back, unless the run has it. */
  @Override
  public void close() {
    if (!handedOver) {
      lock.close();
    }
  }
}
