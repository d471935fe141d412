package io.manifoldmuon.model.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.YamlSection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

class DefinitionTest {
  static final List<String> BUILTINS = Builtins.NAMES;

  @ParameterizedTest
  @FieldSource("BUILTINS")
  void builtinsAreFairAndReadBackAsTheyAreWritten(String name) {
    Definition definition = Builtins.find(name);
    Plan plan = new Plan(definition);
    assertThat(definition.name()).isEqualTo(name);
    assertThat(definition.question()).isNotBlank();
    assertThat(plan.unequalTuning()).isEmpty();
    assertThat(plan.tokens()).isPositive();
    List<Task> all = new ArrayList<>(plan.tuning());
    all.addAll(plan.main());
    assertThat(all.stream().map(Task::id)).doesNotHaveDuplicates().hasSizeGreaterThan(2);
    String written = YamlSection.write(definition.tree());
    Definition again = DefinitionReader.read(YamlSection.parse(written, "again.yaml"));
    assertThat(YamlSection.write(again.tree())).isEqualTo(written);
    Plan second = new Plan(again);
    assertThat(second.main().stream().map(second::identity))
        .containsExactlyElementsOf(plan.main().stream().map(plan::identity).toList());
  }

  /** Otherwise the same folder gives other files each time. */
  @Test
  void aDefinitionIsWrittenInOneOrder() {
    assertThat(YamlSection.write(Builtins.find("transfer").tree()))
        .containsPattern("choice_of:\n +arm: adamw\n +case: small\n");
  }

  @Test
  void shakespeareSeesAsManyTokensAsNanoGptsExample() {
    Plan plan = new Plan(Builtins.find("shakespeare"));
    for (Task task : plan.main()) {
      var config = plan.config(task);
      assertThat(config.tokensPerStep() * config.train().steps()).isEqualTo(12 * 64 * 2000);
    }
    assertThat(plan.definition().seeds()).hasSize(5);
  }

  @Test
  void theOneInTheDocumentIsRight() throws java.io.IOException {
    String document = Files.readString(Path.of("..", "docs", "experiments.md"));
    int begin = document.indexOf("```yaml\n") + 8;
    Plan plan = new Plan(Sample.read(document.substring(begin, document.indexOf("```", begin))));
    assertThat(plan.tuning()).hasSize(12); // two arms in two cases; the third has another's choice
    assertThat(plan.main()).hasSize(25);
    Task last = plan.main().getLast();
    assertThat(last.id()).isEqualTo("main-wide-transferred-seed5");
    assertThat(plan.config(last).train().steps()).isEqualTo(800);
  }

  @Test
  void everyRunHasItsSettings() {
    Plan plan = Sample.plan();
    assertThat(plan.tuning()).hasSize(9);
    assertThat(plan.main()).hasSize(9);
    Task last = plan.tuning().getLast();
    assertThat(last.id()).isEqualTo("tuning-spheres-base_lr0.04-seed1001");
    var config = plan.config(last);
    assertThat(config.train().seed()).isEqualTo(1001);
    assertThat(config.train().steps()).isEqualTo(50);
    assertThat(config.train().evalEvery()).isEqualTo(5);
    assertThat(config.optimizer().stiefelMuon().baseLr()).isEqualTo(0.04);
    assertThat(config.optimizer().hypersphereMuon().baseLr()).isEqualTo(0.04);
    assertThat(config.model().dModel()).isEqualTo(32);
    assertThat(plan.main().getFirst().id()).isEqualTo("main-adamw-seed1");
  }

  @Test
  void settingsOfTheCommandLineAreBelowThoseOfArms() {
    Definition changed =
        Sample.definition()
            .with(List.of("train.steps=7", "model.n_layers=2", "budget.tuning_seeds=2"));
    Plan plan = new Plan(changed);
    var config = plan.config(plan.main().getFirst());
    assertThat(config.train().steps()).isEqualTo(7);
    assertThat(config.model().nLayers()).isEqualTo(2);
    assertThat(plan.tuning()).hasSize(18);
    assertThatThrownBy(() -> Sample.definition().with(List.of("train.seed=3")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("give seeds");
    assertThatThrownBy(() -> Sample.definition().with(List.of("train.steps")))
        .hasMessageContaining("must be key=value");
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of("baseline: muon", "basline: muon", "did you mean baseline?"),
        Arguments.of("baseline: muon", "baseline: moun", "did you mean muon?"),
        Arguments.of("baseline: muon", "metric: val_loss", "baseline is missing"),
        Arguments.of("seeds: 3", "seeds: [1, 1]", "different seeds"),
        Arguments.of("seeds: 3", "seeds: none", "must be a whole number"),
        Arguments.of("seeds: 3", "seeds: [1001, 1]", "seeds in common"),
        Arguments.of("{steps: 50}", "{steps: 50, tokens: 3}", "either steps or tokens"),
        Arguments.of("{steps: 50}", "{stesp: 50}", "did you mean budget.steps?"),
        Arguments.of("train.batch_size: 4", "train.batch_sze: 4", "did you mean train.batch_size?"),
        Arguments.of("train.batch_size: 4", "train.seed: 4", "the experiment's: give seeds"),
        Arguments.of("train.batch_size: 4", "data.path: x", "the experiment's: give --data"),
        Arguments.of("{most: 2e-6}", "{mots: 2e-6}", "did you mean limits.constraint_max.most?"),
        Arguments.of("{most: 2e-6}", "{}", "must have least or most"),
        Arguments.of("constraint_max: {", "constrant_max: {", "did you mean constraint_max?"),
        Arguments.of("constraint_max: {", "foo: {", "is no number that runs log, wanted one of"),
        Arguments.of("constraint_max: {", "groups.attention.sigma: {", "is no number"),
        Arguments.of("  adamw: {", "  " + "a".repeat(41) + ": {", "of 41 characters, but"),
        Arguments.of("  adamw: {", "  -a: {", "begin with one of"),
        Arguments.of("[0.01, 0.02, 0.04]}}", "[0.01, 0.02, 0.02]}}", "different values"),
        Arguments.of("settings: {optimizer.type: muon}", "setings: {}", "did you mean"),
        Arguments.of("optimizer.type: muon", "optimizer.type: moun", "did you mean muon?"),
        // what cannot be compared
        Arguments.of("[0.01, 0.02, 0.04]}}", "[0.01, 0.02]}}", "muon over 2"),
        Arguments.of("{optimizer.type: muon}", "{train.batch_size: 8}", "the number of tokens"),
        Arguments.of(
            "{optimizer.type: muon}", "{train.eval_windows: 9}", "differ in train.eval_windows"),
        Arguments.of(
            "{optimizer.type: muon}", "{data.val_fraction: 0.2}", "differ in data.val_fraction"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void mistakesAreNamed(String right, String wrong, String message) {
    assertThat(Sample.YAML).contains(right);
    String yaml = Sample.YAML.replaceFirst(java.util.regex.Pattern.quote(right), wrong);
    assertThatThrownBy(() -> new Plan(Sample.read(yaml)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(message);
  }

  @Test
  void partsHaveLimitsToo() {
    String yaml = Sample.YAML.replace("constraint_max: {", "groups.attention.dual_gap: {");
    assertThat(Sample.read(yaml).limits().getFirst().metric())
        .isEqualTo("groups.attention.dual_gap");
  }

  @Test
  void unequalTuningIsSaidWhereItIsWanted() {
    String yaml =
        Sample.YAML
            .replaceFirst("\\[0.01, 0.02, 0.04\\]\\}\\}", "[0.01, 0.02]}}")
            .replace("{steps: 50}", "{steps: 50, unequal: true}");
    assertThat(new Plan(Sample.read(yaml)).unequalTuning())
        .anyMatch(s -> s.contains("adamw is tuned over 3 settings, muon over 2"));
  }

  @Test
  void unknownExperimentsAndFilesAreNamed() {
    assertThatThrownBy(() -> Builtins.find("ablatoin"))
        .hasMessageContaining("did you mean ablation?");
    assertThatThrownBy(() -> Builtins.find("no/such.yaml")).hasMessageContaining("no file");
  }

  @Test
  void gridsKnowTheirEdges() {
    Grid grid = Sample.definition().arm("spheres").grid();
    assertThat(grid.edges(grid.points().getFirst())).hasSize(1);
    assertThat(grid.edges(grid.points().get(1))).isEmpty();
    assertThat(grid.edges(grid.points().getLast()).getFirst()).endsWith("base_lr=0.04");
    Grid words = new Grid(List.of(new Grid.Axis(List.of("a.b"), List.of("x", "y"))));
    assertThat(words.edges(words.points().getFirst())).isEmpty();
    Grid two =
        new Grid(
            List.of(
                new Grid.Axis(List.of("a.b"), List.of("x/y", "x:y")),
                new Grid.Axis(List.of("c"), List.of("1", "2"))));
    assertThat(two.points().stream().map(Grid.Point::label)).doesNotHaveDuplicates().hasSize(4);
  }
}
