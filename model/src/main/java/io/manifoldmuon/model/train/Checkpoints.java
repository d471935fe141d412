package io.manifoldmuon.model.train;

import io.manifoldmuon.model.format.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of a run's folder: {@code checkpoint-N} after N steps, {@code final} at the end,
 * and {@code best}, a file with the name of the one with the lowest validation loss.
 */
final class Checkpoints {
  static final String FINAL = "final";
  static final String BEST = "best";

  private static final Pattern NUMBERED = Pattern.compile("checkpoint-(0|[1-9]\\d{0,17})");
  private static final Pattern ANY = Pattern.compile(NUMBERED.pattern() + "|" + FINAL);
  private static final Pattern LEFT_OVER =
      Pattern.compile("\\..+\\.(writing|deleting)-\\d+|\\..+\\.part");
  private static final int LONGEST_NAME = 64;

  private final Path run;

  /** The checkpoints of a run's folder. */
  Checkpoints(Path run) {
    this.run = run;
  }

  /** The name of the checkpoint after so many steps. */
  static String name(long step) {
    return "checkpoint-" + step;
  }

  /** Whether a folder's name is that of a checkpoint in a run. */
  static boolean isName(String name) {
    return ANY.matcher(name).matches();
  }

  /**
   * The folder that a {@code best} file names, beside it.
   *
   * @throws FormatException if it names no checkpoint
   */
  static Path named(Path best) {
    String name = "";
    try {
      if (Files.size(best) <= LONGEST_NAME) {
        name = Files.readString(best, StandardCharsets.ISO_8859_1).strip();
      }
    } catch (IOException e) {
      throw new FormatException(best, "cannot be read: " + e.getMessage(), e);
    }
    if (!isName(name)) {
      throw new FormatException(
          best, "names no checkpoint, wanted checkpoint-N or final; give a checkpoint folder");
    }
    return best.resolveSibling(name);
  }

  // ---- looking ------------------------------------------------------------------------------

  /** A checkpoint that cannot be used, and why. */
  record Damaged(Path folder, String reason) {}

  /**
   * What is there.
   *
   * @param newest the newest whole one
   * @param damaged the newer ones, which are not
   */
  record Found(Optional<Checkpoint> newest, List<Damaged> damaged) {}

  /** Looks for the newest checkpoint that is whole, by its checksums. */
  Found newest() {
    List<Damaged> damaged = new ArrayList<>();
    List<Path> all = new ArrayList<>();
    if (Files.exists(run.resolve(FINAL))) {
      all.add(run.resolve(FINAL));
    }
    numbered().reversed().forEach(step -> all.add(run.resolve(name(step))));
    for (Path folder : all) {
      Optional<String> reason = Checkpoint.damage(folder);
      if (reason.isEmpty()) {
        return new Found(Optional.of(Checkpoint.at(folder)), damaged);
      }
      damaged.add(new Damaged(folder, reason.get()));
    }
    return new Found(Optional.empty(), damaged);
  }

  /** The steps of the numbered checkpoints, rising. */
  List<Long> numbered() {
    try (Stream<Path> entries = Files.list(run)) {
      return entries
          .map(p -> NUMBERED.matcher(p.getFileName().toString()))
          .filter(Matcher::matches)
          .map(m -> Long.valueOf(m.group(1)))
          .sorted(Comparator.naturalOrder())
          .toList();
    } catch (IOException e) {
      throw OutputException.of(run, e);
    }
  }

  // ---- changing -----------------------------------------------------------------------------

  /** Notes which checkpoint has the lowest validation loss. */
  void markBest(String name) {
    AtomicFolder.writeFile(
        run.resolve(BEST),
        channel -> channel.write(ByteBuffer.wrap((name + "\n").getBytes(StandardCharsets.UTF_8))));
  }

  /** Makes {@code best} what it was after a step, as far as that checkpoint is still there. */
  void restoreBest(TrainingState.Best best) {
    try {
      if (best != null && Files.exists(run.resolve(name(best.step())))) {
        markBest(name(best.step()));
      } else {
        Files.deleteIfExists(run.resolve(BEST));
      }
    } catch (IOException e) {
      throw OutputException.of(run.resolve(BEST), e);
    }
  }

  /** Removes numbered checkpoints but the last few and the best; 0 keeps all. */
  void prune(int keepLast, TrainingState.Best best) {
    List<Long> steps = numbered();
    LongPredicate isBest = step -> best != null && best.step() == step;
    int surplus = keepLast == 0 ? 0 : Math.max(0, steps.size() - keepLast);
    steps.stream()
        .limit(surplus)
        .filter(step -> !isBest.test(step))
        .forEach(step -> AtomicFolder.remove(run.resolve(name(step))));
  }

  /** Gives the whole {@code final} its number, because the run goes on. */
  void numberFinal(long step) {
    Path numbered = run.resolve(name(step));
    if (!Files.exists(numbered)) {
      move(run.resolve(FINAL), numbered);
    } else if (Checkpoint.damage(numbered).isEmpty()) {
      AtomicFolder.remove(run.resolve(FINAL));
    } else {
      setAside(numbered);
      move(run.resolve(FINAL), numbered);
    }
  }

  /** Puts a damaged checkpoint out of the way, for its owner to look at. */
  Path setAside(Path folder) {
    Path target = run.resolve("damaged-" + folder.getFileName());
    for (int i = 2; Files.exists(target); i++) {
      target = run.resolve("damaged-" + folder.getFileName() + "-" + i);
    }
    move(folder, target);
    return target;
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw OutputException.of(to, e);
    }
  }

  /** Removes what processes that were killed have left half-written or half-deleted. */
  void removeLeftOvers() {
    try (Stream<Path> entries = Files.list(run)) {
      for (Path p : entries.toList()) {
        if (LEFT_OVER.matcher(p.getFileName().toString()).matches()) {
          AtomicFolder.delete(p);
        }
      }
    } catch (IOException e) {
      throw OutputException.of(run, e);
    }
  }
}
