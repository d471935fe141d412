package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.CounterRandom;
import io.manifoldmuon.linalg.NumericalException;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.model.data.DataException;
import io.manifoldmuon.model.nn.LanguageModel;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * Continues a text token by token: each is drawn from softmax(logits / temperature) over the k
 * likeliest, given the tokens before it. Once the model's window of T tokens is full, it goes on
 * with the last T/2 of them. The result is a pure function of weights, prompt and settings.
 */
public final class Sampler implements AutoCloseable {
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

  private final int vocabulary;
  private final int context;
  private final NextToken model;
  private final int[] text;
  private final int[] order;
  private final double[] weights;

  private Sampler(int vocabulary, int context, NextToken model) {
    this.vocabulary = vocabulary;
    this.context = context;
    this.model = model;
    this.text = new int[context];
    this.order = new int[vocabulary];
    this.weights = new double[vocabulary];
  }

  /** A sampler of the engine's weights that computes each token once. */
  public static Sampler cached(Engine engine, LanguageModel model, ModelConfig config) {
    return new Sampler(
        model.vocabulary(), config.context(), new CachedLogits(engine, model, config));
  }

  /**
   * A sampler that computes the whole window for every token: slow and plain, to compare with. The
   * logits are the same but for rounding.
   */
  public static Sampler uncached(Engine engine, LanguageModel model, ModelConfig config) {
    return new Sampler(
        model.vocabulary(),
        config.context(),
        new WindowLogits(engine, config.context(), model::logitsAt));
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
    float[] logits = model.start(text, filled);
    for (int i = 0; ; i++) {
      int token = draw(logits, settings, i);
      tokens.accept(token);
      if (i + 1 == settings.maxTokens()) {
        return;
      }
      boolean full = filled == context;
      if (full) {
        filled = context / 2;
        System.arraycopy(text, context - filled, text, 0, filled);
      }
      text[filled++] = token;
      logits = full ? model.start(text, filled) : model.next(text, filled);
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
    model.close();
  }
}
