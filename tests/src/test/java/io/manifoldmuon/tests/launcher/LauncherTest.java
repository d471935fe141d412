package io.manifoldmuon.tests.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.tests.launcher.FakeCheckout.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "muon is a POSIX shell script")
class LauncherTest {
  private FakeCheckout checkout;

  @BeforeEach
  void checkOut(@TempDir Path folder) throws Exception {
    checkout = new FakeCheckout(folder, Path.of("..", "muon"));
  }

  @Test
  void startsJavaWithFlagsClassPathAndArguments() throws Exception {
    checkout.jdk("jdks/jdk-25", "25.0.1");
    checkout.environment("MUON_JAVA_OPTS", "-Xmx7g -Da=*");
    Outcome run = checkout.muon("train", "--data", "two words", "");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out().getFirst()).endsWith("jdks/jdk-25/bin/java");
    assertThat(run.out())
        .containsSubsequence("--add-modules", "jdk.incubator.vector")
        .containsSubsequence("-Xmx2g", "-Xmx7g", "-Da=*", "-cp")
        .endsWith("io.manifoldmuon.model.cli.Main", "train", "--data", "two words", "");
    String classPath = run.out().get(run.out().indexOf("-cp") + 1);
    assertThat(classPath.split(":"))
        .extracting(entry -> Path.of(entry).getFileName().toString())
        .containsExactly("a.jar", "b.jar", "x-tornado-emulator-1.jar", "x.jar", "y.jar");
  }

  /** An archive is never written anew: one of few classes would stay. */
  @Test
  void aTrainingWritesTheArchiveOfClassesAndOthersReadIt() throws Exception {
    checkout.jdk("jdks/jdk-25", "25");
    assertThat(checkout.muon("--help").out()).noneMatch(a -> a.contains("Archive"));
    String written =
        checkout.muon("train").out().stream()
            .filter(a -> a.startsWith("-XX:SharedArchiveFile="))
            .findFirst()
            .orElseThrow();
    assertThat(checkout.muon("resume", "x").out())
        .contains("-XX:+AutoCreateSharedArchive", written);
    Path archive = Path.of(written.substring(written.indexOf('=') + 1));
    checkout.write(checkout.root().relativize(archive).toString(), "the training's classes");
    assertThat(checkout.muon("--help").out())
        .contains(written, "-Xlog:cds*=off") // nothing of it on the standard output
        .doesNotContain("-XX:+AutoCreateSharedArchive");
  }

  @Test
  void buildsAgainOnlyWhenContentsChange() throws Exception {
    checkout.jdk("jdks/jdk-25", "25");
    assertThat(checkout.muon().err()).contains("building");
    assertThat(checkout.muon().err()).isEmpty();
    assertThat(checkout.builds()).isEqualTo(1);

    Path source = checkout.root().resolve("model/src/main/java/A.java");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    checkout.write("model/src/main/java/.A.java.swp", "an editor's file");
    checkout.write("model/src/test/java/ATest.java", "class ATest {}");
    checkout.muon();
    assertThat(checkout.builds()).as("a new date, a hidden file, a test").isEqualTo(1);

    FileTime date = Files.getLastModifiedTime(source);
    Files.writeString(source, "class B {}");
    Files.setLastModifiedTime(source, date);
    checkout.muon();
    assertThat(checkout.builds()).as("new contents under the old date").isEqualTo(2);

    Files.writeString(source, "class A {}");
    checkout.muon();
    assertThat(checkout.builds()).as("the contents of the first build").isEqualTo(2);

    checkout.write("optim/pom.xml", "<project/>");
    checkout.muon();
    assertThat(checkout.builds()).as("a new module").isEqualTo(3);

    Files.delete(source);
    checkout.muon();
    assertThat(checkout.builds()).as("a file less").isEqualTo(4);
  }

  @Test
  void buildsAgainWhenALibraryIsGone() throws Exception {
    checkout.jdk("jdks/jdk-25", "25");
    checkout.muon();
    Path library = checkout.root().resolve("../libraries/y.jar");
    Files.delete(library);
    checkout.write("../on-build", ">\"$here/../libraries/y.jar\"");
    assertThat(checkout.muon().exitCode()).isZero();
    assertThat(checkout.builds()).isEqualTo(2);
  }

  @Test
  void showsTheLogOfAFailedBuildAndTriesAgain() throws Exception {
    checkout.jdk("jdks/jdk-25", "25");
    checkout.write("../on-build", "echo COMPILATION ERROR; exit 1");
    Outcome failed = checkout.muon();
    assertThat(failed.exitCode()).isEqualTo(1);
    assertThat(failed.err()).contains("COMPILATION ERROR", "build.log");
    assertThat(failed.out()).isEmpty();

    checkout.write("../on-build", "echo progress");
    Outcome mended = checkout.muon();
    assertThat(mended.exitCode()).isZero();
    assertThat(mended.err()).contains("building").doesNotContain("progress");
  }

  @Test
  void endsWhenABuildLeavesNoClassPath() throws Exception {
    checkout.jdk("jdks/jdk-25", "25");
    checkout.write("../on-build", "exit 0");
    Outcome run = checkout.muon();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("no usable class path");
    assertThat(checkout.builds()).isEqualTo(1);
  }

  @Test
  void buildsAgainWhenSourcesChangeMeanwhile() throws Exception {
    checkout.jdk("jdks/jdk-25", "25");
    checkout.write("../on-build", "echo 'class C {}' >model/src/main/java/C.java");
    Outcome run = checkout.muon();
    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).contains("changed during the build");
    assertThat(checkout.builds()).isEqualTo(2);
  }

  @Test
  void startsThroughALinkFromAnotherFolder() throws Exception {
    checkout.jdk("jdks/jdk-25", "25");
    Path elsewhere = Files.createDirectory(checkout.root().resolveSibling("elsewhere"));
    Path link = elsewhere.resolve("linked muon");
    Files.createSymbolicLink(link, checkout.root().resolve("muon"));
    Path second = elsewhere.resolve("m");
    Files.createSymbolicLink(second, link.getFileName());
    Outcome run = checkout.run(second, elsewhere, "x");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).endsWith("x");
    checkout.muon();
    assertThat(checkout.builds()).isEqualTo(1);
  }

  @Test
  void startsAtOnceBuildOnce() throws Exception {
    checkout.jdk("jdks/jdk-25", "25");
    checkout.write("../on-build", "sleep 2");
    try (var threads = Executors.newFixedThreadPool(2)) {
      Callable<Outcome> start = checkout::muon;
      Future<Outcome> one = threads.submit(start);
      Future<Outcome> two = threads.submit(start);
      assertThat(one.get().exitCode()).isZero();
      assertThat(two.get().exitCode()).isZero();
      assertThat(one.get().err() + two.get().err()).contains("waiting for another build");
    }
    assertThat(checkout.builds()).isEqualTo(1);
  }

  @Test
  void takesOverTheLockOfADeadProcess() throws Exception {
    checkout.jdk("jdks/jdk-25", "25");
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    Path state = Files.createDirectories(checkout.root().resolve("target/launcher"));
    Files.createSymbolicLink(state.resolve("lock"), Path.of(Long.toString(process.pid())));
    assertThat(checkout.muon().exitCode()).isZero();
    assertThat(state.resolve("lock").toFile()).as("the lock is given back").doesNotExist();
    assertThat(Files.isSymbolicLink(state.resolve("lock"))).isFalse();
  }

  @Test
  void endsWhenItCannotLock() throws Exception {
    checkout.jdk("jdks/jdk-25", "25");
    checkout.write("target/launcher/lock", "not a link");
    Outcome run = checkout.muon();
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("cannot make").contains("launcher/lock");
  }

  @Test
  void prefersJavaHomeThenThePathThenTheUsualPlaces() throws Exception {
    checkout.jdk("jdks/jdk-26", "26-ea");
    assertThat(checkout.muon().out().getFirst()).endsWith("jdks/jdk-26/bin/java");

    Path onPath = checkout.jdk("on path", "25.0.2");
    Files.createSymbolicLink(
        checkout.root().resolve("../bin/java").normalize(), onPath.resolve("bin/java"));
    assertThat(checkout.muon().out().getFirst()).endsWith("on path/bin/java");

    checkout.environment("JAVA_HOME", checkout.jdk("home", "25.0.3").toString());
    assertThat(checkout.muon().out().getFirst()).endsWith("home/bin/java");
    assertThat(checkout.lines("builds")).hasSize(3).last().asString().endsWith("home");

    checkout.environment("JAVA_HOME", checkout.jdk("old", "17.0.15").toString());
    assertThat(checkout.muon().out().getFirst()).endsWith("on path/bin/java");
  }

  @Test
  void saysWhichJdksItFoundTooOld() throws Exception {
    checkout.jdk("jdks/jdk-24", "24.0.2");
    checkout.environment("JAVA_HOME", checkout.jdk("old", "1.8.0_402").toString());
    Outcome run = checkout.muon();
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err())
        .contains("no JDK of version 25", "JAVA_HOME is version 1", "/jdks", "install one");
    assertThat(run.err().lines()).hasSize(1);
    assertThat(checkout.builds()).isZero();
  }

  @Test
  void saysThatMavenIsMissingOrOld() throws Exception {
    checkout.jdk("jdks/jdk-25", "25");
    checkout.write("../maven-version", "\u001b[1mApache Maven 3.6.3 (x)\u001b[m\n");
    Outcome old = checkout.muon();
    assertThat(old.exitCode()).isEqualTo(3);
    assertThat(old.err()).contains("Maven 3.8 or newer", "3.6.3");

    Files.delete(checkout.root().resolve("../bin/mvn"));
    Outcome none = checkout.muon();
    assertThat(none.exitCode()).isEqualTo(3);
    assertThat(none.err()).contains("Maven 3.8 or newer", "no mvn on the PATH");
  }

  @Test
  void theHelpOfTestIsOurs() throws Exception {
    checkout.jdk("jdks/jdk-25", "25");
    for (String help : new String[] {"--help", "-h"}) {
      assertThat(checkout.muon("test", help).out()).endsWith("test", "--help");
    }
    assertThat(checkout.lines("tests")).isEmpty();
  }

  @Test
  void testSumsUpTheReportsAndKeepsTheExitCode() throws Exception {
    checkout.jdk("jdks/jdk-25", "25");
    String suite =
        "<?xml version=\"1.0\"?>\n<testsuite name=\"S\" time=\"0.1\" %s>\n</testsuite>\n";
    checkout.write(
        "model/target/surefire-reports/TEST-Stale.xml",
        suite.formatted("tests=\"100\" errors=\"0\" skipped=\"0\" failures=\"100\""));
    checkout.write(
        "../on-test",
        "mkdir -p model/target/surefire-reports linalg/target/surefire-reports\n"
            + report(
                "linalg",
                "A",
                suite.formatted("tests=\"12\" errors=\"1\" skipped=\"2\" failures=\"3\""))
            + report(
                "model",
                "B",
                suite.formatted("tests=\"5\" errors=\"0\" skipped=\"1\" failures=\"0\""))
            + "printf '\\033[0m'; exit 7\n");
    Outcome run = checkout.muon("test", "-Dtest=X Y");
    assertThat(run.exitCode()).isEqualTo(7);
    assertThat(run.out()).endsWith("10 passed, 4 failed, 3 skipped");
    assertThat(checkout.lines("tests")).singleElement().asString().contains("jdk-25", "-Dtest=X Y");
  }

  private static String report(String module, String name, String text) {
    return "cat >"
        + module
        + "/target/surefire-reports/TEST-"
        + name
        + ".xml <<'X'\n"
        + text
        + "X\n";
  }
}
