package io.manifoldmuon.model.demo;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Binary;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Unary;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.optim.Manifold;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A perceptron of four layers, whose matrices W are all on the Stiefel manifold:
 *
 * <pre>
 *   z = gain·(x·Wᵀ) + bias      x ← z·σ(z), but logits = z in the last layer
 * </pre>
 *
 * <p>The shapes of W are tall [H, 2], square [H, H], wide [H/2, H] and wide [2, H/2]. A matrix with
 * W'W = I cannot change its scale, which is what the gain, a free number, is for.
 */
final class SpiralNetwork {
  private static final int H = 64;
  private static final int[][] SHAPES = {{H, 2}, {H, H}, {H / 2, H}, {2, H / 2}};
  private static final double[] FIRST_GAINS = {4, 2, 2, 2};
  private static final Manifold MANIFOLD = new Manifold.Stiefel(1);

  private SpiralNetwork() {}

  /** The matrices, on the manifold. */
  static List<Parameter> matrices() {
    List<Parameter> all = new ArrayList<>();
    for (int i = 0; i < SHAPES.length; i++) {
      all.add(Parameter.matrix("matrix." + i, SHAPES[i][0], SHAPES[i][1]));
    }
    return all;
  }

  /** Gains and biases, which are free. */
  static List<Parameter> rest() {
    List<Parameter> all = new ArrayList<>();
    for (int i = 0; i < SHAPES.length; i++) {
      all.add(new Parameter("gain." + i, Shape.scalar(), Role.GAIN));
      all.add(new Parameter("bias." + i, Shape.of(SHAPES[i][0]), Role.GAIN));
    }
    return all;
  }

  /** All parameters. */
  static List<Parameter> parameters() {
    return Stream.concat(matrices().stream(), rest().stream()).toList();
  }

  /** Records the logits [n, 2] of points [n, 2]. */
  static Value logits(GraphBuilder g, Value points) {
    List<Parameter> matrices = matrices();
    List<Parameter> rest = rest();
    Value x = points;
    for (int i = 0; i < SHAPES.length; i++) {
      Value y = g.mul(g.matMulNT(x, matrices.get(i).value(g)), rest.get(2 * i).value(g));
      Value z = g.zipColumns(Binary.ADD, y, rest.get(2 * i + 1).value(g));
      x = i == SHAPES.length - 1 ? z : g.map(Unary.SILU, z);
    }
    return x;
  }

  /** Writes the first weights: random points of the manifold, biases across the square. */
  static void initialize(Engine engine, long seed) {
    for (int i = 0; i < SHAPES.length; i++) {
      Parameter W = matrices().get(i);
      Parameter bias = rest().get(2 * i + 1);
      double spread = i == 0 ? FIRST_GAINS[0] / Math.sqrt(H) : 0;
      engine.write(W.variable(), Tensor.of(W.shape(), gaussian(W, seed, 1)));
      engine.write("gain." + i, Tensor.scalar(FIRST_GAINS[i]));
      engine.write(bias.variable(), Tensor.of(bias.shape(), gaussian(bias, seed, spread)));
    }
    GraphBuilder g = new GraphBuilder();
    matrices().forEach(W -> g.assign(W.variable(), MANIFOLD.project(g, W.value(g))));
    try (Program projection = engine.compile(g.build())) {
      projection.run();
    }
  }

  private static float[] gaussian(Parameter p, long seed, double deviation) {
    long stream = CounterRandom.stream(p.variable());
    float[] x = new float[p.shape().size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (deviation * CounterRandom.gaussian(seed, stream, i));
    }
    return x;
  }
}
