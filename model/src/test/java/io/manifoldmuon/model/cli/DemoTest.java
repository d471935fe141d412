package io.manifoldmuon.model.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

/** The demos show what they say they show. */
class DemoTest {
  @TempDir Path temp;

  /** What a command left. */
  private record Outcome(int code, String out, String err) {
    JsonNode json() throws IOException {
      assertThat(code).as(err).isZero();
      assertThat(out.strip().lines()).hasSize(1);
      return new ObjectMapper().readTree(out);
    }
  }

  private static Outcome muon(String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int code =
        Main.run(
            args,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void stiefelProvesItsStepsAndStaysOnTheManifold() throws IOException {
    JsonNode report = muon("demo", "stiefel", "--seed=3", "--json").json();
    Map<String, JsonNode> solvers = new LinkedHashMap<>();
    report.get("solvers").forEach(s -> solvers.put(s.get("solver").asText(), s));
    assertThat(solvers).containsKeys("project", "dual-ascent", "admm", "irls");
    double bound = Double.NEGATIVE_INFINITY; // the best of all proofs
    for (JsonNode s : solvers.values()) {
      assertThat(s.get("constraint_before").asDouble()).isBetween(0.0, 1e-14);
      assertThat(s.get("constraint_after").asDouble()).isBetween(0.0, 1e-14);
      bound = Math.max(bound, s.get("dual").asDouble());
    }
    for (JsonNode s : solvers.values()) {
      assertThat(s.get("primal").asDouble()).isGreaterThanOrEqualTo(bound);
    }
    assertThat(solvers.get("irls").get("gap").asDouble()).isBetween(0.0, 1e-3);
    assertThat(solvers.get("project").get("gap").asDouble()).isGreaterThan(0.01);
  }

  @Test
  void stiefelIsReadable() {
    Outcome outcome = muon("demo", "stiefel");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("128 x 64", "irls", "admm", "no A below", "|W'W-I|");
  }

  @Test
  void spiralLearnsOnTheManifoldAndDrawsIt() throws Exception {
    Path svg = temp.resolve("spiral.svg");
    JsonNode report = muon("demo", "spiral", "--engine=cpu", "--out=" + svg, "--json").json();
    assertThat(report.get("accuracy").asDouble()).isBetween(0.98, 1.0);
    assertThat(report.get("constraint_max").asDouble()).isBetween(0.0, 2e-6);
    Document drawing =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
    assertThat(drawing.getElementsByTagName("circle").getLength()).isEqualTo(512);
    assertThat(drawing.getElementsByTagName("rect").getLength()).isGreaterThan(96);
    assertThat(drawing.getElementsByTagName("title").item(0).getTextContent()).contains("accuracy");
  }

  @Test
  void spiralIsTheSameForTheSameSeed() throws IOException {
    String[] runs = new String[3];
    for (int i = 0; i < 3; i++) {
      Path svg = temp.resolve(i + ".svg");
      String seed = "--seed=" + (i == 2 ? 8 : 7);
      assertThat(muon("demo", "spiral", "--steps=2", seed, "--out=" + svg).code()).isZero();
      runs[i] = Files.readString(svg);
    }
    assertThat(runs[1]).isEqualTo(runs[0]);
    assertThat(runs[2]).isNotEqualTo(runs[0]);
  }

  @Test
  void badOptionsAreRefused() {
    Outcome steps = muon("demo", "spiral", "--steps=0", "--out=" + temp.resolve("x.svg"));
    assertThat(steps.code()).isEqualTo(2);
    assertThat(steps.err()).contains("--steps is 0");
    assertThat(temp.resolve("x.svg")).doesNotExist();
    Outcome folder = muon("demo", "spiral", "--steps=1", "--out=" + temp.resolve("none/x.svg"));
    assertThat(folder.code()).isEqualTo(2);
    assertThat(folder.err().lines().filter(l -> l.contains("folder does not exist"))).hasSize(1);
  }

  @Test
  void withoutAnArgumentTheDemosAreListed() {
    Outcome outcome = muon("demo");
    assertThat(outcome.code()).isZero();
    assertThat(outcome.out()).contains("stiefel", "spiral");
  }
}
