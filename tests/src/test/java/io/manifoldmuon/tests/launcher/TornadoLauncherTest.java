package io.manifoldmuon.tests.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.manifoldmuon.tests.launcher.FakeCheckout.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code muon} does with an SDK of TornadoVM, and without. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "muon is a POSIX shell script")
class TornadoLauncherTest {
  private FakeCheckout checkout;

  @BeforeEach
  void checkOut(@TempDir Path folder) throws Exception {
    checkout = new FakeCheckout(folder, Path.of("..", "muon"));
    checkout.jdk("jdks/jdk-25", "25.0.1");
  }

  /** The lines of the argument file that Java was started with; none if it was started without. */
  private static List<String> arguments(Outcome run) throws Exception {
    assertThat(run.exitCode()).as(run.err()).isZero();
    for (String argument : run.out()) {
      if (argument.startsWith("@")) {
        return Files.readAllLines(Path.of(argument.substring(1)));
      }
    }
    return List.of();
  }

  private static List<String> classPath(Outcome run) {
    String entries = run.out().get(run.out().indexOf("-cp") + 1);
    return List.of(entries.split(":")).stream()
        .map(entry -> Path.of(entry).getFileName().toString())
        .toList();
  }

  @Test
  void startsTornadoVmWithItsModulesAndNoOthers() throws Exception {
    Path sdk = checkout.sdk("my sdk", "opencl");
    checkout.environment("TORNADOVM_HOME", sdk.toString());
    checkout.environment("MUON_TORNADO", "opencl-cpu");
    checkout.environment("MUON_JAVA_OPTS", "-Dtornado.device.memory=9GB");
    Outcome run = checkout.muon("train", "--engine", "tornado", "--device", "0:1");
    List<String> lines = arguments(run);
    assertThat(lines)
        .contains(
            "--add-modules=\"ALL-SYSTEM,tornado.runtime,tornado.annotation,tornado.drivers.common,"
                + "tornado.drivers.opencl\"",
            "--upgrade-module-path=\"" + sdk + "/share/java/graalJars\"",
            "-Djava.library.path=\"" + sdk + "/lib\"",
            "--add-reads=a=b",
            "--add-exports=c/d=opencl",
            "-XX:+EnableJVMCI",
            "-Dtornado.recover.bailout=False",
            "-Dtornado.device.memory=4GB")
        .noneMatch(line -> line.isBlank() || line.startsWith("#"));
    assertThat(lines)
        .filteredOn(line -> line.startsWith("--module-path="))
        .singleElement()
        .asString()
        .contains("tornado-api-", "tornado-drivers-opencl-", "asm-", "my sdk")
        .doesNotContain("ejml", "matrices");
    assertThat(classPath(run)).containsExactly("a.jar", "b.jar", "x.jar", "y.jar");
    assertThat(run.out())
        .endsWith(
            "io.manifoldmuon.model.cli.Main", "train", "--engine", "tornado", "--device", "0:1");
    int file = run.out().indexOf("@" + checkout.root() + "/target/launcher/tornado.arguments");
    assertThat(run.out().indexOf("-Dtornado.device.memory=9GB")).as("ours win").isGreaterThan(file);
    assertThat(run.out()).noneMatch(a -> a.contains("SharedArchive"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train --engine=tornado",
        "train --set engine.name=tornado",
        "train --set=engine.name=tornado --seed 3",
        "train --engine cpu --engine tornado",
        "devices"
      })
  void startsTornadoVmFor(String command) throws Exception {
    checkout.sdk(".sdkman/candidates/tornadovm/current", "opencl");
    assertThat(arguments(checkout.muon(command.split(" ")))).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train",
        "train --engine cpu",
        "train --engine emulator",
        "train --out tornado",
        "train --engine tornado --engine reference",
        "train --set model.preset=tornado"
      })
  void startsPlainJavaFor(String command) throws Exception {
    checkout.sdk(".sdkman/candidates/tornadovm/current", "opencl");
    Outcome run = checkout.muon(command.split(" "));
    assertThat(arguments(run)).isEmpty();
    assertThat(classPath(run)).contains("x-tornado-emulator-1.jar");
  }

  @Test
  void keepsTheSignalsOfTheJvm() throws Exception {
    checkout.sdk(".sdkman/candidates/tornadovm/current", "opencl");
    Path jdk = checkout.jdk("../jdk", "25").normalize(); // no blank in its path
    checkout.program("../../jdk/bin/java", "#!/bin/sh\necho \"preloaded $LD_PRELOAD\"\n");
    checkout.environment("JAVA_HOME", jdk.toString());
    assertThat(checkout.muon("devices").out()).containsExactly("preloaded ");
    checkout.write("../../jdk/lib/libjsig.so", "");
    assertThat(checkout.muon("devices").out())
        .containsExactly("preloaded " + jdk + "/lib/libjsig.so");
    assertThat(checkout.muon("train").out())
        .as("TornadoVM alone needs it")
        .containsExactly("preloaded ");
  }

  @Test
  void withCudaItPrefersCuda() throws Exception {
    checkout.sdk(".sdkman/candidates/tornadovm/current", "opencl", "cuda");
    assertThat(arguments(checkout.muon("devices")))
        .contains("-Dtornado.cuda.priority=20", "--add-exports=c/d=cuda")
        .anyMatch(line -> line.contains("tornado.drivers.opencl,tornado.drivers.cuda"));
  }

  @Test
  void saysInTwoLinesHowToGetAnSdk() throws Exception {
    Outcome none = checkout.muon("train", "--engine", "tornado");
    assertThat(none.exitCode()).isEqualTo(3);
    assertThat(none.err().lines()).hasSize(2);
    assertThat(none.err())
        .contains(
            "SDK",
            ".sdkman/candidates/tornadovm/current",
            "sdk install tornadovm",
            "TORNADOVM_HOME");
    assertThat(none.out()).isEmpty();
    assertThat(checkout.builds()).as("nothing is built in vain").isZero();

    checkout.environment("TORNADOVM_HOME", "/no such folder");
    Outcome wrong = checkout.muon("train", "--engine", "tornado");
    assertThat(wrong.exitCode()).isEqualTo(3);
    assertThat(wrong.err()).contains("/no such folder");
    assertThat(checkout.muon("devices").exitCode()).as("devices go without").isZero();
  }

  @Test
  void refusesAnSdkThatIsNotWhole() throws Exception {
    Path sdk = checkout.sdk("sdk", "opencl");
    checkout.environment("TORNADOVM_HOME", sdk.toString());
    checkout.environment("MUON_TORNADO", "opencl");
    Outcome settings = checkout.muon("train", "--engine", "tornado");
    assertThat(settings.exitCode()).isEqualTo(3);
    assertThat(settings.err()).contains("MUON_TORNADO is opencl", "opencl-cpu");

    checkout.environment("MUON_TORNADO", "opencl-cpu");
    Files.delete(sdk.resolve("share/java/tornado/snmp4j-1.0.jar"));
    Outcome jar = checkout.muon("train", "--engine", "tornado");
    assertThat(jar.exitCode()).isEqualTo(3);
    assertThat(jar.err()).contains("snmp4j");
  }

  @Test
  void refusesAJdkThatTheSdkIsNotFor() throws Exception {
    checkout.sdk(".sdkman/candidates/tornadovm/current", "opencl");
    checkout.environment("JAVA_HOME", checkout.jdk("newer", "26").toString());
    Outcome run = checkout.muon("train", "--engine", "tornado");
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("runs on JDK 25", "newer is version 26", "JAVA_HOME");
    assertThat(arguments(checkout.muon("devices"))).as("devices go without").isEmpty();
  }

  @Test
  void testsUseTornadoVmWhereMavenHasItsApi() throws Exception {
    Path sdk = checkout.sdk(".sdkman/candidates/tornadovm/current", "opencl");
    Outcome without = checkout.muon("test");
    assertThat(without.exitCode()).isZero();
    assertThat(without.err()).contains("cannot get its API");
    assertThat(checkout.lines("tests").getLast())
        .doesNotContain(sdk.toString(), "tornado.arguments");

    checkout.write("../on-get", "exit 0");
    assertThat(checkout.muon("test", "-q").err()).contains("tests run on TornadoVM");
    assertThat(checkout.lines("tests").getLast())
        .contains(sdk.toString(), "-Dtornado.arguments=" + checkout.root(), "-q");

    checkout.environment("MUON_TORNADO", "none");
    assertThat(checkout.muon("test").err()).isEmpty();
    assertThat(checkout.lines("tests").getLast()).doesNotContain(sdk.toString());
  }

  @Test
  void runsAProgramOfTheUser() throws Exception {
    checkout.sdk(".sdkman/candidates/tornadovm/current", "opencl");
    Outcome plain = checkout.muon("java", "some/Own.java", "a", "b");
    assertThat(arguments(plain)).isEmpty();
    assertThat(classPath(plain)).startsWith("own").contains("x-tornado-emulator-1.jar");
    assertThat(plain.out()).endsWith("Own", "a", "b").doesNotContain("java");
    Outcome tornado = checkout.muon("java", "--engine", "tornado", "Own.java", "--engine");
    assertThat(arguments(tornado)).isNotEmpty();
    assertThat(tornado.out().subList(tornado.out().indexOf("-cp") + 2, tornado.out().size()))
        .containsExactly("Own", "--engine");
    checkout.program("../jdks/jdk-25/bin/javac", "#!/bin/sh\necho \"$@\"\n");
    assertThat(checkout.muon("java", "--engine", "tornado", "Own.java").out().getFirst())
        .as("it is compiled against TornadoVM's API")
        .contains("share/java/tornado/tornado-api-5.2.0-jdk25.jar:");
    checkout.program("../jdks/jdk-25/bin/javac", "#!/bin/sh\nexit 1\n");
    assertThat(checkout.muon("java", "Own.java").exitCode()).as("it does not compile").isEqualTo(2);
  }
}
