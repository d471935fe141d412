package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Computes every token of the text anew, in the smallest window of 32, 64, 128, … or T tokens that
 * holds it: there is a program for each length that was asked for.
 */
final class WindowLogits implements NextToken {
  static final String LAST = "position";
  static final String LOGITS = "logits";

  private static final int SHORTEST = 32;

  /** Records the logits [1, V] after the token at an index, int [1], of ids [1, W]. */
  @FunctionalInterface
  interface Recording {
    Value record(GraphBuilder g, Value ids, Value last);
  }

  /** The program for one window length, and what it reads. */
  record Window(Program program, int length, int[] ids, Tensor idTensor) {}

  private final Engine engine;
  private final int context;
  private final Recording recording;
  private final NavigableMap<Integer, Window> windows = new TreeMap<>();
  private final int[] last = new int[1];
  private final Tensor lastTensor = Tensor.of(Shape.of(1), last);

  WindowLogits(Engine engine, int context, Recording recording) {
    this.engine = engine;
    this.context = context;
    this.recording = recording;
  }

  /** The window for a text of this length. */
  Window window(int length) {
    int size = SHORTEST;
    while (size < length) {
      size *= 2;
    }
    return windows.computeIfAbsent(Math.min(size, context), this::compile);
  }

  private Window compile(int size) {
    GraphBuilder g = new GraphBuilder();
    Value ids = g.input(StepGraphs.IDS, Type.integer(1, size));
    Value at = g.input(LAST, Type.integer(1));
    g.output(LOGITS, recording.record(g, ids, at));
    int[] buffer = new int[size];
    Tensor tensor = Tensor.of(Shape.of(1, size), buffer);
    return new Window(engine.compile(g.build()), size, buffer, tensor);
  }

  @Override
  public float[] start(int[] text, int length) {
    Window window = window(length);
    System.arraycopy(text, 0, window.ids(), 0, length);
    last[0] = length - 1;
    window.program().write(StepGraphs.IDS, window.idTensor());
    window.program().write(LAST, lastTensor);
    window.program().run();
    return window.program().read(LOGITS).floats();
  }

  @Override
  public float[] next(int[] text, int length) {
    return start(text, length);
  }

  @Override
  public void close() {
    windows.values().forEach(w -> w.program().close());
  }
}
