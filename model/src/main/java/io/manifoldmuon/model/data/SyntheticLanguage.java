package io.manifoldmuon.model.data;

import io.manifoldmuon.linalg.CounterRandom;
import java.util.Arrays;

/**
 * A seeded random language whose entropy rate is known: an order-2 Markov source over A = 27 bytes,
 * the letters a to z and the space.
 *
 * <p>Symbol c follows (a, b) with probability P(c | a, b) = (1 − ε)·w³(a,b,c) / Σ w³ + ε / A, w
 * exponential noise of the seed, ε = 0.01. All probabilities are positive, so the chain on pairs is
 * ergodic; π(a, b) is its stationary distribution, from which the text starts. Then, in nats,
 *
 * <ul>
 *   <li>h = −Σ π(a, b) P(c | a, b) ln P(c | a, b) is the entropy rate: no model does better for a
 *       symbol after two or more known ones;
 *   <li>h₁ = −Σ π(a, b) ln (π(a, b) / Σ_b π(a, b)) is the entropy of a symbol after one known one.
 * </ul>
 *
 * <p><b>Source</b> Cover and Thomas, Elements of Information Theory, theorem 4.2.4.
 */
public final class SyntheticLanguage {
  static final int ALPHABET = 27;
  private static final int PAIRS = ALPHABET * ALPHABET;
  private static final double UNIFORM_SHARE = 0.01;
  private static final int MAX_ITERATIONS = 10_000;
  private static final int TEXT_STREAM = 1;
  private static final int LANGUAGE_STREAM = 0;

  private final long seed;
  private final double[][] next = new double[PAIRS][ALPHABET];
  private final double[] stationary;
  private final double entropyRate;
  private final double firstEntropy;

  public SyntheticLanguage(long seed) {
    this.seed = seed;
    for (int pair = 0; pair < PAIRS; pair++) {
      fillRow(pair);
    }
    this.stationary = stationaryDistribution();
    this.entropyRate = entropyAfterTwo();
    this.firstEntropy = entropyAfterOne();
  }

  /** The entropy rate h: the least possible mean cross-entropy of a byte with full context. */
  public double entropyNatsPerToken() {
    return entropyRate;
  }

  /**
   * The least possible expected cross-entropy over windows of {@code context} bytes: (h₁ + (T −
   * 1)·h) / T, as the first target of a window is predicted from one byte only.
   */
  public double floorNatsPerToken(int context) {
    return (firstEntropy + (context - 1.0) * entropyRate) / context;
  }

  /** The first {@code length} bytes of the text. */
  public byte[] generate(int length) {
    double[][] cumulative = new double[PAIRS][];
    Arrays.setAll(cumulative, pair -> cumulate(next[pair]));
    var text = new byte[length];
    int pair = draw(cumulate(stationary), 0);
    for (int i = 0; i < length; i++) {
      text[i] = letter(pair / ALPHABET);
      pair = pair % ALPHABET * ALPHABET + draw(cumulative[pair], i + 1L);
    }
    return text;
  }

  /** P(c | a, b), of the bytes of the text; 0 for bytes outside the alphabet. */
  double probability(byte a, byte b, byte c) {
    int i = symbol(a);
    int j = symbol(b);
    int k = symbol(c);
    return i < 0 || j < 0 || k < 0 ? 0 : next[i * ALPHABET + j][k];
  }

  /** π(a, b), at index 27·a + b. */
  double[] stationary() {
    return stationary.clone();
  }

  private void fillRow(int pair) {
    double sum = 0;
    for (int c = 0; c < ALPHABET; c++) {
      double u = uniform(LANGUAGE_STREAM, (long) pair * ALPHABET + c);
      double w = -Math.log1p(-u);
      next[pair][c] = w * w * w;
      sum += next[pair][c];
    }
    for (int c = 0; c < ALPHABET; c++) {
      next[pair][c] = (1 - UNIFORM_SHARE) * next[pair][c] / sum + UNIFORM_SHARE / ALPHABET;
    }
  }

  /** Power iteration to a fixed point; ε > 0 makes it contract. */
  private double[] stationaryDistribution() {
    var current = new double[PAIRS];
    Arrays.fill(current, 1.0 / PAIRS);
    for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      double[] following = advance(current);
      double change = 0;
      for (int pair = 0; pair < PAIRS; pair++) {
        change += Math.abs(following[pair] - current[pair]);
      }
      current = following;
      if (change < 1e-14) {
        return current;
      }
    }
    throw new IllegalStateException("synthetic language: no stationary distribution, seed " + seed);
  }

  /** One step of the chain on pairs, (a, b) → (b, c), renormalised against rounding. */
  private double[] advance(double[] current) {
    var following = new double[PAIRS];
    for (int pair = 0; pair < PAIRS; pair++) {
      int start = pair % ALPHABET * ALPHABET;
      for (int c = 0; c < ALPHABET; c++) {
        following[start + c] += current[pair] * next[pair][c];
      }
    }
    double sum = Arrays.stream(following).sum();
    for (int pair = 0; pair < PAIRS; pair++) {
      following[pair] /= sum;
    }
    return following;
  }

  private double entropyAfterTwo() {
    double entropy = 0;
    for (int pair = 0; pair < PAIRS; pair++) {
      for (double p : next[pair]) {
        entropy -= stationary[pair] * p * Math.log(p);
      }
    }
    return entropy;
  }

  private double entropyAfterOne() {
    double entropy = 0;
    for (int a = 0; a < ALPHABET; a++) {
      double marginal = 0;
      for (int b = 0; b < ALPHABET; b++) {
        marginal += stationary[a * ALPHABET + b];
      }
      for (int b = 0; b < ALPHABET; b++) {
        double joint = stationary[a * ALPHABET + b];
        entropy -= joint * Math.log(joint / marginal);
      }
    }
    return entropy;
  }

  /** The index that a uniform number of the text's stream falls on. */
  private int draw(double[] cumulative, long counter) {
    double u = uniform(TEXT_STREAM, counter) * cumulative[cumulative.length - 1];
    int i = 0;
    while (i < cumulative.length - 1 && u >= cumulative[i]) {
      i++;
    }
    return i;
  }

  private double uniform(int stream, long counter) {
    return CounterRandom.uniform(seed, stream, counter);
  }

  private static double[] cumulate(double[] p) {
    double[] sums = p.clone();
    for (int i = 1; i < sums.length; i++) {
      sums[i] += sums[i - 1];
    }
    return sums;
  }

  private static byte letter(int symbol) {
    return (byte) (symbol == ALPHABET - 1 ? ' ' : 'a' + symbol);
  }

  private static int symbol(byte letter) {
    if (letter == ' ') {
      return ALPHABET - 1;
    }
    return letter >= 'a' && letter <= 'z' ? letter - 'a' : -1;
  }
}
