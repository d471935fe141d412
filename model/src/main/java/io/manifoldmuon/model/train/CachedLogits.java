package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.nn.KeyValueCache;
import io.manifoldmuon.model.nn.LanguageModel;

/**
 * Computes the tokens of a text once, and after that only the newest one, by the keys and values
 * that a {@link KeyValueCache} keeps of the others.
 */
final class CachedLogits implements NextToken {
  private final KeyValueCache cache;
  private final WindowLogits first;
  private final Program effective; // null where no weight has a gain
  private final Program next;
  private final int[] id = new int[1];
  private final Tensor idTensor = Tensor.of(Shape.of(1), id);

  CachedLogits(Engine engine, LanguageModel model, ModelConfig config) {
    this.cache = model.cache();
    this.first = new WindowLogits(engine, config.context(), model::firstLogits);
    GraphBuilder weights = new GraphBuilder();
    boolean gains = model.recordEffectiveWeights(weights);
    this.effective = gains ? engine.compile(weights.build()) : null;
    GraphBuilder g = new GraphBuilder();
    g.output(WindowLogits.LOGITS, model.nextLogits(g, g.input(StepGraphs.IDS, Type.integer(1))));
    this.next = engine.compile(g.build());
    cache.writeConstants(next);
  }

  @Override
  public float[] start(int[] text, int length) {
    if (effective != null) {
      effective.run();
    }
    WindowLogits.Window window = first.window(length);
    cache.writeFirst(window.program(), window.length(), length);
    return first.start(text, length);
  }

  @Override
  public float[] next(int[] text, int length) {
    id[0] = text[length - 1];
    next.write(StepGraphs.IDS, idTensor);
    cache.writeNext(next, length - 1);
    next.run();
    return next.read(WindowLogits.LOGITS).floats();
  }

  @Override
  public void close() {
    first.close();
    next.close();
    if (effective != null) {
      effective.close();
    }
  }
}
