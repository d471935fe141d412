package io.manifoldmuon.tests.program;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.tests.program.Muon.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files of every kind that is read: the command does its work or ends with exit code 2 and
 * one sentence, in time, and every other file is as it was.
 *
 * <p>{@code -Dmuon.test.mutations=10000} tries more of them, {@code -Dmuon.test.seed=N} others;
 * case i of a seed is the same whatever their number.
 */
class MutatedInputTest {
  private static final int CASES = Integer.getInteger("muon.test.mutations", 150);
  private static final long SEED = Long.getLong("muon.test.seed", 20_261_125);
  private static final int FIRST = Integer.getInteger("muon.test.first", 0);
  private static final long LONGEST_SECONDS = 10;

  /** The heap that tests may have, 2 GiB, and as much again for the JVM and engines. */
  private static final long MOST_MEBIBYTES = 4096;

  @TempDir static Path temp;

  private static Path good;
  private static List<Kind> kinds;

  /**
   * A kind of file and a command that reads it.
   *
   * @param file below the folder of a case
   * @param command {@code @} stands for that folder
   * @param resumes whether it goes on with the run of the folder, which may change then
   */
  private record Kind(String file, boolean resumes, List<String> command) {}

  @BeforeAll
  static void makeGoodFiles() throws IOException {
    good = Files.createDirectory(temp.resolve("good"));
    String licence = Files.readString(Path.of("..", "LICENSE"), StandardCharsets.US_ASCII);
    Files.writeString(good.resolve("text.txt"), licence.substring(0, 4000));
    succeed(
        Muon.command(
            "train",
            SmallRun.settings(
                "engine.threads=1",
                "model.d_model=16",
                "model.d_ff=16",
                "model.context=16",
                "train.batch_size=1",
                "train.steps=3",
                "train.checkpoint_every=1",
                "train.eval_windows=1",
                "train.keep_best=false",
                "data.path=" + good.resolve("text.txt")),
            "--out=" + good.resolve("run")));
    Files.delete(good.resolve("run/.lock")); // its time stamp would change
    Files.copy(good.resolve("run/config.yaml"), good.resolve("config.yaml"));
    succeed(List.of("prepare", "--data=" + good.resolve("text.txt"), "--out=" + temp.resolve("s")));
    try (Stream<Path> shards = Files.list(temp.resolve("s"))) {
      Path shard = shards.filter(p -> p.toString().endsWith(".bin")).sorted().findFirst().get();
      Files.copy(shard, good.resolve("shard.bin"));
    }
    Files.write(good.resolve("text.zip"), zip(licence.substring(0, 3000)));
    kinds = kinds();
  }

  private static void succeed(List<String> command) {
    Outcome outcome = Muon.run(command);
    assertThat(outcome.code()).as(outcome.err()).isZero();
  }

  private static byte[] zip(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      for (String name : List.of("a.txt", "b/c.txt")) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(text.getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static List<Kind> kinds() {
    List<Kind> kinds = new ArrayList<>();
    // what the file says of sizes and of how long to train does not matter, if it can be read
    List<String> train = new ArrayList<>(List.of("train", "--config=@/config.yaml", "--out=@/new"));
    for (String setting :
        SmallRun.settings(
            "engine.threads=1",
            "model.preset=tiny",
            "model.d_model=16",
            "model.d_ff=16",
            "model.context=16",
            "train.batch_size=1",
            "train.grad_accumulation=1",
            "train.steps=1",
            "train.eval_windows=1",
            "train.early_stop_patience=0",
            "train.overfit_windows=0",
            "data.path=@/text.txt")) {
      train.add("--set=" + setting);
    }
    kinds.add(new Kind("config.yaml", false, train));
    List<String> eval = List.of("eval", "--checkpoint=@/run", "--data=@/text.txt", "--tokens=64");
    for (String file : List.of("run/final/config.yaml", "run/final/model.safetensors")) {
      kinds.add(new Kind(file, false, eval));
    }
    kinds.add(new Kind("run/final/model.safetensors", false, List.of("inspect", "@/run/final")));
    for (String file :
        List.of(
            "run/final/state.json",
            "run/final/optimizer.safetensors",
            "run/final/config.yaml",
            "run/config.yaml",
            "run/metrics.jsonl",
            "run/best")) {
      kinds.add(new Kind(file, true, List.of("resume", "@/run", "--threads=1")));
    }
    kinds.add(
        new Kind("run/metrics.jsonl", true, List.of("resume", "@/run", "--set=train.steps=4")));
    for (String file : List.of("shard.bin", "text.zip", "text.txt")) {
      kinds.add(
          new Kind(
              file,
              false,
              List.of("eval", "--checkpoint=@/run", "--data=@/" + file, "--tokens=64")));
      if (!file.endsWith(".bin")) {
        kinds.add(new Kind(file, false, List.of("prepare", "--data=@/" + file, "--out=@/shards")));
      }
    }
    return kinds;
  }

  @Test
  void damagedFilesAreReadOrRefused() throws Exception {
    System.out.println("  seed " + SEED + ", " + CASES + " mutations");
    List<String> failures = new ArrayList<>();
    Map<String, Integer> codes = new TreeMap<>();
    double longest = 0;
    try (ExecutorService worker = Executors.newSingleThreadExecutor()) {
      for (int i = FIRST; i < FIRST + CASES; i++) {
        Kind kind = kinds.get(i % kinds.size());
        Path place = Files.createDirectory(temp.resolve("case"));
        long began = System.nanoTime();
        String problem = problem(worker, kind, i, place, codes);
        longest = Math.max(longest, (System.nanoTime() - began) / 1e9);
        if (problem != null) {
          failures.add("seed " + SEED + " case " + i + " " + kind + ": " + problem);
        }
        deleteAll(place);
        if ((i + 1) % 1000 == 0) {
          System.out.println("  case " + (i + 1) + ", " + failures.size() + " failures");
        }
      }
    }
    Figures.print("%d mutations: exit codes %s, the longest took %.1f s", CASES, codes, longest);
    assertThat(failures).isEmpty();
    OptionalLong peak = peakMebibytes();
    if (peak.isPresent()) { // Linux
      Figures.print("%d MiB of memory at most, the JVM's own included", peak.getAsLong());
      assertThat(peak.getAsLong()).isLessThan(MOST_MEBIBYTES);
    }
  }

  /** The most memory that this process ever had. */
  private static OptionalLong peakMebibytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return OptionalLong.empty();
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024)
        .findFirst();
  }

  /** What is wrong with how a command took a damaged file; null for nothing. */
  private static String problem(
      ExecutorService worker, Kind kind, int number, Path place, Map<String, Integer> codes)
      throws Exception {
    Mutator mutator = new Mutator(SEED * 1_000_003 + number);
    copy(good, place);
    Path file = place.resolve(kind.file());
    Path other = place.resolve(kinds.get(mutator.below(kinds.size())).file());
    byte[] original = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
    Files.write(
        file,
        mutator.mutate(original, Files.exists(other) ? Files.readAllBytes(other) : new byte[0]));
    Map<String, String> before = files(place);
    List<String> command =
        kind.command().stream().map(a -> a.replace("@", place.toString())).toList();
    Future<Outcome> running = worker.submit(() -> Muon.run(command));
    Outcome outcome;
    try {
      outcome = running.get(LONGEST_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      running.get(); // its files are being used
      return "took longer than " + LONGEST_SECONDS + " s";
    }
    codes.merge(kind.command().getFirst() + " " + outcome.code(), 1, Integer::sum);
    String told = wrongWords(outcome);
    return told != null ? told : harm(kind, before, files(place), outcome);
  }

  private static String wrongWords(Outcome outcome) {
    String err = outcome.err();
    if (outcome.code() == 0) {
      return err.contains("\tat ") ? "a stack trace: " + err : null;
    }
    if (outcome.code() != 2) {
      return "exit code " + outcome.code() + ": " + err;
    }
    boolean sentence =
        err.startsWith("muon: ")
            && err.strip().lines().count() == 1
            && !err.contains("Exception")
            && !err.contains("io.manifoldmuon");
    return sentence ? null : "not one sentence: " + err;
  }

  /** Which file that was there is not as it was. */
  private static String harm(
      Kind kind, Map<String, String> before, Map<String, String> after, Outcome outcome) {
    for (var entry : before.entrySet()) {
      String name = entry.getKey();
      boolean mayChange = kind.resumes() && outcome.code() == 0 && name.startsWith("run/");
      if (!mayChange && !entry.getValue().equals(after.get(name))) {
        return "changed " + name + " and said " + outcome.err();
      }
    }
    return null;
  }

  private static Map<String, String> files(Path place) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(place)) {
      for (Path p : walk.filter(Files::isRegularFile).toList()) {
        all.put(place.relativize(p).toString(), Files.readString(p, StandardCharsets.ISO_8859_1));
      }
    }
    return all;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> walk = Files.walk(from)) {
      for (Path p : walk.toList()) {
        Path target = to.resolve(from.relativize(p).toString());
        if (Files.isDirectory(p)) {
          Files.createDirectories(target);
        } else {
          Files.copy(p, target);
        }
      }
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path p : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(p);
      }
    }
  }
}
