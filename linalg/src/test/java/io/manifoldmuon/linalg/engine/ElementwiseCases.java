package io.manifoldmuon.linalg.engine;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.graph.Align;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.Op;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import java.util.ArrayList;
import java.util.List;

/** Functions of single elements, repeats and sums. */
final class ElementwiseCases {
  private static final Shape[] SHAPES = {
    Shape.scalar(), Shape.of(1), Shape.of(7), Shape.of(3, 5), Shape.of(2, 3, 31), Shape.of(65)
  };

  private ElementwiseCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    for (Unary f : Unary.values()) {
      for (Shape s : SHAPES) {
        map(cases, f, s, domain(f));
      }
    }
    map(cases, Unary.EXP, Shape.of(31), Values.LARGE);
    map(cases, Unary.SQUARE, Shape.of(31), Values.LARGE);
    map(cases, Unary.SQUARE, Shape.of(31), Values.SMALL);
    map(cases, Unary.SILU, Shape.of(31), Values.SMALL);
    cases.add(saturated(Unary.SILU));
    map(cases, Unary.GELU, Shape.of(31), Values.SMALL);
    map(cases, Unary.ROUND_BFLOAT16, Shape.of(1031), Values.LARGE);
    map(cases, Unary.ROUND_BFLOAT16, Shape.of(1031), Values.SMALL);
    cases.add(saturated(Unary.GELU));
    cases.add(saturated(Unary.SIGMOID));
    for (Binary f : Binary.values()) {
      zips(cases, f);
    }
    cases.add(
        Case.of(new Op.Zip(Binary.MUL, Align.PREFIX), "of one value twice")
            .real(Values.GAUSS, 3, 5)
            .recipe((g, in) -> List.of(g.mul(in.get(0), in.get(0))))
            .build());
    for (Shape s : SHAPES) {
      blends(cases, s);
      maxAbs(cases, 0, s, Values.AWAY);
    }
    maxAbs(cases, 1, Shape.of(13, 31), Values.GAUSS);
    maxAbs(cases, 2, Shape.of(3, 5), Values.SMALL);
    maxAbs(cases, 2, Shape.of(3, 5, 65), Values.LARGE);
    repeatsAndSums(cases);
    return cases;
  }

  /** Where the function is defined and has no kink. */
  private static Values domain(Unary f) {
    return switch (f) {
      case SQRT, LOG -> Values.POSITIVE;
      case ABS, SIGN, RECIPROCAL -> Values.AWAY;
      case NEGATE, SQUARE, EXP, SIGMOID, SILU, GELU, ROUND_BFLOAT16 -> Values.GAUSS;
    };
  }

  static void map(List<Case> cases, Unary f, Shape s, Values values) {
    if (f == Unary.ROUND_BFLOAT16) { // it jumps, so that only exact operands have one answer
      cases.add(
          Case.of(new Op.Map(f), f + " " + values + " " + s)
              .fixed(values, s.toArray())
              .functional(0)
              .build());
      return;
    }
    cases.add(Case.of(new Op.Map(f), f + " " + values + " " + s).real(values, s).build());
    cases.add(
        Case.of(new Op.MapBackward(f), f + " " + values + " " + s)
            .real(values, s)
            .real(Values.GAUSS, s)
            .functional(0)
            .build());
  }

  private static Case saturated(Unary f) {
    return Case.of(new Op.Map(f), f + " of up to ±100")
        .real(Values.LARGE, 131)
        .functional(0)
        .build();
  }

  private static void zips(List<Case> cases, Binary f) {
    Shape cube = Shape.of(3, 5, 7);
    zip(cases, f, Shape.scalar(), Shape.scalar(), Align.PREFIX);
    zip(cases, f, Shape.of(1), Shape.scalar(), Align.PREFIX);
    zip(cases, f, Shape.of(65), Shape.of(65), Align.PREFIX);
    zip(cases, f, cube, cube, Align.SUFFIX);
    zip(cases, f, cube, Shape.scalar(), Align.PREFIX);
    zip(cases, f, cube, Shape.scalar(), Align.SUFFIX);
    zip(cases, f, cube, Shape.of(3), Align.PREFIX);
    zip(cases, f, cube, Shape.of(3, 5), Align.PREFIX);
    zip(cases, f, cube, Shape.of(7), Align.SUFFIX);
    zip(cases, f, cube, Shape.of(5, 7), Align.SUFFIX);
    zip(cases, f, Shape.of(2, 65), Shape.of(2), Align.PREFIX);
    zip(cases, f, Shape.of(2, 65), Shape.of(65), Align.SUFFIX);
    zip(cases, f, Shape.of(17, 1), Shape.of(17), Align.PREFIX);
  }

  static void zip(List<Case> cases, Binary f, Shape a, Shape b, Align align) {
    Values left = Values.GAUSS;
    Values right = f == Binary.DIV ? Values.AWAY : Values.GAUSS;
    if (f == Binary.MIN || f == Binary.MAX) {
      left = Values.ODD;
      right = Values.EVEN;
    }
    cases.add(
        Case.of(new Op.Zip(f, align), f + " " + a + " with " + align + " " + b)
            .real(left, a)
            .real(right, b)
            .build());
  }

  /** Weighted sums of two tensors. */
  static void blends(List<Case> cases, Shape s) {
    cases.add(
        Case.of(new Op.Lerp(), "" + s)
            .real(Values.GAUSS, s)
            .real(Values.GAUSS, s)
            .real(Values.POSITIVE)
            .build());
    cases.add(
        Case.of(new Op.WeightedSum(-0.5, 1.5, 0), "" + s)
            .real(Values.GAUSS, s)
            .real(Values.GAUSS, s)
            .build());
  }

  static void maxAbs(List<Case> cases, int keep, Shape s, Values values) {
    String label = keep + " of " + values + " " + s;
    cases.add(Case.of(new Op.MaxAbs(keep), label).real(values, s).functional(0).build());
  }

  private static void repeatsAndSums(List<Case> cases) {
    Shape[][] prefixes = {
      {Shape.scalar(), Shape.of(7)},
      {Shape.scalar(), Shape.of(1)},
      {Shape.of(13), Shape.of(13, 1)},
      {Shape.of(3), Shape.of(3, 5, 7)},
      {Shape.of(3, 5), Shape.of(3, 5, 65)},
      {Shape.scalar(), Shape.of(17, 31)}
    };
    Shape[][] suffixes = {
      {Shape.scalar(), Shape.of(3, 5)},
      {Shape.of(13), Shape.of(1, 13)},
      {Shape.of(7), Shape.of(3, 5, 7)},
      {Shape.of(5, 7), Shape.of(65, 5, 7)},
      {Shape.of(1), Shape.of(31, 1)}
    };
    for (Shape[] p : prefixes) {
      repeatAndSum(cases, p[0], p[1], Align.PREFIX);
      dot(cases, p[0].rank(), p[1], Values.GAUSS);
    }
    for (Shape[] s : suffixes) {
      repeatAndSum(cases, s[0], s[1], Align.SUFFIX);
    }
    dot(cases, 2, Shape.of(3, 5), Values.GAUSS);
    dot(cases, 0, Shape.of(1031), Values.GAUSS);
    dot(cases, 0, Shape.of(1031), Values.POSITIVE);
    dot(cases, 1, Shape.of(3, 31), Values.LARGE);
    cases.add(
        Case.of(new Op.Dot(1), "of one value twice")
            .real(Values.GAUSS, 5, 13)
            .recipe((g, in) -> List.of(g.dot(in.get(0), in.get(0), 1)))
            .build());
    cases.add(
        Case.of(new Op.Sum(Shape.scalar(), Align.PREFIX), "of positive [1031]")
            .real(Values.POSITIVE, 1031)
            .build());
    cases.add(meanAndVariance());
  }

  static void repeatAndSum(List<Case> cases, Shape small, Shape large, Align align) {
    String label = small + " the " + align + " of " + large;
    cases.add(Case.of(new Op.Expand(large, align), label).real(Values.GAUSS, small).build());
    cases.add(Case.of(new Op.Sum(small, align), label).real(Values.GAUSS, large).build());
  }

  static void dot(List<Case> cases, int keep, Shape s, Values values) {
    cases.add(
        Case.of(new Op.Dot(keep), keep + " of " + values + " " + s)
            .real(values, s)
            .real(values, s)
            .build());
  }

  /** A chain that an engine may fuse or compute in place, with values that are used again. */
  private static Case meanAndVariance() {
    return Case.of(new Op.Sum(Shape.scalar(), Align.PREFIX), "in a chain of elementwise ops")
        .real(Values.GAUSS, 5, 31)
        .recipe(
            (g, in) -> {
              Value x = in.get(0);
              Value centred = g.sub(x, g.mean(x));
              Value variance = g.mean(g.map(Unary.SQUARE, centred));
              Value y = g.div(centred, g.map(Unary.SQRT, g.add(variance, g.constant(1e-3))));
              return List.of(g.map(Unary.SIGMOID, y), variance, g.add(y, x));
            })
        .build();
  }
}
