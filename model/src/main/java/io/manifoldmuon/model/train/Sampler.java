package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.data.DataException;
import io.manifoldmuon.model.nn.MoeLanguageModel;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;

/**
 * Continues a text token by token: each is drawn from softmax(logits / temperature) over the k
 * likeliest, given the last T tokens. The result is a pure function of weights, prompt and
 * settings.
 */
public final class Sampler implements AutoCloseable {
  private static final String POSITION = "position";
  private static final String LOGITS = "logits";
  private static final long STREAM = 0x73616D706C65L; // "sample" in ASCII

  /**
   * How to draw.
   *
   * @param temperature divides the logits; 0 always takes the likeliest token
   * @param topK how many of the likeliest tokens are drawn from; 0 for all
   * @param seed decides the draws
   * @param maxTokens the number of tokens to draw
   */
  public record Settings(double temperature, int topK, long seed, int maxTokens) {
    public Settings {
      check("temperature", temperature, temperature >= 0 && Double.isFinite(temperature));
      check("top-k", topK, topK >= 0);
      check("tokens", maxTokens, maxTokens >= 1);
    }

    private static void check(String name, Object value, boolean good) {
      if (!good) {
        throw new DataException(
            "sample: --"
                + name
                + " is "
                + value
                + ", wanted "
                + (name.equals("tokens") ? "at least 1" : "a finite number of at least 0"));
      }
    }
  }

  private static final int SHORTEST_WINDOW = 32;

  /** The program for one window length, and what it reads. */
  private record Window(Program program, int[] ids, Tensor idTensor) {}

  private final Engine engine;
  private final MoeLanguageModel model;
  private final int vocabulary;
  private final int context;
  private final NavigableMap<Integer, Window> windows = new TreeMap<>();
  private final int[] text;
  private final int[] position = new int[1];
  private final Tensor positionTensor = Tensor.of(Shape.of(1), position);
  private final int[] order;
  private final double[] weights;

  /** A sampler of the engine's weights. */
  public Sampler(Engine engine, MoeLanguageModel model, ModelConfig config) {
    this.engine = engine;
    this.model = model;
    this.vocabulary = model.vocabulary();
    this.context = config.context();
    this.text = new int[context];
    this.order = new int[vocabulary];
    this.weights = new double[vocabulary];
  }

  /** The smallest window of 32, 64, 128, … or T tokens that holds {@code length}. */
  private Window window(int length) {
    int size = SHORTEST_WINDOW;
    while (size < length) {
      size *= 2;
    }
    return windows.computeIfAbsent(Math.min(size, context), this::compile);
  }

  private Window compile(int size) {
    GraphBuilder g = new GraphBuilder();
    Value ids = g.input(StepGraphs.IDS, Type.integer(1, size));
    Value at = g.input(POSITION, Type.integer(1));
    g.output(LOGITS, model.logitsAt(g, ids, at));
    int[] buffer = new int[size];
    Tensor tensor = Tensor.of(Shape.of(1, size), buffer);
    return new Window(engine.compile(g.build()), buffer, tensor);
  }

  /**
   * Draws tokens after a prompt.
   *
   * @param prompt at least one token; only the last T count
   * @param tokens takes each token as it is drawn
   */
  public void sample(int[] prompt, Settings settings, IntConsumer tokens) {
    check(prompt);
    int filled = Math.min(prompt.length, context);
    System.arraycopy(prompt, prompt.length - filled, text, 0, filled);
    for (int i = 0; i < settings.maxTokens(); i++) {
      int token = draw(logits(filled), settings, i);
      tokens.accept(token);
      if (filled == context) {
        System.arraycopy(text, 1, text, 0, context - 1);
      } else {
        filled++;
      }
      text[filled - 1] = token;
    }
  }

  private void check(int[] prompt) {
    if (prompt.length == 0) {
      throw new DataException("sample: the prompt is empty, wanted at least one token");
    }
    for (int token : prompt) {
      if (token < 0 || token >= vocabulary) {
        throw new DataException(
            "sample: the prompt has token "
                + token
                + ", wanted 0 to "
                + (vocabulary - 1)
                + "; use the tokenizer that the model was trained with");
      }
    }
  }

  /** The logits of the token after the first {@code length} of the text. */
  private float[] logits(int length) {
    Window window = window(length);
    System.arraycopy(text, 0, window.ids(), 0, length);
    position[0] = length - 1;
    window.program().write(StepGraphs.IDS, window.idTensor());
    window.program().write(POSITION, positionTensor);
    window.program().run();
    return window.program().read(LOGITS).floats();
  }

  private int draw(float[] logits, Settings s, int counter) {
    int best = likeliest(logits);
    if (s.temperature() == 0) {
      return best;
    }
    int count = keep(logits, s.topK());
    double sum = 0;
    for (int i = 0; i < count; i++) {
      weights[i] = Math.exp((logits[order[i]] - (double) logits[best]) / s.temperature());
      sum += weights[i];
    }
    double left = CounterRandom.uniform(s.seed(), STREAM, counter) * sum;
    for (int i = 0; i < count; i++) {
      left -= weights[i];
      if (left < 0) {
        return order[i];
      }
    }
    return best; // only by rounding
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int i = 0; i < logits.length; i++) {
      if (!Float.isFinite(logits[i])) {
        throw new NumericalException(
            "sample: logit "
                + i
                + " is "
                + logits[i]
                + ", wanted a finite number; the weights are"
                + " damaged");
      }
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  /**
   * Puts the k likeliest tokens first in {@link #order}, ties to the lower one; returns how many.
   */
  private int keep(float[] logits, int k) {
    if (k == 0 || k >= vocabulary) {
      Arrays.setAll(order, i -> i);
      return vocabulary;
    }
    int count = 0;
    for (int token = 0; token < vocabulary; token++) {
      int at = count;
      while (at > 0 && logits[order[at - 1]] < logits[token]) {
        at--;
      }
      if (at < k) {
        int last = Math.min(count, k - 1);
        System.arraycopy(order, at, order, at + 1, last - at);
        order[at] = token;
        count = last + 1;
      }
    }
    return count;
  }

  @Override
  public void close() {
    windows.values().forEach(w -> w.program().close());
  }
}
