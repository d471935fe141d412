package io.manifoldmuon.model.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.GraphicsEnvironment;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunReportTest {
  private static final Pattern SVG = Pattern.compile("<svg .*?</svg>", Pattern.DOTALL);

  @TempDir Path temp;

  private String page(int steps) throws IOException {
    Path run = RunFiles.write(temp.resolve("r <un>"), steps);
    RunReport.write(run);
    return Files.readString(run.resolve(RunReport.PAGE));
  }

  @Test
  void everythingThatIsKnownIsShown() throws IOException {
    assertThat(page(10))
        .contains("Validation loss", "1.9000", "Bits per byte", "least possible 0.9")
        .contains("Learning rate", "Gradient norm", "clipped above 1", "Time of a step by phase")
        .contains("Constraint residual by group", "Band of singular values", "Dual gap by group")
        .contains("Load of the experts", "Router entropy", "an even choice 0.6931")
        .contains("After step 5", "After step 10", "To be")
        .contains("./muon train", "cpu &lt;2 threads&gt;", "n_experts: 2", "Run completed");
  }

  @Test
  void whatComesFromDataIsEscaped() throws IOException {
    String page = page(10);
    assertThat(page)
        .doesNotContain("<script>alert", "<img", "</script><b>", "\u0000", "a & b", "<un>")
        .contains("&lt;/pre&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;", "r &lt;un&gt;");
    // the one script that runs is the page's own, by the hash in its policy
    assertThat(page.split("<script>", -1)).hasSize(2);
    assertThat(page).contains("script-src 'sha256-").contains("default-src 'none'");
  }

  @Test
  void aPageIsSmallAndAsksForNothing() throws IOException {
    String page = page(20_000);
    assertThat(page.length()).isLessThan(2_000_000);
    assertThat(page.replace("http://www.w3.org/2000/svg", "").replace("&lt;img src=x", ""))
        .doesNotContain("http:", "https:", "@import", "src=", "url(\"");
  }

  @Test
  void drawingsAsPngShowTheirCurves() throws Exception {
    assumeTrue(hasFonts(), "no fonts to draw PNG files with");
    Path run = RunFiles.write(temp.resolve("r"), 30);
    Path folder = RunReport.png(RunReader.read(run), 1000);
    RunReport.write(run);
    try (Stream<Path> files = Files.list(folder)) {
      List<String> names = files.map(f -> f.getFileName().toString()).sorted().toList();
      assertThat(names.stream().filter(n -> n.endsWith(".png")).map(n -> n.replace(".png", "")))
          .hasSizeGreaterThan(5)
          .containsExactlyElementsOf(
              names.stream()
                  .filter(n -> n.endsWith(".svg"))
                  .map(n -> n.replace(".svg", ""))
                  .toList());
    }
    BufferedImage loss = ImageIO.read(folder.resolve("loss.png").toFile());
    assertThat(loss.getWidth()).isEqualTo(1000);
    assertThat(loss.getHeight()).isBetween(500, 650);
    Set<Integer> colours = new HashSet<>();
    for (int y = 0; y < loss.getHeight(); y++) {
      for (int x = 0; x < loss.getWidth(); x++) {
        colours.add(loss.getRGB(x, y) & 0xFFFFFF);
      }
    }
    // page, the curve of validation, and the ink of the title
    assertThat(colours).contains(0xFFFFFF, 0xD55E00, 0x1C2128);
  }

  private static boolean hasFonts() {
    try {
      return GraphicsEnvironment.getLocalGraphicsEnvironment().getAvailableFontFamilyNames().length
          > 0;
    } catch (InternalError | RuntimeException e) { // how the JDK says that it found none
      return false;
    }
  }

  @Test
  void drawingsAreWellFormed() throws Exception {
    String page = page(30);
    List<String> drawings = new ArrayList<>();
    Matcher found = SVG.matcher(page);
    while (found.find()) {
      drawings.add(found.group());
    }
    assertThat(drawings.size()).isGreaterThan(15);
    try (Stream<Path> files = Files.list(temp.resolve("r <un>/plots"))) {
      for (Path file : files.toList()) {
        drawings.add(Files.readString(file));
      }
    }
    for (String svg : drawings) {
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(
              new java.io.ByteArrayInputStream(
                  svg.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
      assertThat(svg).doesNotContain("NaN", "Infinity");
    }
  }

  @Test
  void plotsAreFiles() throws IOException {
    page(10);
    try (Stream<Path> files = Files.list(temp.resolve("r <un>/plots"))) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .contains("loss.svg", "expert-load.svg", "phases.svg", "singular-values.svg");
    }
  }

  @Test
  void aRunOfOneStepAndAnEmptyOneHavePages() throws IOException {
    assertThat(page(1))
        .contains("Training loss", "<b>100</b><small>1 step</small>")
        .doesNotContain("Validation loss</dt>");
    Files.writeString(temp.resolve("r <un>/metrics.jsonl"), "");
    Files.delete(temp.resolve("r <un>/samples.jsonl"));
    Files.delete(temp.resolve("r <un>/sessions.jsonl"));
    RunReport.write(temp.resolve("r <un>"));
    assertThat(Files.readString(temp.resolve("r <un>/report.html")))
        .contains("no end recorded")
        .doesNotContain("NaN");
  }

  @Test
  void severalRunsAreCompared() throws IOException {
    Path a = RunFiles.write(temp.resolve("a"), 10);
    Path b = RunFiles.write(temp.resolve("b<i>"), 20);
    Files.writeString(
        b.resolve("config.yaml"),
        Files.readString(b.resolve("config.yaml")).replace("grad_clip: 1.0", "grad_clip: 0.5"));
    Path file = temp.resolve("both.html");
    RunReport.write(List.of(RunReader.read(a), RunReader.read(b)), file);
    String page = Files.readString(file);
    assertThat(page)
        .contains("2 runs", "b&lt;i&gt;", "train.grad_clip", "number best\">1.7000")
        .contains("Validation loss over tokens", "Validation loss over time")
        .doesNotContain("b<i>", "<script>alert", "model.preset");
    Path c = RunFiles.write(temp.resolve("c"), 2);
    RunReport.write(List.of(RunReader.read(a), RunReader.read(c)), file);
    assertThat(Files.readString(file)).contains("<td class=\"number\">200</td>");
  }

  @Test
  void columnsOfTextsDoNotCollapse() {
    String page =
        new Page("t")
            .table(
                List.of("arm", "kept", "settings", "loss"),
                List.of(
                    row("muon", "yes", "lr=1", "1.7"),
                    row("adamw", "NO", "optimizer.adamw.lr=0.001; x=2", "1.8")),
                List.of())
            .end();
    assertThat(page)
        .contains("<td class=\"name\">muon", "<td class=\"line\">yes", "<td class=\"lines\">lr=1")
        .contains("<th scope=\"col\" class=\"lines\">settings", "<td class=\"number\">1.8")
        .contains(".name, .line { white-space: nowrap; }", ".lines { min-width:");
  }

  private static List<Page.Cell> row(String arm, String kept, String settings, String loss) {
    return List.of(
        new Page.Cell(arm, "name"),
        new Page.Cell(kept, ""),
        new Page.Cell(settings, ""),
        new Page.Cell(loss, "number"));
  }

  @Test
  void theTableHasEveryNumber() throws IOException {
    page(7);
    List<String> lines = Files.readAllLines(temp.resolve("r <un>/metrics.csv"));
    assertThat(lines).hasSize(8);
    List<String> names = List.of(lines.getFirst().split(",", -1));
    assertThat(names.getFirst()).isEqualTo("step");
    String[] fifth = lines.get(5).split(",", -1);
    assertThat(fifth).hasSize(names.size());
    assertThat(fifth[names.indexOf("val_loss")]).isEqualTo("2.3");
    assertThat(fifth[names.indexOf("expert_load.0.1")]).isEqualTo("1.4");
    assertThat(lines.get(4).split(",", -1)[names.indexOf("val_loss")]).isEmpty();
  }
}
