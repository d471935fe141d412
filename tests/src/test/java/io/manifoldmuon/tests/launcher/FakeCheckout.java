package io.manifoldmuon.tests.launcher;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A checkout with the real {@code muon} script, a few sources, a stand-in for {@code mvn} that
 * counts its builds, and JDKs whose {@code java} prints its arguments, one a line.
 *
 * <p>Its {@code PATH} holds the stand-ins and the tools that the script needs, nothing else. All
 * folders have a blank in their names.
 */
final class FakeCheckout {
  private static final List<String> TOOLS =
      List.of(
          "awk",
          "cat",
          "cksum",
          "dirname",
          "find",
          "ln",
          "mkdir",
          "mv",
          "readlink",
          "rm",
          "rmdir",
          "sed",
          "sh",
          "sleep",
          "sort",
          "tr");

  private static final String MAVEN =
      """
      #!/bin/sh
      set -e
      here=$(dirname "$0")
      for argument in "$@"; do
        case $argument in
          --version) cat "$here/../maven-version"; exit 0 ;;
          -Dlauncher.folder=*) folder=${argument#*=} ;;
          dependency:get) . "$here/../on-get"; exit ;;
          verify) echo "$JAVA_HOME ${TORNADOVM_HOME-} $*" >>"$here/../tests"; . "$here/../on-test"; exit ;;
        esac
      done
      echo "$JAVA_HOME" >>"$here/../builds"
      . "$here/../on-build"
      : >"$folder/b.jar"
      : >"$folder/a.jar"
      : >"$folder/x-tornado-emulator-1.jar"
      printf %s "$here/../libraries/x.jar:$here/../libraries/y.jar" >"$folder/libraries"
      """;

  private static final String JAVA =
      """
      #!/bin/sh
      printf '%s\\n' "java of $0" "$@"
      """;

  /** What a start printed and how it ended. */
  record Outcome(int exitCode, List<String> out, String err) {}

  private final Path base;
  private final Path root;
  private final Map<String, String> environment = new HashMap<>();

  FakeCheckout(Path folder, Path script) throws IOException {
    base = Files.createDirectory(folder.resolve("a folder"));
    root = Files.createDirectory(base.resolve("the checkout"));
    Files.copy(script, root.resolve("muon"));
    Path configuration = Files.createDirectory(root.resolve("tornado-config"));
    try (var files = Files.list(script.resolveSibling("tornado-config"))) {
      for (Path file : files.toList()) {
        Files.copy(file, configuration.resolve(file.getFileName()));
      }
    }
    Files.setPosixFilePermissions(
        root.resolve("muon"), PosixFilePermissions.fromString("rwxr-xr-x"));
    write("pom.xml", "<project/>");
    write("model/pom.xml", "<project/>");
    write("model/src/main/java/A.java", "class A {}");
    write(".mvn/jvm.config", "");
    write("../maven-version", "Apache Maven 3.8.7\n");
    write("../on-build", "");
    write("../on-test", "");
    write("../on-get", "exit 1");
    write("../libraries/x.jar", "");
    write("../libraries/y.jar", "");
    Path bin = Files.createDirectory(base.resolve("bin"));
    for (String tool : TOOLS) {
      program("../bin/" + tool, "#!/bin/sh\nexec '" + find(tool) + "' \"$@\"\n");
    }
    program("../bin/mvn", MAVEN);
    environment.put("PATH", bin.toString());
    environment.put("HOME", base.toString());
    environment.put("MUON_JDK_DIRS", base.resolve("jdks").toString());
  }

  /** The folder of the checkout. */
  Path root() {
    return root;
  }

  /** Writes a file; {@code path} is relative to the checkout. */
  void write(String path, String text) throws IOException {
    Path file = root.resolve(path).normalize();
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** Writes an executable file. */
  void program(String path, String text) throws IOException {
    write(path, text);
    Files.setPosixFilePermissions(
        root.resolve(path).normalize(), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Installs a JDK of the given version in a folder beside the checkout. */
  Path jdk(String folder, String version) throws IOException {
    program("../" + folder + "/bin/java", JAVA);
    program("../" + folder + "/bin/javac", "#!/bin/sh\n");
    write("../" + folder + "/release", "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
    return base.resolve(folder);
  }

  /** Lays out an SDK of TornadoVM with the given backends in a folder beside the checkout. */
  Path sdk(String folder, String... backends) throws IOException {
    String modules = "../" + folder + "/share/java/tornado/";
    List<String> names = new ArrayList<>();
    for (String part : List.of("api", "runtime", "annotation", "drivers-common", "matrices")) {
      write(modules + "tornado-" + part + "-5.2.0-jdk25.jar", "");
    }
    for (String library : List.of("asm", "commons-math3", "snmp4j", "log4j-api", "nativeimage")) {
      write(modules + library + "-1.0.jar", "");
    }
    write(modules + "ejml-core-0.38.jar", "");
    write("../" + folder + "/etc/exportLists/common-exports", "# a remark\n\n--add-reads=a=b\n");
    for (String backend : backends) {
      names.add(backend + "-backend");
      write(modules + "tornado-drivers-" + backend + "-5.2.0-jdk25.jar", "");
      String list = "../" + folder + "/etc/exportLists/" + backend + "-exports";
      write(list, "--add-exports=c/d=" + backend + "\n");
    }
    write("../" + folder + "/etc/tornado.backend", "tornado.backends=" + String.join(",", names));
    return base.resolve(folder);
  }

  /** Sets an environment variable of the starts to come. */
  void environment(String name, String value) {
    environment.put(name, value);
  }

  /** How many builds the stand-in for Maven was asked for. */
  int builds() throws IOException {
    return lines("builds").size();
  }

  /** The lines of a file beside the checkout, none where there is no such file. */
  List<String> lines(String name) throws IOException {
    Path file = base.resolve(name);
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  /** Runs {@code ./muon} with the given arguments. */
  Outcome muon(String... arguments) throws Exception {
    return run(root.resolve("muon"), root, arguments);
  }

  /** Runs a link to the launcher, or the launcher itself, in any folder. */
  Outcome run(Path launcher, Path workingFolder, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).directory(workingFolder.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    CompletableFuture<String> err =
        CompletableFuture.supplyAsync(() -> text(process.getErrorStream()));
    String out = text(process.getInputStream());
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("muon did not end within a minute; it printed " + out);
    }
    return new Outcome(process.exitValue(), out.lines().toList(), err.get());
  }

  private static String text(java.io.InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path find(String tool) {
    for (String folder : System.getenv("PATH").split(":")) {
      Path file = Path.of(folder, tool);
      if (Files.isExecutable(file)) {
        return file;
      }
    }
    throw new IllegalStateException("there is no " + tool + " on the PATH");
  }
}
