package io.manifoldmuon.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final String ATTACK = "</pre><script>alert('x')</script>\u0000\u001b[2J&\"";

  private static String page(double floor, StepMetrics... steps) {
    LossHistory history = new LossHistory();
    for (StepMetrics s : steps) {
      history.add(s);
    }
    return Report.html(
        new Report.Content(
            "title " + ATTACK,
            "lead " + ATTACK,
            Map.of("figure " + ATTACK, ATTACK),
            history,
            floor,
            ATTACK,
            "./muon train " + ATTACK,
            "model: " + ATTACK,
            Map.of("Java", ATTACK)));
  }

  private static StepMetrics step(long step, double train, Double val) {
    return new StepMetrics(step, step, train, val, null, null, null, null, null, null, null);
  }

  @Test
  void allDataIsEscaped() {
    String html = page(Double.NaN, step(1, 3, 2.9));
    assertThat(html).doesNotContain("<script").doesNotContain("\u0000").doesNotContain("\u001b");
    assertThat(html)
        .contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;\uFFFD\uFFFD[2J&amp;");
  }

  @Test
  void thePageNeedsNothingElse() {
    assertThat(page(1.5, step(1, 3, 2.9)))
        .doesNotContain("http:")
        .doesNotContain("https:")
        .doesNotContain("src=")
        .doesNotContain("<link")
        .contains("width=device-width");
  }

  @Test
  void thePlotShowsEveryValidationAndTheFloor() {
    String html = page(1.5, step(10, 3, null), step(20, 2, 2.5), step(30, 1.9, 2.25));
    assertThat(html).contains("step 20: 2.5000").contains("step 30: 2.2500");
    assertThat(html).contains("class=\"floor\"").doesNotContain("NaN").doesNotContain("Infinity");
    assertThat(page(Double.NaN, step(10, 3, 2.5))).doesNotContain("class=\"floor\"");
  }

  @Test
  void oddHistoriesCanBeDrawn() {
    assertThat(page(Double.NaN)).contains("<svg").doesNotContain("NaN");
    assertThat(page(Double.NaN, step(1, 2, 2.0))).contains("<svg").doesNotContain("NaN");
    StepMetrics[] many = new StepMetrics[5000];
    for (int i = 0; i < many.length; i++) {
      many[i] = step(i + 1, 2, null);
    }
    assertThat(page(Double.NaN, many).length()).isLessThan(40_000);
  }
}
