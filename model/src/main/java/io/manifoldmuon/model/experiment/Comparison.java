package io.manifoldmuon.model.experiment;

import io.manifoldmuon.model.experiment.Definition.Arm;
import io.manifoldmuon.model.experiment.Definition.Case;
import io.manifoldmuon.model.report.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The arms of one case side by side, each against the arm that it is compared with, seed by seed.
 *
 * @param in the case
 * @param arms in the definition's order
 */
record Comparison(Case in, List<Row> arms) {

  /**
   * An arm.
   *
   * @param chosen its settings
   * @param runs its main runs that are over
   * @param loss the sample of those that did not diverge
   * @param test its losses less those of the same seeds of the arm that it is compared with; null
   *     for an arm that is compared with itself
   * @param corrected the test's p after Holm's correction over the arms of the case
   * @param share the steps until its loss was the final mean loss of the arm that it is compared
   *     with, as a share of all; of the runs that came so far
   */
  record Row(
      Arm arm,
      Optional<Grid.Point> chosen,
      List<RunRecord> runs,
      Statistics.Sample loss,
      Statistics.PairedTest test,
      double corrected,
      Statistics.Sample share) {

    long diverged() {
      return runs.stream().filter(r -> r.outcome().diverged()).count();
    }

    /** The sample of a figure over the runs that did not diverge and have it. */
    Statistics.Sample sample(String measure) {
      return Statistics.Sample.of(
          runs.stream()
              .filter(r -> !r.outcome().diverged())
              .map(r -> r.measures().get(measure))
              .filter(Double::isFinite)
              .toList());
    }

    /** What may be said of it. */
    String verdict() {
      if (test == null) {
        return "baseline";
      }
      if (test.difference().n() < 2) {
        return "too few pairs";
      }
      if (!(corrected <= Statistics.LEVEL)) {
        return "not distinguishable";
      }
      return test.difference().mean() < 0 ? "lower" : "higher";
    }
  }

  static Comparison of(Results results, Case in) {
    List<Arm> arms = results.plan().arms(in);
    List<Row> rows = new ArrayList<>();
    for (Arm arm : arms) {
      List<RunRecord> runs = results.main(in, arm);
      Arm against = results.plan().definition().arm(arm.against());
      List<RunRecord> others = results.main(in, against);
      rows.add(
          new Row(
              arm,
              results.chosen(in, arm),
              runs,
              losses(runs),
              arm.equals(against) ? null : test(runs, others),
              Double.NaN,
              share(runs, losses(others).mean())));
    }
    double[] p = rows.stream().mapToDouble(r -> r.test == null ? Double.NaN : r.test.p()).toArray();
    double[] corrected = Statistics.holm(p);
    List<Row> all = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      Row r = rows.get(i);
      all.add(new Row(r.arm, r.chosen, r.runs, r.loss, r.test, corrected[i], r.share));
    }
    return new Comparison(in, List.copyOf(all));
  }

  private static Statistics.Sample losses(List<RunRecord> runs) {
    return Statistics.Sample.of(
        runs.stream().map(RunRecord::loss).filter(Double::isFinite).toList());
  }

  private static Statistics.PairedTest test(List<RunRecord> runs, List<RunRecord> others) {
    List<double[]> pairs = new ArrayList<>();
    for (RunRecord run : runs) {
      for (RunRecord other : others) {
        if (run.task().seed() == other.task().seed()
            && Double.isFinite(run.loss())
            && Double.isFinite(other.loss())) {
          pairs.add(new double[] {run.loss(), other.loss()});
        }
      }
    }
    return Statistics.PairedTest.of(
        pairs.stream().mapToDouble(p -> p[0]).toArray(),
        pairs.stream().mapToDouble(p -> p[1]).toArray());
  }

  private static Statistics.Sample share(List<RunRecord> runs, double target) {
    List<Double> shares = new ArrayList<>();
    for (RunRecord run : runs) {
      if (!run.outcome().diverged()) {
        double step = firstBelow(run.data().metrics().series("val_loss"), target);
        if (Double.isFinite(step)) {
          shares.add(step / run.measures().get("steps"));
        }
      }
    }
    return Statistics.Sample.of(shares);
  }

  /**
   * Where a curve first comes down to a value, between points by a straight line; NaN for never.
   */
  static double firstBelow(Series s, double target) {
    for (int i = 0; i < s.x().length; i++) {
      if (s.y()[i] <= target) {
        if (i == 0) {
          return s.x()[0];
        }
        double part = (s.y()[i - 1] - target) / (s.y()[i - 1] - s.y()[i]);
        return s.x()[i - 1] + part * (s.x()[i] - s.x()[i - 1]);
      }
    }
    return Double.NaN;
  }
}
