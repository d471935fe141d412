package io.manifoldmuon.emulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What compiles against the emulator links with TornadoVM: every public class and member of the
 * emulator's share of the API is in TornadoVM's too, with the same descriptor.
 */
class SameApiTest {
  /** What the emulator needs for itself, and kernels cannot use by accident. */
  private static final String OURS = "uk/ac/manchester/tornado/api/types/arrays/DeviceViews";

  private static final int LEAST_MEMBERS = 700;

  @Test
  void everyMemberIsInTornadoVmToo() throws IOException {
    String home = System.getenv("TORNADOVM_HOME");
    assumeTrue(home != null && !home.isEmpty(), "TORNADOVM_HOME is not set: there is no real API");
    Map<String, ClassModel> ours = ours();
    Map<String, ClassModel> theirs = theirs(Path.of(home, "share", "java", "tornado"));
    Set<String> wanted = new TreeSet<>();
    Set<String> missing = new TreeSet<>();
    for (String name : ours.keySet()) {
      if (ours.get(name).flags().has(AccessFlag.PUBLIC)) {
        Set<String> real = theirs.containsKey(name) ? members(theirs, name) : Set.of();
        Set<String> own = members(ours, name);
        wanted.addAll(own);
        own.stream().filter(m -> !real.contains(m)).forEach(missing::add);
      }
    }
    assertThat(wanted).hasSizeGreaterThan(LEAST_MEMBERS);
    assertThat(missing).isEmpty();
  }

  /**
   * The public members of a class and of what it inherits from, as {@code Class.name:descriptor}.
   */
  private static Set<String> members(Map<String, ClassModel> classes, String name) {
    Set<String> found = new TreeSet<>();
    collect(classes, name, name, found);
    return found;
  }

  private static void collect(
      Map<String, ClassModel> classes, String name, String owner, Set<String> found) {
    ClassModel model = classes.get(name);
    if (model == null) {
      return; // the JDK's
    }
    model.methods().stream()
        .filter(m -> m.flags().has(AccessFlag.PUBLIC) && !m.flags().has(AccessFlag.SYNTHETIC))
        .filter(m -> name.equals(owner) || !m.methodName().equalsString("<init>"))
        .forEach(
            m ->
                found.add(
                    owner
                        + "."
                        + m.methodName().stringValue()
                        + m.methodType().stringValue()
                        + (m.flags().has(AccessFlag.STATIC) ? " static" : "")));
    model.fields().stream()
        .filter(f -> f.flags().has(AccessFlag.PUBLIC) && !f.flags().has(AccessFlag.SYNTHETIC))
        .forEach(
            f ->
                found.add(
                    owner + "." + f.fieldName().stringValue() + ":" + f.fieldType().stringValue()));
    model.superclass().ifPresent(s -> collect(classes, s.asInternalName(), owner, found));
    model.interfaces().forEach(i -> collect(classes, i.asInternalName(), owner, found));
  }

  private static Map<String, ClassModel> ours() throws IOException {
    Map<String, ClassModel> classes = new HashMap<>();
    Path root = Path.of("target", "classes");
    try (Stream<Path> files = Files.walk(root.resolve("uk"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        add(classes, Files.readAllBytes(file));
      }
    }
    classes.remove(OURS);
    return classes;
  }

  private static Map<String, ClassModel> theirs(Path folder) throws IOException {
    Map<String, ClassModel> classes = new HashMap<>();
    Path jar;
    try (Stream<Path> files = Files.list(folder)) {
      jar =
          files
              .filter(f -> f.getFileName().toString().startsWith("tornado-api-"))
              .findFirst()
              .orElseThrow();
    }
    try (JarFile file = new JarFile(jar.toFile())) {
      for (JarEntry entry : file.stream().filter(e -> e.getName().endsWith(".class")).toList()) {
        add(classes, file.getInputStream(entry).readAllBytes());
      }
    }
    return classes;
  }

  private static void add(Map<String, ClassModel> classes, byte[] bytes) {
    ClassModel model = ClassFile.of().parse(bytes);
    classes.put(model.thisClass().asInternalName(), model);
  }
}
