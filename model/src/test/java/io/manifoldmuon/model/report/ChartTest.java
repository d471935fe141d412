package io.manifoldmuon.model.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChartTest {
  private static Series curve(double... y) {
    return new Series(IntStream.rangeClosed(1, y.length).asDoubleStream().toArray(), y);
  }

  @Test
  void smoothingKeepsLinesAndMeans() {
    double[] line = IntStream.range(0, 50).mapToDouble(i -> 3 - 0.25 * i).toArray();
    double[] smooth = curve(line).smoothed(4).y();
    for (int i = 0; i < 46; i++) { // where there are as many neighbours on both sides
      assertThat(smooth[i]).isCloseTo(line[i], within(1e-12));
    }
    assertThat(curve(1, 3, 1, 3, 1, 3).smoothed(1).y()[2]).isCloseTo(7 / 3.0, within(1e-12));
  }

  @Test
  void thinningKeepsTheMeanAndTheLastPlace() {
    double[] y = IntStream.range(0, 1000).mapToDouble(i -> Math.sin(i * i)).toArray();
    Series thin = curve(y).thinned(100);
    assertThat(thin.y()).hasSize(100);
    assertThat(Arrays.stream(thin.y()).average().orElseThrow())
        .isCloseTo(Arrays.stream(y).average().orElseThrow(), within(1e-12));
    assertThat(thin.x()[99]).isEqualTo(1000);
    assertThat(curve(y).thinned(5000).y()).isEqualTo(y);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 5, 0;0.2;0.4;0.6;0.8;1.0",
    "1.45, 2.8, 5, 1.5;2.0;2.5",
    "0, 600, 5, 0;200;400;600",
    "-2e-6, 2e-6, 5, -2e-6;-1e-6;0;1e-6;2e-6",
    "0, 24000, 5, '0;5,000;10,000;15,000;20,000'"
  })
  void ticksAreRound(double low, double high, int wanted, String labels) {
    Axis axis = new Axis(low, high, 0, 100, false);
    assertThat(axis.ticks(wanted)).extracting(Axis.Tick::label).containsExactly(labels.split(";"));
  }

  @Test
  void logarithmicTicksAreDecadesOrTheirParts() {
    assertThat(new Axis(1e-6, 1e-2, 0, 1, true).ticks(5))
        .extracting(Axis.Tick::label)
        .containsExactly("1e-6", "1e-5", "1e-4", "0.001", "0.01");
    assertThat(new Axis(0.04, 0.6, 0, 1, true).ticks(5))
        .extracting(Axis.Tick::label)
        .containsExactly("0.05", "0.1", "0.2", "0.5");
    assertThat(new Axis(1e-2, 1, 100, 0, true).at(0.1)).isCloseTo(50, within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({
    "4.1e-7, 6.6e-7, 4.5e-7;5e-7;5.5e-7;6e-7;6.5e-7",
    "0.012, 0.035, 0.015;0.020;0.025;0.030;0.035",
    "0.21, 0.95, 0.4;0.6;0.8",
    "0.9, 1.6, 1.0;1.2;1.4;1.6",
    "6e-7, 9.5e-7, 6e-7;7e-7;8e-7;9e-7",
    "0.9, 5.2, 1;2;5"
  })
  void narrowLogarithmicAxesHaveTicksAtEvenDistances(double low, double high, String labels) {
    Axis axis = new Axis(low, high, 100, 0, true);
    assertThat(axis.ticks(5)).extracting(Axis.Tick::label).containsExactly(labels.split(";"));
    assertThat(axis.ticks(5)).allMatch(t -> axis.at(t.value()) >= -1e-6);
  }

  @ParameterizedTest
  @CsvSource({"0,0", "0.5,3", "1,5", "1.6,8", "2,10", "7,10"})
  void loadsHaveColours(double load, int colour) {
    assertThat(HeatMap.colour(load)).isEqualTo(colour);
  }

  @ParameterizedTest
  @CsvSource({
    "1.74231, 5, 1.7423",
    "614400, 4, '614,400'",
    "2345678, 3, 2.35 M",
    "0.00000213, 2, 2.1e-6",
    "1e-7, 2, 1e-7",
    "12.345, 3, 12.3",
    "-0.5, 2, -0.50",
    "NaN, 3, NaN"
  })
  void numbersAreShort(double x, int digits, String text) {
    assertThat(NumberText.of(x, digits)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"256, 256", "5, 5", "614400, '614,400'", "2345678, 2.346 M", "0.5, 0.5000"})
  void countsAreWhole(double n, String text) {
    assertThat(NumberText.count(n)).isEqualTo(text);
  }

  @Test
  void levelsAreInTheFrame() {
    LineChart chart =
        LineChart.of(
                "a",
                "A",
                "u",
                "",
                LineChart.Scale.EVEN,
                java.util.List.of(new LineChart.Line("a", "c0", false, curve(2, 3))))
            .with(new LineChart.Level("floor", 1.386));
    Svg svg = new Svg();
    chart.draw(svg, 480, 270);
    assertThat(svg.toString()).contains("class=\"level\"");
    assertThat(chart.legend()).extracting(Chart.Key::name).containsExactly("a", "floor 1.386");
  }

  @Test
  void aShortCurveBesideALongOneIsSeen() {
    double[] fall = IntStream.range(0, 400).mapToDouble(i -> 2 - i / 1000.0).toArray();
    LineChart chart =
        LineChart.of(
            "a",
            "A",
            "u",
            "",
            LineChart.Scale.WITHOUT_START,
            java.util.List.of(
                new LineChart.Line("long", "c0", false, curve(fall)),
                new LineChart.Line("short", "c1", true, curve(9, 8, 7, 3))));
    Svg svg = new Svg();
    chart.draw(svg, 480, 270);
    var places = java.util.regex.Pattern.compile("cy=\"([-\\d.]+)\"").matcher(svg.toString());
    int seen = 0;
    while (places.find()) {
      double y = Double.parseDouble(places.group(1));
      seen += y >= 0 && y <= 270 ? 1 : 0;
    }
    assertThat(seen).isEqualTo(4);
  }
}
