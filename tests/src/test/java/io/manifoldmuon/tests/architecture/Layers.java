package io.manifoldmuon.tests.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Which package may know which, and which package owns which library. */
final class Layers {
  /** The packages {@code who} must not know the packages {@code whom}; both end in {@code ..} */
  private record Forbidden(String[] who, String[] whom, String because) {}

  /** Only the packages {@code owners} may know the library with the packages {@code library}. */
  private record Owned(String library, String... owners) {}

  private static final List<Forbidden> FORBIDDEN =
      List.of(
          forbidden(
              "linalg..", "optim..,model..,kernels..,emulator..", "linalg is the ground floor"),
          forbidden("optim..", "model..,kernels..,emulator..", "optim stands on linalg alone"),
          forbidden("kernels..", "optim..,model..", "an engine knows graphs, not who wrote them"),
          forbidden(
              "kernels..", "emulator..", "kernels know TornadoVM's API, not who stands behind it"),
          forbidden(
              "kernels..", "linalg.cpu..,linalg.reference..", "engines do not know each other"),
          forbidden(
              "kernels.device..",
              "kernels.host..,linalg..",
              "what a device compiles is plain code on arrays"),
          forbidden(
              "emulator..",
              "linalg..,optim..,model..,kernels..",
              "a stand-in for TornadoVM knows what TornadoVM knows"),
          forbidden("model..", "kernels..,emulator..", "engines are found by ServiceLoader"),
          forbidden(
              "optim..,model..",
              "linalg.reference..,linalg.cpu..",
              "engines are found by ServiceLoader, and none is special"),
          forbidden(
              "linalg.graph..",
              "linalg.engine..,linalg.reference..,linalg.cpu..",
              "a graph does not know who runs it"),
          forbidden(
              "linalg.engine..",
              "linalg.reference..,linalg.cpu..",
              "engines are found by ServiceLoader"),
          forbidden("linalg.reference..", "linalg.cpu..", "engines do not know each other"),
          forbidden("linalg.cpu..", "linalg.reference..", "engines do not know each other"),
          forbidden(
              "model.config..",
              "model.data..,model.format..,model.nn..,model.inspect..,model.train..,model.experiment..,"
                  + "model.cli..",
              "a configuration is plain values"),
          forbidden(
              "model.format..",
              "optim..,model.config..,model.data..,model.nn..,model.inspect..,model.train..,"
                  + "model.experiment..,model.cli..",
              "a file format knows tensors only"),
          forbidden(
              "model.data..",
              "optim..,model.nn..,model.inspect..,model.train..,model.experiment..,model.cli..",
              "data does not know who learns from it"),
          forbidden(
              "model.nn..",
              "model.data..,model.inspect..,model.train..,model.experiment..,model.cli..",
              "a network knows neither its data nor its trainer"),
          forbidden(
              "model.inspect..",
              "model.data..,model.train..,model.experiment..,model.cli..",
              "weights can be looked at without training them"),
          forbidden(
              "model.demo..",
              "model.config..,model.data..,model.format..,model.nn..,model.inspect..,model.train..,"
                  + "model.experiment..,model.cli..",
              "a demo shows the library, not the language model"),
          forbidden(
              "model.train..",
              "model.experiment..,model.cli..",
              "training needs neither a command line nor other trainings"),
          forbidden(
              "model.experiment..",
              "linalg.engine..,linalg.graph..,optim..,model.data..,model.nn..,model.inspect..,"
                  + "model.train..,model.demo..,model.cli..",
              "an experiment knows configurations and what runs leave, not what they compute"),
          forbidden(
              "model.report..",
              "linalg..,model.config..,model.data..,model.nn..,model.inspect..,model.train..,"
                  + "model.experiment..,model.cli..",
              "a report is made from a run's files alone"),
          forbidden(
              "linalg..,optim..,kernels..,emulator..,model..",
              "bench..",
              "what is timed does not know that it is"),
          forbidden(
              "bench..",
              "linalg.reference..,linalg.cpu..,kernels..,emulator..",
              "engines are found by ServiceLoader"));

  private static final List<Owned> OWNED =
      List.of(
          new Owned("org.ejml..", "linalg.reference.."),
          new Owned("org.apache.commons.numbers..", "linalg.reference.."),
          new Owned("org.apache.batik..", "model.report.."),
          new Owned("org.bytedeco..", "linalg.cpu.."),
          new Owned("jdk.incubator.vector..", "linalg.cpu.."),
          new Owned("uk.ac.manchester.tornado..", "kernels..", "emulator.."),
          new Owned("picocli..", "model.cli..", "bench.."),
          new Owned("org.yaml..", "model.config.."),
          new Owned("com.knuddels..", "model.data.."),
          new Owned("org.apache.commons.statistics..", "model.experiment.."),
          new Owned("com.fasterxml.jackson..", "model..", "bench.."),
          new Owned("org.openjdk.jmh..", "bench.."));

  private Layers() {}

  /** The rules for the packages below {@code root}. */
  static List<ArchRule> rules(String root) {
    List<ArchRule> rules = new ArrayList<>();
    for (Forbidden f : FORBIDDEN) {
      rules.add(
          noClasses()
              .that()
              .resideInAnyPackage(below(root, f.who))
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(below(root, f.whom))
              .because(f.because)
              .as(String.join(", ", f.who) + " knows none of " + String.join(", ", f.whom))
              .allowEmptyShould(true));
    }
    for (Owned o : OWNED) {
      rules.add(
          noClasses()
              .that()
              .resideOutsideOfPackages(below(root, o.owners))
              .should()
              .dependOnClassesThat()
              .resideInAPackage(o.library)
              .because("a library has one home")
              .as("only " + String.join(", ", o.owners) + " knows " + o.library));
    }
    rules.add(slices().matching(root + ".(**)").should().beFreeOfCycles());
    return rules;
  }

  private static Forbidden forbidden(String who, String whom, String because) {
    return new Forbidden(who.split(","), whom.split(","), because);
  }

  private static String[] below(String root, String[] packages) {
    return Arrays.stream(packages).map(p -> root + "." + p).toArray(String[]::new);
  }
}
