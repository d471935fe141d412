package io.manifoldmuon.model.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.manifoldmuon.model.config.ConfigException;
import io.manifoldmuon.model.config.YamlSection;
import io.manifoldmuon.model.format.AtomicFile;
import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.model.report.ExperimentPage;
import io.manifoldmuon.model.report.ExperimentPage.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the results of an experiment from its folders: {@code results.csv}, {@code curves.csv},
 * {@code summary.csv}, {@code choices.json}, {@code results.md}, {@code index.html} and {@code
 * plots/*.svg}. A folder that has lost its runs is read by the first two. The same runs give the
 * same files, however they are spread over folders.
 *
 * @param over how many runs are over
 * @param wanted how many the experiment has
 * @param conflicts sentences on runs that contradict one another
 * @param sentences what is to be said first
 */
public record ExperimentReport(
    int over, int wanted, List<String> conflicts, List<String> sentences) {
  /** The name of the page. */
  public static final String PAGE = ExperimentPage.NAME;

  /** The name of the text. */
  public static final String TEXT = "results.md";

  /**
   * Reads one or several folders of an experiment and writes the results.
   *
   * @param out the folder to write to
   * @throws ConfigException if the folders are of different experiments
   */
  public static ExperimentReport write(List<ExperimentFolder> folders, Path out) {
    Definition all = folders.getFirst().definition();
    for (ExperimentFolder folder : folders.subList(1, folders.size())) {
      all = ExperimentFolder.same(all, folder.definition(), folders.getFirst().path());
    }
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new FormatException(out, "cannot be made: " + e.getMessage(), e);
    }
    return write(ResultReader.read(new Plan(all), folders), out);
  }

  static ExperimentReport write(Results results, Path out) {
    List<Comparison> comparisons =
        results.plan().definition().cases().stream().map(c -> Comparison.of(results, c)).toList();
    List<String> sentences = new Findings(results, comparisons).sentences();
    ResultTables tables = new ResultTables(results, comparisons);
    List<Table> all = new ArrayList<>(tables.answers());
    all.addAll(tables.details());
    Definition definition = results.plan().definition();
    AtomicFile.write(
        out.resolve(ExperimentFolder.DEFINITION), YamlSection.write(definition.tree()));
    AtomicFile.write(out.resolve(CsvTables.RUNS), CsvTables.runs(results));
    AtomicFile.write(out.resolve(CsvTables.CURVES), CsvTables.curves(results));
    AtomicFile.write(out.resolve("summary.csv"), CsvTables.summary(results, comparisons));
    AtomicFile.write(out.resolve("choices.json"), choices(results));
    AtomicFile.write(out.resolve(TEXT), ResultText.of(results, sentences, all));
    ExperimentPage.write(new ResultPage(results, comparisons).view(sentences, tables), out);
    List<String> conflicts = new ArrayList<>(results.conflicts());
    results.mistuned().forEach(r -> conflicts.add(r.folder() + " has other settings than chosen"));
    int over = results.wanted() - results.missing().size();
    return new ExperimentReport(over, results.wanted(), List.copyOf(conflicts), sentences);
  }

  private static String choices(Results results) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (Choice choice : results.choices()) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("case", choice.in().name());
      fields.put("arm", choice.arm().name());
      fields.put("complete", choice.complete());
      fields.put("chosen", choice.best().map(b -> b.point().settings().values()).orElse(null));
      fields.put("at_edge", choice.edges());
      List<Map<String, Object>> tried = new ArrayList<>();
      for (Choice.Tried t : choice.tried()) {
        Map<String, Object> setting = new LinkedHashMap<>();
        setting.put("settings", t.point().settings().values());
        setting.put("runs", t.loss().n());
        setting.put("diverged", t.diverged());
        setting.put("val_loss", t.loss().n() == 0 ? null : t.loss().mean());
        tried.add(setting);
      }
      fields.put("tried", tried);
      all.add(fields);
    }
    try {
      return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(all)
          + "\n";
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
