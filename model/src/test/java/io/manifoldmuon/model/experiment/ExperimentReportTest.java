package io.manifoldmuon.model.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.model.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExperimentReportTest {
  private static final List<String> FILES =
      List.of(
          "results.csv", "curves.csv", "summary.csv", "choices.json", "results.md", "index.html");

  @TempDir Path temp;

  private final Plan plan = Sample.plan();
  private final List<Task> tasks = Sample.tasks(plan);

  private String text(Path folder) throws IOException {
    return Files.readString(folder.resolve("results.md"));
  }

  private void assertSame(Path one, Path other) throws IOException {
    for (String file : FILES) {
      assertThat(other.resolve(file)).as(file).hasSameTextualContentAs(one.resolve(file));
    }
  }

  @Test
  void theWholeHasItsVerdicts() throws IOException {
    ExperimentFolder folder = Sample.write(temp.resolve("whole"), plan, tasks, Sample::loss);
    ExperimentReport report = ExperimentReport.write(List.of(folder), folder.path());
    assertThat(report.over()).isEqualTo(report.wanted()).isEqualTo(18);
    assertThat(report.conflicts()).isEmpty();
    assertThat(text(folder.path()))
        .contains("adamw against muon: higher (+0.2999 ± 0.0001, 3 pairs, Holm p")
        .contains("spheres against muon: ")
        .contains("3 pairs")
        .contains("optimizer.muon.lr=0.02")
        .contains("| constraint_max | ≤ 2e-6 | yes |", "Limits: 3 kept, 0 broken, 0 not measured.")
        .doesNotContain("PARTIAL", "EDGE", "CONFLICT", "DIVERGED", "NaN", "<script>");
    List<String> lines = Files.readAllLines(folder.path().resolve("results.csv"));
    assertThat(lines).hasSize(19);
    assertThat(lines.getFirst())
        .startsWith("run,phase,case,arm,settings,seed,diverged,steps,tokens");
    assertThat(lines).noneMatch(l -> l.contains("NaN"));
    List<String> heads = List.of(lines.getFirst().split(","));
    String[] cells = lines.get(1).split(",", -1);
    assertThat(cells[heads.indexOf("flops")]).isEqualTo("200000000");
    assertThat(cells[heads.indexOf("optimizer_flops")]).isEqualTo("50000000");
  }

  @Test
  void halvesMergeIntoTheWhole() throws IOException {
    ExperimentFolder whole = Sample.write(temp.resolve("whole"), plan, tasks, Sample::loss);
    ExperimentReport.write(List.of(whole), whole.path());
    ExperimentFolder a = Sample.write(temp.resolve("a"), plan, tasks.subList(0, 11), Sample::loss);
    ExperimentFolder b =
        Sample.write(temp.resolve("b"), plan, tasks.subList(7, 18), Sample::loss); // four in both
    for (List<ExperimentFolder> order : List.of(List.of(a, b), List.of(b, a), List.of(b, a, b))) {
      Path merged = temp.resolve("merged");
      ExperimentReport report = ExperimentReport.write(order, merged);
      assertThat(report.conflicts()).isEmpty();
      assertSame(whole.path(), merged);
    }
  }

  @Test
  void theTablesAloneGiveTheSameResults() throws IOException {
    ExperimentFolder whole =
        Sample.write(
            temp.resolve("whole"),
            plan,
            tasks,
            t -> t.id().equals("main-adamw-seed2") ? Double.NaN : Sample.loss(t));
    ExperimentReport.write(List.of(whole), whole.path());
    Path tables = Files.createDirectories(temp.resolve("tables"));
    for (String file : List.of("experiment.yaml", "results.csv", "curves.csv")) {
      Files.copy(whole.path().resolve(file), tables.resolve(file));
    }
    ExperimentReport report = ExperimentReport.write(List.of(new ExperimentFolder(tables)), tables);
    assertThat(report.over()).isEqualTo(18);
    assertThat(report.conflicts()).isEmpty();
    assertSame(whole.path(), tables);
    assertThat(tables.resolve("plots/all-val-loss-step.svg"))
        .hasSameTextualContentAs(whole.path().resolve("plots/all-val-loss-step.svg"));
    ExperimentReport both =
        ExperimentReport.write(List.of(whole, new ExperimentFolder(tables)), temp.resolve("both"));
    assertThat(both.conflicts()).isEmpty(); // every run in two places, counted once
    assertSame(whole.path(), temp.resolve("both"));
  }

  @Test
  void aBrokenLimitIsSaidFirst() throws IOException {
    Plan strict = new Plan(Sample.read(Sample.YAML.replace("{most: 2e-6}", "{most: 1.2e-6}")));
    ExperimentFolder folder =
        Sample.write(temp.resolve("x"), strict, Sample.tasks(strict), Sample::loss);
    assertThat(ExperimentReport.write(List.of(folder), folder.path()).sentences())
        .contains(
            "LIMIT BROKEN: muon, constraint_max from 2.5e-7 to 1.25e-6, wanted ≤ 1.2e-6.",
            "Limits: 0 kept, 3 broken, 0 not measured.");
  }

  @Test
  void anArmCanHaveWhatWasChosenForAnotherInAnotherCase() throws IOException {
    Plan transfer =
        new Plan(
            Sample.read(
                """
                name: t
                base: {train.batch_size: 4}
                cases: {small: {model.d_model: 32}, large: {model.d_model: 64}}
                arms:
                  muon: {settings: {optimizer.type: muon}, tune: {optimizer.muon.lr: [1, 2, 3]}}
                  moved: {choice_of: {arm: muon, case: small}, cases: [large], against: muon}
                baseline: muon
                seeds: 2
                budget: {steps: 50}
                """));
    // the best is 3 in the small case and 1 in the large one
    ToDoubleFunction<Task> loss =
        t -> {
          double lr =
              Double.parseDouble(
                  t.point().orElseThrow().settings().values().get("optimizer.muon.lr"));
          return t.in().name().equals("small")
              ? 3 - 0.1 * lr
              : 2 + 0.1 * lr + 0.01 * (lr * t.seed() % 2);
        };
    ExperimentFolder folder = Sample.write(temp.resolve("x"), transfer, transfer.tuning(), loss);
    List<Task> main = ResultReader.read(transfer, List.of(folder)).chosenMain();
    assertThat(main.stream().map(Task::folder))
        .contains("main-large-muon-lr1-seed1", "main-large-moved-lr3-seed1")
        .doesNotContain("main-small-moved-lr3-seed1");
    Sample.write(temp.resolve("x"), transfer, main, loss);
    ExperimentReport report = ExperimentReport.write(List.of(folder), folder.path());
    assertThat(report.over()).isEqualTo(12);
    assertThat(report.conflicts()).isEmpty();
    assertThat(text(folder.path()))
        .contains("Validation loss in large: moved against muon: ")
        .contains("EDGE: the best setting of muon in small, optimizer.muon.lr=3")
        .contains("## Validation loss: small", "## Validation loss: large");
  }

  @Test
  void fewerSeedsAreAPartOfWhatIsThere() throws IOException {
    ExperimentFolder folder = Sample.write(temp.resolve("x"), plan, tasks, Sample::loss);
    folder.begin(plan.definition().withSeeds(List.of(1L)));
    ExperimentReport report = ExperimentReport.write(List.of(folder), folder.path());
    assertThat(report.over()).isEqualTo(18);
    assertThat(report.conflicts()).isEmpty();
  }

  @Test
  void cellsInQuotes() {
    assertThat(CsvReader.cells("a,\"b, \"\"c\"\"\",,d")).containsExactly("a", "b, \"c\"", "", "d");
    for (String text : List.of("plain", "a, b", "\"q\"", "")) {
      assertThat(CsvReader.cells(ResultFiles.csv(text))).containsExactly(text);
    }
  }

  @Test
  void aPartIsShownAsAPart() throws IOException {
    ExperimentFolder folder =
        Sample.write(temp.resolve("part"), plan, tasks.subList(0, 13), Sample::loss);
    ExperimentReport report = ExperimentReport.write(List.of(folder), folder.path());
    assertThat(report.over()).isEqualTo(13);
    assertThat(text(folder.path()))
        .contains("PARTIAL: 5 of 18 runs are missing: main-muon-seed2")
        .contains("too few pairs");
    ExperimentFolder none = Sample.write(temp.resolve("none"), plan, List.of(), Sample::loss);
    ExperimentReport.write(List.of(none), none.path());
    assertThat(text(none.path()))
        .contains("PARTIAL: 18 of 18", "not known yet")
        .doesNotContain("NaN");
  }

  @Test
  void contradictionsAreNamed() throws IOException {
    ExperimentFolder a = Sample.write(temp.resolve("a"), plan, tasks, Sample::loss);
    ExperimentFolder b =
        Sample.write(temp.resolve("b"), plan, tasks.subList(0, 1), t -> Sample.loss(t) + 0.5);
    ExperimentReport report = ExperimentReport.write(List.of(a, b), temp.resolve("merged"));
    assertThat(report.conflicts()).hasSize(1);
    assertThat(report.conflicts().getFirst()).contains("has another result than", "tuning-adamw");
    assertThat(text(temp.resolve("merged"))).contains("CONFLICT: ");
  }

  @Test
  void runsWithSettingsThatTheTuningDoesNotChooseAreLeftOut() throws IOException {
    ExperimentFolder folder =
        Sample.write(
            temp.resolve("x"),
            plan,
            tasks,
            t -> // the last setting is best, the main runs have the one in the middle
            t.phase() == Phase.TUNING && t.id().contains("0.04") ? 1 : Sample.loss(t));
    ExperimentReport report = ExperimentReport.write(List.of(folder), folder.path());
    assertThat(report.conflicts()).hasSize(6);
    assertThat(text(folder.path()))
        .contains("EDGE: the best setting of muon, optimizer.muon.lr=0.04")
        .contains("has other settings than the tuning has chosen");
  }

  @Test
  void anotherTextIsAConflict() throws IOException {
    ExperimentFolder folder = Sample.write(temp.resolve("x"), plan, tasks, Sample::loss);
    Task one = tasks.getFirst();
    new Outcome(one.folder(), false, plan.identity(one), "other", "").write(folder.run(one));
    assertThat(ExperimentReport.write(List.of(folder), folder.path()).conflicts())
        .containsExactly("the runs saw different texts, with the hashes other, text");
  }

  @Test
  void divergedRunsAreResults() throws IOException {
    ExperimentFolder folder =
        Sample.write(
            temp.resolve("x"),
            plan,
            tasks,
            t ->
                t.id().equals("main-muon-seed2")
                        || (t.phase() == Phase.TUNING && t.arm().name().equals("spheres"))
                    ? Double.NaN
                    : Sample.loss(t));
    ExperimentReport.write(List.of(folder), folder.path());
    assertThat(text(folder.path()))
        .contains("DIVERGED: 1 of 3 main runs of muon; its mean is of the others only")
        .contains("DIVERGED: 3 of 3 tuning runs of spheres, with ")
        .contains("base_lr=0.04; no setting is left for main runs.")
        .contains("2 (1 diverged)")
        .contains("2 pairs")
        .contains("none: all diverge")
        .doesNotContain("NaN");
  }

  @Test
  void divergedTuningRunsAndArmsWithoutAMeanAreSaidFirst() throws IOException {
    ExperimentFolder folder =
        Sample.write(
            temp.resolve("x"),
            plan,
            tasks,
            t ->
                t.id().equals("tuning-muon-lr0.04-seed1001")
                        || (t.phase() == Phase.MAIN && t.arm().name().equals("spheres"))
                    ? Double.NaN
                    : Sample.loss(t));
    assertThat(ExperimentReport.write(List.of(folder), folder.path()).sentences())
        .startsWith(
            "DIVERGED: 1 of 3 tuning runs of muon, with optimizer.muon.lr=0.04; such a setting is"
                + " not chosen.",
            "DIVERGED: 3 of 3 main runs of spheres; it has no mean.");
    assertThat(text(folder.path()))
        .contains("| muon | optimizer.muon.lr=0.02 |  | 3 (1 diverged) |")
        .contains("| spheres | – | 0 (3 diverged) |")
        .doesNotContain("NaN", "flatters");
  }

  @Test
  void foldersOfDifferentExperimentsDoNotMerge() throws IOException {
    ExperimentFolder a = Sample.write(temp.resolve("a"), plan, tasks, Sample::loss);
    Plan other = new Plan(Sample.definition().with(List.of("train.steps=60")));
    ExperimentFolder b = Sample.write(temp.resolve("b"), other, List.of(), Sample::loss);
    assertThatThrownBy(() -> ExperimentReport.write(List.of(a, b), temp.resolve("m")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("holds another experiment")
        .hasMessageContaining("its budget.steps is 50, not 60;");
  }

  @Test
  void aSettingThatOnlyOneDefinitionHasIsNamed() {
    Definition plain = Sample.definition();
    Definition more = plain.with(List.of("train.eval_windows=16"));
    assertThatThrownBy(() -> ExperimentFolder.same(plain, more, temp))
        .hasMessageContaining("as it is given: it has no base.train.eval_windows, wanted 16;");
    assertThatThrownBy(() -> ExperimentFolder.same(more, plain, temp))
        .hasMessageContaining("its base.train.eval_windows is 16, wanted without it;");
  }

  @Test
  void moreSeedsGoOn() throws IOException {
    ExperimentFolder folder = Sample.write(temp.resolve("a"), plan, tasks, Sample::loss);
    folder.begin(plan.definition().withSeeds(List.of(1L, 2L, 3L, 4L)));
    assertThat(folder.definition().seeds()).containsExactly(1L, 2L, 3L, 4L);
    assertThat(ExperimentReport.write(List.of(folder), folder.path()).over()).isEqualTo(18);
  }

  @Test
  void namesAreEscapedAndThePageAsksForNothing() throws IOException {
    ExperimentFolder folder = Sample.write(temp.resolve("x"), plan, tasks, Sample::loss);
    ExperimentReport.write(List.of(folder), folder.path());
    String page = Files.readString(folder.path().resolve("index.html"));
    assertThat(page)
        .doesNotContain("<script>alert", "<b>\n", "NaN", "Infinity")
        .contains("Is &lt;script&gt;alert(&#39;q&#39;)&lt;/script&gt; &amp; it so?")
        .contains("default-src 'none'", "Validation loss", "Loss against what was tuned")
        .contains("area c0 faint");
    assertThat(page.replace("http://www.w3.org/2000/svg", ""))
        .doesNotContain("http:", "https:", "@import", "src=", "url(\"");
  }

  @Test
  void foldersAreFoundInFolders() throws IOException {
    Sample.write(temp.resolve("all/b"), plan, List.of(), Sample::loss);
    Sample.write(temp.resolve("all/a"), plan, List.of(), Sample::loss);
    assertThat(
            ExperimentFolder.at(temp.resolve("all")).stream()
                .map(f -> f.path().getFileName().toString()))
        .containsExactly("a", "b");
    assertThat(ExperimentFolder.at(temp.resolve("all/a"))).hasSize(1);
    assertThatThrownBy(() -> ExperimentFolder.at(temp)).hasMessageContaining("neither the folder");
  }
}
