package io.manifoldmuon.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.linalg.polar.PolarSvd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every optimizer does, whatever its rule; on the reference engine, in float64. */
class OptimizerContractTest {
  private static final long SEED = 2024;
  private static final LrSchedule CONSTANT = LrSchedule.constant(0);

  /**
   * An optimizer under test.
   *
   * @param make makes it for one parameter
   * @param scaleFree whether gradients c·G give the same weights for all c &gt; 0
   * @param transposes whether transposed gradients give transposed weights
   * @param onlyWhereItCanMove null for a parameter that has no freedom on the manifold
   * @param onto takes any value to the manifold
   */
  record Subject(
      String name,
      Function<Parameter, Optimizer> make,
      boolean scaleFree,
      boolean transposes,
      UnaryOperator<Parameter> onlyWhereItCanMove,
      BiFunction<Parameter, double[], double[]> onto) {
    Subject(
        String name, Function<Parameter, Optimizer> make, boolean scaleFree, boolean transposes) {
      this(name, make, scaleFree, transposes, p -> p, (_, x) -> x);
    }

    /** A first value, on the manifold where there is one. */
    double[] start(Parameter p, long seed) {
      return onto.apply(p, Run.gaussian(p.shape(), seed));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Subject muon(
      String name, MuonSettings settings, boolean scaleFree, boolean transposes) {
    return new Subject(
        name, p -> new Muon("muon", List.of(p), settings, CONSTANT), scaleFree, transposes);
  }

  private static Subject adamW(String name, AdamWSettings settings) {
    return new Subject(name, p -> new AdamW(List.of(p), settings, CONSTANT), false, true);
  }

  static Stream<Subject> all() {
    List<Subject> all = new ArrayList<>();
    all.add(adamW("adamw", new AdamWSettings(0.02, 0.9, 0.95, 1e-12, 0)));
    AdamWSettings decaying = new AdamWSettings(0.02, 0.9, 0.95, 1e-12, 0.1);
    all.add(adamW("adamw with decay", decaying));
    all.add(adamW("adamw with cautious decay", decaying.withCautiousDecay()));
    all.add(muon("muon", MuonSettings.muon(0.02), true, false));
    all.add(
        muon(
            "muon match_rms_adamw",
            MuonSettings.muon(0.02).withScaling(ShapeScaling.MATCH_RMS_ADAMW),
            true,
            true));
    all.add(
        muon(
            "muon with decay",
            MuonSettings.muon(0.02).withScaling(ShapeScaling.NONE).withDecay(0.1, false),
            true,
            true));
    all.add(
        muon(
            "muon with cautious decay",
            MuonSettings.muon(0.02).withScaling(ShapeScaling.NONE).withDecay(0.1, true),
            true,
            true));
    all.add(
        muon(
            "muon by polar-express",
            MuonSettings.muon(0.02).withPolar(PolarIteration.polarExpress(8)),
            true,
            false));
    all.add(
        muon("muon by svd", MuonSettings.muon(0.02).withPolar(PolarSvd.standard()), true, false));
    all.add(muon("normuon", MuonSettings.norMuon(0.02), true, false));
    all.add(muon("simple muon", MuonSettings.simple(0.02), true, true));
    all.add(
        new Subject(
            "composed",
            p ->
                new ComposedOptimizer(
                    List.of(new Muon("muon", List.of(p), MuonSettings.muon(0.02), CONSTANT))),
            true,
            false));
    manifolds(all);
    return all.stream();
  }

  private static void manifolds(List<Subject> all) {
    StiefelSettings exact =
        StiefelSettings.of(0.02).withPolar(PolarIteration.polarExpress(20)).withTolerance(1e-16);
    stiefel(all, "stiefel project", exact.withSolver(new StiefelSolver.Project()));
    stiefel(all, "stiefel irls", exact.withSolver(Irls.training(1)));
    stiefel(all, "stiefel irls, cold", exact.withSolver(Irls.training(2).cold()));
    stiefel(all, "stiefel irls, certified", exact.withSolver(Irls.certified(6)).certified());
    stiefel(all, "stiefel dual ascent", exact.withSolver(DualAscent.of(3, 0.1)));
    stiefel(
        all,
        "stiefel dual ascent, warm",
        exact.withSolver(new DualAscent(2, 0.1, 1e-3, DualAscent.Convention.LIBRARY, true)));
    stiefel(all, "stiefel admm", exact.withSolver(Admm.of(3)));
    stiefel(
        all,
        "stiefel project by svd",
        exact.withSolver(new StiefelSolver.Project()).withPolar(new PolarSvd(1e-12)));
    stiefel(all, "stiefel of radius 2, lazy", exact.withRadius(2).withRetractEvery(2));
    for (SphereMode mode : SphereMode.values()) {
      HypersphereSettings settings = HypersphereSettings.of(0.02, mode);
      sphere(all, "sphere " + mode, settings);
      sphere(all, "geodesic sphere " + mode, settings.alongGeodesics());
    }
  }

  private static void stiefel(List<Subject> all, String name, StiefelSettings settings) {
    all.add(
        new Subject(
            name,
            p -> new StiefelMuon("stiefel", List.of(p), settings, CONSTANT),
            true,
            true,
            p -> p,
            (p, x) -> Manifolds.stiefel(p.shape(), x, settings.radius())));
  }

  private static void sphere(List<Subject> all, String name, HypersphereSettings settings) {
    SphereMode mode = settings.mode();
    all.add(
        new Subject(
            name,
            p -> new HypersphereMuon("sphere", List.of(p), settings, CONSTANT),
            true,
            mode == SphereMode.WHOLE,
            p -> {
              boolean points =
                  (mode == SphereMode.PER_ROW && p.shape().dim(-1) == 1)
                      || (mode == SphereMode.PER_COLUMN && p.shape().dim(-2) == 1);
              return points ? null : p;
            },
            (p, x) -> Manifolds.sphere(p.shape(), x, mode)));
  }

  private static Parameter parameter(int... dims) {
    return new Parameter("w", Shape.of(dims), Role.EXPERT_UP);
  }

  /** A convex function with its gradient. */
  private record Convex(
      String name, ToDoubleFunction<double[]> value, UnaryOperator<double[]> gradient) {}

  private static List<Convex> convex(double[] target) {
    double[] slope = target.clone();
    return List.of(
        new Convex("linear", w -> sum(w.length, i -> slope[i] * w[i]), _ -> slope.clone()),
        new Convex(
            "square",
            w -> sum(w.length, i -> (i % 3 + 1) * Math.pow(w[i] - target[i], 2) / 2),
            w -> each(w.length, i -> (i % 3 + 1) * (w[i] - target[i]))),
        new Convex(
            "log cosh",
            w -> sum(w.length, i -> Math.log(Math.cosh(w[i] - target[i]))),
            w -> each(w.length, i -> Math.tanh(w[i] - target[i]))));
  }

  private static double sum(int n, IntToDoubleFunction f) {
    return IntStream.range(0, n).mapToDouble(f).sum();
  }

  private static double[] each(int n, IntToDoubleFunction f) {
    return IntStream.range(0, n).mapToDouble(f).toArray();
  }

  @ParameterizedTest
  @MethodSource("all")
  void convexFunctionsDecrease(Subject s) {
    for (int[] dims : new int[][] {{9, 5}, {5, 9}, {7, 7}, {6, 1}, {1, 6}}) {
      Parameter p = s.onlyWhereItCanMove.apply(parameter(dims));
      if (p == null) {
        continue;
      }
      double[] target = Run.gaussian(p.shape(), SEED);
      double[] start = s.onto.apply(p, Run.gaussian(p.shape(), SEED + 1));
      for (Convex f : convex(target)) {
        try (Run run = new Run("reference", s.make.apply(p)).with(p, start)) {
          double last = f.value.applyAsDouble(run.read(p));
          for (int part = 0; part < 3; part++) {
            run.descend(5, f.gradient);
            double next = f.value.applyAsDouble(run.read(p));
            assertThat(next).as("%s, %s of %s", s, f.name, p.shape()).isLessThan(last);
            last = next;
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void weightsAndStateAreAllThatAStepKnows(Subject s) {
    Parameter p = parameter(2, 7, 4);
    try (Run run = new Run("reference", s.make.apply(p)).with(p, s.start(p, 1));
        Run other = new Run("reference", s.make.apply(p))) {
      step(run, p, 0, 3);
      Map<String, Tensor> middle = run.snapshot();
      other.restore(middle, 3);
      step(run, p, 3, 6);
      step(other, p, 3, 6);
      assertThat(bits(other.snapshot())).isEqualTo(bits(run.snapshot()));
      assertThat(bits(other.snapshot())).isNotEqualTo(bits(middle));
    }
  }

  private static void step(Run run, Parameter p, int from, int to) {
    for (int i = from; i < to; i++) {
      run.step(Run.gaussian(p.shape(), 100 + i));
    }
  }

  private static Map<String, List<Double>> bits(Map<String, Tensor> tensors) {
    Map<String, List<Double>> all = new TreeMap<>();
    tensors.forEach((k, v) -> all.put(k, Arrays.stream(v.doubles()).boxed().toList()));
    return all;
  }

  @ParameterizedTest
  @MethodSource("all")
  void aStackStepsAsItsMembers(Subject s) {
    Parameter stack = parameter(2, 3, 5, 8);
    Parameter member = parameter(5, 8);
    double[] w = s.start(stack, 1);
    try (Run whole = new Run("reference", s.make.apply(stack)).with(stack, w)) {
      step(whole, stack, 0, 3);
      for (int k = 0; k < 6; k++) {
        int at = k * 40;
        try (Run run = new Run("reference", s.make.apply(member))) {
          run.with(member, Arrays.copyOfRange(w, at, at + 40));
          for (int i = 0; i < 3; i++) {
            double[] d = Run.gaussian(stack.shape(), 100 + i);
            run.step(Arrays.copyOfRange(d, at, at + 40));
          }
          double[] want = Arrays.copyOfRange(whole.read(stack), at, at + 40);
          assertThat(Run.distance(run.read(member), want)).as("member " + k).isLessThan(1e-13);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void zeroGradientsMoveNothingButByDecay(Subject s) {
    boolean decays = s.name.contains("decay");
    Parameter p = parameter(3, 6, 4);
    double[] w = s.start(p, 1);
    try (Run run = new Run("reference", s.make.apply(p)).with(p, w)) {
      run.descend(3, _ -> new double[w.length]);
      double keep = decays ? Math.pow(1 - 0.02 * 0.1, 3) : 1;
      double[] want = Arrays.stream(w).map(x -> keep * x).toArray();
      assertThat(Run.distance(run.read(p), want)).isLessThan(1e-14);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void scaleOfTheGradients(Subject s) {
    Parameter p = parameter(6, 4);
    double[] plain = after(s, p, x -> x, 1);
    for (double c : new double[] {1e-6, 1e6}) {
      double distance = Run.distance(after(s, p, x -> x, c), plain);
      if (s.scaleFree) {
        assertThat(distance).as("scale " + c).isLessThan(1e-9);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void aWideMatrixStepsAsItsTallTranspose(Subject s) {
    Parameter tall = parameter(2, 7, 4);
    Parameter wide = parameter(2, 4, 7);
    double[] a = after(s, tall, x -> x, 1);
    double[] b = after(s, wide, x -> Run.transposed(x, 7, 4), 1);
    double distance = Run.distance(Run.transposed(b, 4, 7), a);
    if (s.transposes) {
      assertThat(distance).isLessThan(1e-13);
    } else {
      assertThat(distance).isGreaterThan(1e-4);
    }
  }

  /** The weights after three steps on gradients c·G, all laid out by {@code layout}. */
  private static double[] after(Subject s, Parameter p, UnaryOperator<double[]> layout, double c) {
    try (Run run = new Run("reference", s.make.apply(p))) {
      run.with(p, s.onto.apply(p, layout.apply(Run.gaussian(p.shape(), 1))));
      for (int i = 0; i < 3; i++) {
        double[] d = Run.gaussian(p.shape(), 100 + i);
        run.step(layout.apply(Arrays.stream(d).map(x -> c * x).toArray()));
      }
      return run.read(p);
    }
  }

  /** It comes out in the weights, or ends the step by its name. */
  @ParameterizedTest
  @MethodSource("all")
  void aNaNStaysVisible(Subject s) {
    Parameter p = parameter(4, 3);
    double[] d = Run.gaussian(p.shape(), 1);
    d[5] = Double.NaN;
    try (Run run = new Run("reference", s.make.apply(p)).with(p, s.start(p, 2))) {
      Throwable failure = catchThrowable(() -> run.step(d));
      if (failure == null) {
        assertThat(run.read(p)).contains(Double.NaN);
      } else {
        assertThat(failure).isInstanceOf(NumericalException.class).hasMessageContaining("NaN");
      }
    }
  }

  /** A variable that stood for two things would be stepped twice, or overwritten. */
  @Test
  void variablesHaveDifferentNames() {
    Parameter w = parameter(4, 3);
    List<Function<List<Parameter>, Optimizer>> all =
        List.of(
            ps -> new AdamW("o", ps, AdamWSettings.of(0.1), CONSTANT),
            ps -> new Muon("o", ps, MuonSettings.muon(0.1), CONSTANT),
            ps -> new StiefelMuon("o", ps, StiefelSettings.of(0.1), CONSTANT),
            ps ->
                new HypersphereMuon(
                    "o", ps, HypersphereSettings.of(0.1, SphereMode.PER_ROW), CONSTANT),
            ps -> new Frozen("o", ps));
    for (Function<List<Parameter>, Optimizer> make : all) {
      Optimizer twice = make.apply(List.of(w, w));
      assertThat(catchThrowable(() -> new Run("reference", twice)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("o: 'w' given as the name of a parameter and again of a parameter");
      for (StateVariable s : make.apply(List.of(w)).state()) {
        Parameter b = new Parameter(s.name(), w.shape(), Role.ATTENTION);
        Optimizer clash = make.apply(List.of(w, b));
        assertThat(catchThrowable(() -> new Run("reference", clash)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(
                "o: '" + s.name() + "' given as the name of a parameter and again of a state");
        Optimizer other = new Frozen("other", List.of(b));
        assertThat(
                catchThrowable(() -> new ComposedOptimizer(List.of(make.apply(List.of(w)), other))))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("'" + s.name() + "'");
      }
    }
  }
}
