package io.manifoldmuon.model.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.RunConfig;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine of experiments, with a shell script in the place of training. */
class ExperimentTest {
  /** Trains in no time; what goes wrong with which run is in files named by it. */
  private static final String TRAIN =
      """
      case $1 in
        resume) dir=$2; echo resumed >>"$dir/resumed" ;;
        train) dir=$5; mkdir -p "$dir"; cp "$3" "$dir/config.yaml" ;;
      esac
      name=${dir##*/}
      echo "training $name"
      if [ -f "ends-$name" ]; then
        read -r code <"ends-$name"
        echo '{"step":1,"train_loss":5}' >"$dir/metrics.jsonl"
        echo "muon: it went wrong"
        exit "$code"
      fi
      while [ -f "waits-$name" ]; do touch "began-$name"; sleep 0.05; done
      echo '{"step":50,"tokens":6400,"val_loss":2.5,"total_seconds":1}' >"$dir/metrics.jsonl"
      mkdir -p "$dir/final" "$dir/checkpoint-5"
      echo weights >"$dir/final/model.safetensors"
      echo weights >"$dir/checkpoint-5/model.safetensors"
      echo '{"data":"text"}' >"$dir/final/state.json"
      """;

  @TempDir Path temp;

  private final List<String> begun = new ArrayList<>();
  private final List<String> over = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final List<String> opened = new ArrayList<>();
  private String text = "text";
  private Path folder;

  @BeforeEach
  void script() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no sh");
    Files.writeString(temp.resolve("train.sh"), TRAIN);
    folder = temp.resolve("experiment");
  }

  private List<String> launch(List<String> arguments) {
    List<String> words =
        new ArrayList<>(List.of("/bin/sh", "-c", "cd '" + temp + "' && . ./train.sh", "sh"));
    words.addAll(arguments);
    return words;
  }

  private final class Ear implements Progress {
    @Override
    public void begun(Task task) {
      begun.add(task.folder());
    }

    @Override
    public void over(Task task, int count, int wanted, double loss, double seconds) {
      over.add(task.folder() + " " + loss);
    }

    @Override
    public void failed(Task task, String why) {
      failures.add(task.id() + ": " + why);
    }

    @Override
    public void notice(String text) {
      failures.add(text);
    }
  }

  private Experiment.Ended run(List<String> only, List<Path> tunedIn, StopAsked stop)
      throws InterruptedException {
    begun.clear();
    over.clear();
    failures.clear();
    var options = new Experiment.Options("t.txt", "cpu", null, 2, 2, only, tunedIn, false);
    return new Experiment(Sample.plan(), folder, options, this::launch, this::hash, new Ear(), stop)
        .run();
  }

  private String hash(RunConfig config) {
    opened.add(config.data().path());
    return text;
  }

  private Experiment.Ended run() throws InterruptedException {
    return run(List.of(), List.of(), () -> false);
  }

  @Test
  void tuningComesFirstAndChoosesAndASecondStartHasNothingToDo() throws Exception {
    Experiment.Ended end = run();
    assertThat(end.failed()).isZero();
    assertThat(over).hasSize(18);
    assertThat(begun.subList(0, 9)).allMatch(n -> n.startsWith("tuning-"));
    assertThat(begun.subList(9, 18))
        .allMatch(n -> n.startsWith("main-"))
        .contains("main-muon-lr0.01-seed1"); // all are equal, so the first is taken
    Path run = folder.resolve("runs/main-muon-lr0.01-seed1");
    assertThat(run.resolve("final/model.safetensors")).doesNotExist();
    assertThat(run.resolve("checkpoint-5")).doesNotExist();
    assertThat(run.resolve("final/state.json")).exists();
    assertThat(Files.readString(folder.resolve("configs/main-muon-lr0.01-seed1.yaml")))
        .contains("threads: 1", "path: t.txt", "lr: 0.01");
    String results = Files.readString(folder.resolve("results.md"));
    assertThat(run().report().over()).isEqualTo(18);
    assertThat(begun).isEmpty();
    assertThat(folder.resolve("results.md")).hasContent(results);
  }

  @Test
  void aRunThatDivergesIsAResultAndOneThatFailsIsTriedAgain() throws Exception {
    Files.writeString(temp.resolve("ends-tuning-muon-lr0.02-seed1001"), "4");
    Files.writeString(temp.resolve("ends-main-adamw-lr1e-3-seed2"), "1");
    Experiment.Ended end = run();
    assertThat(end.failed()).isEqualTo(1);
    assertThat(over).hasSize(17).contains("tuning-muon-lr0.02-seed1001 NaN");
    assertThat(failures)
        .containsExactly(
            "main-adamw-seed2: exit code 1, muon: it went wrong (see "
                + folder.resolve("logs/main-adamw-lr1e-3-seed2.log")
                + ")");
    assertThat(end.report().sentences().getFirst())
        .contains("PARTIAL: 1 of 18 runs are missing: main-adamw-seed2");
    Files.delete(temp.resolve("ends-main-adamw-lr1e-3-seed2"));
    assertThat(run().failed()).isZero();
    assertThat(over).containsExactly("main-adamw-lr1e-3-seed2 2.5");
    assertThat(folder.resolve("runs/main-adamw-lr1e-3-seed2/resumed")).exists();
  }

  @Test
  void nothingMoreIsTriedWhenTheFirstRunsFail() throws Exception {
    for (Task task : Sample.plan().tuning()) {
      Files.writeString(temp.resolve("ends-" + task.folder()), "2");
    }
    Experiment.Ended end = run();
    assertThat(end.failed()).isBetween(3, 4); // one more may run beside the third
    assertThat(begun.size()).isLessThan(9);
    assertThat(failures).anyMatch(f -> f.contains("so the others are not tried"));
  }

  @Test
  void tasksRunApartAndTheirTuningIsFound() throws Exception {
    folder = temp.resolve("sweep/first");
    run(
        List.of("tuning-muon-lr0.01-seed1001", "tuning-muon-lr0.02-seed1001"),
        List.of(),
        () -> false);
    assertThat(over).hasSize(2);
    folder = temp.resolve("sweep/second");
    assertThat(
            run(List.of("main-muon-seed3"), List.of(temp.resolve("sweep")), () -> false).failed())
        .isEqualTo(1);
    assertThat(failures.getFirst()).contains("not chosen yet, 7 tuning runs are missing");
    folder = temp.resolve("sweep/third");
    run(List.of("tuning-muon-lr0.04-seed1001"), List.of(), () -> false);
    folder = temp.resolve("sweep/second");
    assertThat(
            run(List.of("main-muon-seed3"), List.of(temp.resolve("sweep")), () -> false).failed())
        .isZero();
    assertThat(over).containsExactly("main-muon-lr0.01-seed3 2.5");
    assertThatThrownBy(() -> run(List.of("main-moun-seed3"), List.of(), () -> false))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("did you mean main-muon-seed3?");
  }

  @Test
  void aRequestToStopEndsTheRunsAndKeepsWhatIsOver() throws Exception {
    String name = "tuning-adamw-lr1e-2-seed1001";
    Files.createFile(temp.resolve("waits-" + name));
    Experiment.Ended end =
        run(List.of(), List.of(), () -> Files.exists(temp.resolve("began-" + name)));
    assertThat(end.stopped()).isTrue();
    assertThat(end.failed()).isZero();
    assertThat(begun.size()).isLessThan(18);
    Files.delete(temp.resolve("waits-" + name));
    Files.delete(temp.resolve("began-" + name));
    assertThat(run().report().over()).isEqualTo(18);
    assertThat(folder.resolve("runs/" + name + "/resumed")).exists();
  }

  @Test
  void aRunThatWasTrainedAndNotRecordedIsNotTrainedAgain() throws Exception {
    run(List.of("tuning-muon-lr0.01-seed1001"), List.of(), () -> false);
    Path run = folder.resolve("runs/tuning-muon-lr0.01-seed1001");
    Files.delete(run.resolve("outcome.json"));
    run(List.of("tuning-muon-lr0.01-seed1001"), List.of(), () -> false);
    assertThat(run.resolve("outcome.json")).exists();
    assertThat(run.resolve("resumed")).doesNotExist();
  }

  @Test
  void anotherTextIsRefusedBeforeAnythingIsTrained() throws Exception {
    run();
    assertThat(opened).isEmpty(); // a new folder has nothing to compare with
    Files.delete(folder.resolve("runs/main-adamw-lr1e-3-seed2/outcome.json"));
    Files.delete(folder.resolve("runs/main-adamw-lr1e-3-seed2/final/state.json"));
    String results = Files.readString(folder.resolve("results.md"));
    text = "other";
    assertThatThrownBy(this::run)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("main-adamw-lr1e-3-seed1 saw another text, with the hash text;")
        .hasMessageContaining("that of t.txt is other");
    assertThat(begun).isEmpty();
    assertThat(folder.resolve("results.md")).hasContent(results);
    text = "text";
    opened.clear();
    assertThat(run().failed()).isZero();
    assertThat(over).containsExactly("main-adamw-lr1e-3-seed2 2.5");
    assertThat(opened).containsExactly("t.txt"); // once for all runs
    text = "other";
    assertThatThrownBy(this::run).hasMessageContaining("saw another text"); // nothing to train
    folder = temp.resolve("apart");
    List<Path> tuned = List.of(temp.resolve("experiment"));
    assertThatThrownBy(() -> run(List.of("main-muon-seed3"), tuned, () -> false))
        .hasMessageContaining("saw another text");
  }

  @Test
  void anotherExperimentOrProcessHasItsFolder() throws Exception {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("notes.txt"), "mine");
    assertThatThrownBy(this::run).hasMessageContaining("is not empty and holds no experiment");
    Files.delete(folder.resolve("notes.txt"));
    run(List.of("tuning-muon-lr0.01-seed1001"), List.of(), () -> false);
    Path definition = folder.resolve("experiment.yaml");
    String yaml = Files.readString(definition);
    Files.writeString(definition, yaml.replace("steps: 50", "steps: 51"));
    assertThatThrownBy(this::run).hasMessageContaining("holds another experiment");
    Files.writeString(definition, yaml);
    try (FileChannel channel =
        FileChannel.open(folder.resolve(".experiment.lock"), StandardOpenOption.WRITE)) {
      assertThat(channel.tryLock()).isNotNull();
      assertThatThrownBy(this::run).hasMessageContaining("another process runs the experiment");
    }
  }
}
