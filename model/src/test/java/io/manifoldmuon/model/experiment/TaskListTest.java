package io.manifoldmuon.model.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskListTest {
  @TempDir Path temp;

  private final Plan plan = Sample.plan();
  private final TaskList list =
      new TaskList(
          plan,
          List.of("./muon", "experiment", "run", "sample.yaml", "--data", "it's text.txt"),
          "my sweep");

  @Test
  void everyTaskIsACommandWithAFolderOfItsOwn() {
    List<String> tuning = list.commands(Phase.TUNING).lines().toList();
    assertThat(tuning).hasSize(9).doesNotHaveDuplicates();
    assertThat(tuning.getFirst())
        .isEqualTo(
            "./muon experiment run sample.yaml --data 'it'\\''s text.txt' --out"
                + " 'my sweep/tuning-adamw-lr1e-3-seed1001' --only tuning-adamw-lr1e-3-seed1001");
    assertThat(list.commands(Phase.MAIN).lines())
        .hasSize(9)
        .allMatch(l -> l.endsWith("--tuned-in 'my sweep'"));
    assertThat(list.names(Phase.MAIN).lines()).contains("main-spheres-seed3").hasSize(9);
  }

  /** Runs the script where {@code ./muon} and {@code sbatch} write down how they were called. */
  private List<String> calls(String... arguments) throws Exception {
    Path calls = temp.resolve("calls");
    Files.deleteIfExists(calls);
    Files.writeString(temp.resolve("sweep.sh"), list.slurm(4));
    for (String program : List.of("muon", "sbatch")) {
      Path file = temp.resolve(program);
      Files.writeString(
          file, "#!/bin/sh\nfor a in \"$@\"; do echo \"$a\" >>calls; done\necho '77;cluster'\n");
      assertThat(file.toFile().setExecutable(true)).isTrue();
    }
    var words = new java.util.ArrayList<String>(List.of("/bin/sh", "sweep.sh"));
    words.addAll(List.of(arguments).subList(1, arguments.length));
    var builder = new ProcessBuilder(words).directory(temp.toFile()).redirectErrorStream(true);
    builder.redirectOutput(temp.resolve("out").toFile());
    builder.environment().put("PATH", temp + ":" + System.getenv("PATH"));
    builder.environment().remove("SLURM_ARRAY_TASK_ID");
    if (!arguments[0].isEmpty()) {
      builder.environment().put("SLURM_ARRAY_TASK_ID", arguments[0]);
    }
    Process process = builder.start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(temp.resolve("out"))).isZero();
    return Files.readAllLines(calls);
  }

  @Test
  void theSlurmScriptSubmitsItselfInTwoArrays() throws Exception {
    org.junit.jupiter.api.Assumptions.assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no sh");
    assertThat(calls(""))
        .containsExactly(
            "--parsable",
            "--array=1-9",
            "sweep.sh",
            "tuning",
            "--array=1-9",
            "--dependency=afterok:77",
            "sweep.sh",
            "main");
    assertThat(calls("9", "main"))
        .containsExactly(
            "experiment",
            "run",
            "sample.yaml",
            "--data",
            "it's text.txt",
            "--out",
            "my sweep/main-spheres-seed3",
            "--only",
            "main-spheres-seed3",
            "--tuned-in",
            "my sweep");
    assertThat(list.slurm(4))
        .startsWith("#!/bin/sh\n#SBATCH --job-name=sample\n")
        .contains("--cpus-per-task=4")
        .contains("# When all is done: " + list.report() + "\n");
    assertThat(list.report()) // not below the folder, where it would be read the next time
        .isEqualTo("./muon experiment report 'my sweep' --out 'my sweep-results'");
  }
}
