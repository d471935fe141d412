package io.manifoldmuon.tests.architecture;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rules of the house hold for all classes of the project; and each of them is broken by the
 * classes below {@code io.manifoldmuon.tests.fixture}, which shows that it can fail.
 */
class ArchitectureTest {
  private static final String ROOT = "io.manifoldmuon";
  private static final String BROKEN_HOUSE = "io.manifoldmuon.tests.fixture";

  /**
   * How many top-level classes a package has at least: far fewer mean that the scan missed them.
   * Raise the numbers as the code grows.
   */
  private static final Map<String, Integer> LEAST =
      Map.ofEntries(
          entry("bench", 8),
          entry("emulator", 2),
          entry("emulator.graph", 4),
          entry("emulator.kernel", 5),
          entry("emulator.memory", 6),
          entry("emulator.plan", 5),
          entry("emulator.run", 5),
          entry("linalg", 8),
          entry("linalg.cpu", 15),
          entry("linalg.engine", 5),
          entry("linalg.graph", 10),
          entry("linalg.reference", 8),
          entry("model.cli", 15),
          entry("model.config", 15),
          entry("model.data", 25),
          entry("model.demo", 4),
          entry("model.experiment", 20),
          entry("model.format", 6),
          entry("model.inspect", 5),
          entry("model.nn", 10),
          entry("model.report", 15),
          entry("model.train", 20),
          entry("optim", 8));

  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  private static final JavaClasses BROKEN = new ClassFileImporter().importPackages(BROKEN_HOUSE);

  static Stream<ArchRule> rules() {
    return rulesBelow(ROOT);
  }

  static Stream<ArchRule> rulesOfTheBrokenHouse() {
    return rulesBelow(BROKEN_HOUSE);
  }

  private static Stream<ArchRule> rulesBelow(String root) {
    return Stream.of(Layers.rules(root), HouseRules.rules(root), KernelRules.rules(root))
        .flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("rules")
  void holds(ArchRule rule) {
    rule.check(HOUSE);
  }

  @ParameterizedTest
  @MethodSource("rulesOfTheBrokenHouse")
  void canFail(ArchRule rule) {
    assertThat(rule.evaluate(BROKEN).hasViolation()).as(rule.getDescription()).isTrue();
  }

  @Test
  void sawTheWholeHouse() {
    Map<String, Long> counts =
        HOUSE.stream()
            .filter(JavaClass::isTopLevelClass)
            .collect(Collectors.groupingBy(JavaClass::getPackageName, Collectors.counting()));
    Map<String, String> missed = new TreeMap<>();
    LEAST.forEach(
        (name, least) -> {
          long count = counts.getOrDefault(ROOT + "." + name, 0L);
          if (count < least) {
            missed.put(name, count + " classes seen, at least " + least + " expected");
          }
        });
    assertThat(missed).isEmpty();
    assertThat(counts.keySet()).noneMatch(name -> name.startsWith(ROOT + ".tests"));
  }
}
