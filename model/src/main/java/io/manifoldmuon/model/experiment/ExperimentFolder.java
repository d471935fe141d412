package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.YamlSection;
import io.manifoldmuon.model.format.AtomicFile;
import io.manifoldmuon.model.format.FormatException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The folder of an experiment: {@code experiment.yaml} (what is run), {@code runs/} (the folder of
 * each run), {@code configs/} and {@code logs/} (what each was started with, and what it said), and
 * the results.
 *
 * @param path where it is
 */
public record ExperimentFolder(Path path) {
  static final String DEFINITION = "experiment.yaml";

  private static final String LOCK = ".experiment.lock";

  /** Where the runs are. */
  Path runs() {
    return path.resolve("runs");
  }

  /** The folder of a run. */
  Path run(Task task) {
    return runs().resolve(task.folder());
  }

  /** The file with the configuration of a run. */
  Path config(Task task) {
    return path.resolve("configs").resolve(task.folder() + ".yaml");
  }

  /** The file with what a run said. */
  Path log(Task task) {
    return path.resolve("logs").resolve(task.folder() + ".log");
  }

  /** The folders in {@code runs}, sorted. */
  List<Path> allRuns() {
    if (!Files.isDirectory(runs())) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(runs())) {
      return entries.filter(Files::isDirectory).sorted().toList();
    } catch (IOException e) {
      throw new FormatException(runs(), "cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * The definition of the experiment in it.
   *
   * @throws FormatException if there is none
   */
  public Definition definition() {
    Path file = path.resolve(DEFINITION);
    if (!Files.isRegularFile(file)) {
      throw new FormatException(
          path, "not the folder of an experiment, it has no " + DEFINITION + "; check the path");
    }
    return DefinitionReader.read(YamlSection.read(file));
  }

  /**
   * The folders of an experiment that a path means: itself, or those directly in it.
   *
   * @throws FormatException if there are none
   */
  public static List<ExperimentFolder> at(Path path) {
    if (Files.isRegularFile(path.resolve(DEFINITION))) {
      return List.of(new ExperimentFolder(path));
    }
    List<ExperimentFolder> inside = List.of();
    if (Files.isDirectory(path)) {
      try (Stream<Path> entries = Files.list(path)) {
        inside =
            entries
                .filter(p -> Files.isRegularFile(p.resolve(DEFINITION)))
                .sorted()
                .map(ExperimentFolder::new)
                .toList();
      } catch (IOException e) {
        throw new FormatException(path, "cannot be read: " + e.getMessage(), e);
      }
    }
    if (inside.isEmpty()) {
      throw new FormatException(
          path,
          "neither the folder of an experiment nor one with such folders, no "
              + DEFINITION
              + " is there; check the path");
    }
    return inside;
  }

  /**
   * Makes the folders and writes the definition; what is there goes on, with more seeds if these
   * are given.
   *
   * @throws ConfigException if another experiment is there
   */
  void begin(Definition wanted) {
    Path file = path.resolve(DEFINITION);
    Definition all = wanted;
    if (Files.isRegularFile(file)) {
      all = same(definition(), wanted, path);
    } else if (Files.isDirectory(path) && !isEmpty()) {
      throw new ConfigException(
          "experiment: "
              + path
              + " is not empty and holds no experiment; choose another with --out");
    }
    try {
      for (String folder : List.of("runs", "configs", "logs")) {
        Files.createDirectories(path.resolve(folder));
      }
    } catch (IOException e) {
      throw new FormatException(path, "cannot be made: " + e.getMessage(), e);
    }
    AtomicFile.write(file, YamlSection.write(all.tree()));
  }

  private boolean isEmpty() {
    try (Stream<Path> entries = Files.list(path)) {
      return entries.allMatch(p -> p.endsWith(LOCK));
    } catch (IOException e) {
      throw new FormatException(path, "cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Two definitions of one experiment as one, with the seeds of both.
   *
   * @param where the folder of the first, for the message
   * @throws ConfigException if they differ in anything but the seeds of the main runs
   */
  static Definition same(Definition one, Definition other, Path where) {
    String a = YamlSection.write(one.withSeeds(List.of()).tree());
    String b = YamlSection.write(other.withSeeds(List.of()).tree());
    if (!a.equals(b)) {
      throw new ConfigException(
          "experiment: "
              + where
              + " holds another experiment than "
              + other.name()
              + " as it is given: "
              + difference(one, other)
              + "; choose another folder with --out, or give what it was begun with");
    }
    TreeSet<Long> seeds = new TreeSet<>(one.seeds());
    seeds.addAll(other.seeds());
    return one.withSeeds(List.copyOf(seeds));
  }

  /** The first key that only one of them has, or with another value, and what each has. */
  private static String difference(Definition one, Definition other) {
    Map<String, String> ours = values(one);
    Map<String, String> theirs = values(other);
    for (String key : ours.keySet()) {
      if (!theirs.containsKey(key)) {
        return "its " + key + " is " + ours.get(key) + ", wanted without it";
      }
      if (!theirs.get(key).equals(ours.get(key))) {
        return "its " + key + " is " + ours.get(key) + ", not " + theirs.get(key);
      }
    }
    return theirs.keySet().stream()
        .filter(key -> !ours.containsKey(key))
        .findFirst()
        .map(key -> "it has no " + key + ", wanted " + theirs.get(key))
        .orElse("its keys have another order");
  }

  private static Map<String, String> values(Definition definition) {
    String text = YamlSection.write(definition.withSeeds(List.of()).tree());
    return YamlSection.parse(text, DEFINITION).settings();
  }

  /**
   * Keeps other processes from running the experiment until this is closed.
   *
   * @throws ConfigException if one does
   */
  FileChannel lock() {
    Path file = path.resolve(LOCK);
    FileChannel channel = null;
    boolean locked = false;
    try {
      Files.createDirectories(path);
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw inUse();
      }
      locked = true;
      return channel;
    } catch (OverlappingFileLockException e) {
      throw inUse();
    } catch (IOException e) {
      throw new FormatException(file, "cannot be locked: " + e.getMessage(), e);
    } finally {
      if (!locked) {
        ResultFiles.closeQuietly(channel);
      }
    }
  }

  private ConfigException inUse() {
    return new ConfigException(
        "experiment: another process runs the experiment in "
            + path
            + "; wait for its end, or choose another folder with --out");
  }
}
