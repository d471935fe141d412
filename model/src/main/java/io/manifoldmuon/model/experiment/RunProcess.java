package io.manifoldmuon.model.experiment;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.format.AtomicFile;
import io.manifoldmuon.model.format.FormatException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Trains for one task, in a process of its own, from wherever its folder stands. */
final class RunProcess {
  /** Where a run locks its file {@code .lock}, see the trainer. */
  private static final long LOCK_PLACE = Long.MAX_VALUE - 1;

  private static final int DIVERGED = 4;
  private static final long POLL_MILLIS = 100;

  private final ExperimentFolder folder;
  private final Task task;
  private final String identity;
  private final Launcher launcher;
  private final boolean keepWeights;
  private final StopAsked stop;

  /** How an attempt went. */
  sealed interface Ended {
    /** The run is over, trained or diverged. */
    record Over(Outcome outcome) implements Ended {}

    /** It was asked to stop. */
    record Stopped() implements Ended {}

    /** It failed for another reason than its numbers. */
    record Failed(int exitCode, String lastLine, Path log) implements Ended {}
  }

  RunProcess(
      ExperimentFolder folder,
      Task task,
      String identity,
      Launcher launcher,
      boolean keepWeights,
      StopAsked stop) {
    this.folder = folder;
    this.task = task;
    this.identity = identity;
    this.launcher = launcher;
    this.keepWeights = keepWeights;
    this.stop = stop;
  }

  /** Trains until the run is over, fails, or is asked to stop. */
  Ended run(RunConfig config) throws InterruptedException {
    Path run = folder.run(task);
    if (!awaitOthers(run)) {
      return new Ended.Stopped();
    }
    if (isTrained(run)) {
      return over(false, "");
    }
    AtomicFile.write(folder.config(task), config.toYaml());
    boolean begun = Files.isRegularFile(run.resolve("config.yaml"));
    List<String> arguments =
        begun
            ? List.of("resume", run.toString(), "--set", "data.path=" + config.data().path())
            : List.of("train", "--config", folder.config(task).toString(), "--out", run.toString());
    int code = run(arguments);
    if (code == 0 && isTrained(run)) {
      return over(false, "");
    }
    if (code == DIVERGED) {
      return over(true, lastLine());
    }
    return stop.afterStep()
        ? new Ended.Stopped()
        : new Ended.Failed(code, lastLine(), folder.log(task));
  }

  /** Whether the trainer has come to its end there: it makes this folder last, and at once. */
  private static boolean isTrained(Path run) {
    return Files.isRegularFile(run.resolve("final").resolve("state.json"));
  }

  /**
   * Waits while a process trains in the folder that an experiment started which is gone itself.
   *
   * @return false if asked to stop before
   */
  private boolean awaitOthers(Path run) throws InterruptedException {
    while (isHeld(run.resolve(".lock"))) {
      if (stop.afterStep()) {
        return false;
      }
      Thread.sleep(POLL_MILLIS);
    }
    return true;
  }

  private static boolean isHeld(Path lock) {
    if (!Files.isRegularFile(lock)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
      return channel.tryLock(LOCK_PLACE, 1, false) == null;
    } catch (IOException e) {
      throw new FormatException(lock, "cannot be read: " + e.getMessage(), e);
    }
  }

  private int run(List<String> arguments) throws InterruptedException {
    Path log = folder.log(task);
    Process process;
    try {
      process =
          new ProcessBuilder(launcher.command(arguments))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectInput(ProcessBuilder.Redirect.PIPE)
              .start();
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new FormatException(log, "a run cannot be started: " + e.getMessage(), e);
    }
    try {
      int told = 0;
      while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        if ((told == 0 && stop.afterStep()) || (told == 1 && stop.atOnce())) {
          process.destroy(); // SIGTERM: it finishes its step and saves; a second one gives it up
          told++;
        }
      }
    } finally {
      process.destroy(); // nothing where it is over
    }
    return process.exitValue();
  }

  private String lastLine() {
    try (Stream<String> lines = Files.lines(folder.log(task), StandardCharsets.UTF_8)) {
      return lines.filter(l -> !l.isBlank()).reduce("", (_, l) -> l).strip();
    } catch (IOException | java.io.UncheckedIOException e) {
      return "its log cannot be read: " + e.getMessage();
    }
  }

  // ---- when it is over ----------------------------------------------------------------------

  private Ended over(boolean diverged, String message) {
    Path run = folder.run(task);
    var outcome =
        new Outcome(task.folder(), diverged, identity, diverged ? "" : dataHash(run), message);
    outcome.write(run);
    if (!keepWeights) {
      removeWeights(run);
    }
    return new Ended.Over(outcome);
  }

  private static String dataHash(Path run) {
    Path state = run.resolve("final").resolve("state.json");
    try {
      return new ObjectMapper().readTree(state.toFile()).path("data").asText();
    } catch (IOException e) {
      throw new FormatException(state, "cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Weights and optimizer state, which nobody asks for after the run; they are most of its bytes.
   */
  static void removeWeights(Path run) {
    try (Stream<Path> entries = Files.list(run)) {
      for (Path p : entries.toList()) {
        String name = p.getFileName().toString();
        if (name.startsWith("checkpoint-") || name.equals("best")) {
          ResultFiles.remove(p);
        }
      }
    } catch (IOException e) {
      throw new FormatException(run, "cannot be read: " + e.getMessage(), e);
    }
    ResultFiles.remove(run.resolve("final").resolve("model.safetensors"));
    ResultFiles.remove(run.resolve("final").resolve("optimizer.safetensors"));
  }
}
