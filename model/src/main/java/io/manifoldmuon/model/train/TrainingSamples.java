package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.Dataset;
import io.manifoldmuon.model.data.TextStream;
import io.manifoldmuon.model.data.Tokenizer;
import io.manifoldmuon.model.nn.LanguageModel;

/**
 * Lets the model in training go on after the first tokens of the validation text, always with the
 * same draws, so that one sample can be compared with the next.
 */
final class TrainingSamples implements AutoCloseable {
  /** Tokens of the validation text that a sample begins with. */
  static final int PROMPT = 32;

  private static final int TOKENS = 160;
  private static final double TEMPERATURE = 0.8;
  private static final int TOP_K = 40;

  private final Tokenizer tokenizer;
  private final int[] prompt;
  private final Sampler.Settings settings;
  private final Sampler sampler;
  private final RunJournal journal;
  private String last = "";

  TrainingSamples(
      Engine engine, LanguageModel model, RunConfig config, Dataset data, RunJournal journal) {
    int context = config.model().context();
    this.tokenizer = data.tokenizer();
    this.prompt = new int[Math.min(PROMPT, context / 2)];
    data.validation().copy(0, prompt, 0, prompt.length);
    this.settings = new Sampler.Settings(TEMPERATURE, TOP_K, config.train().seed(), TOKENS);
    this.sampler = Sampler.cached(engine, model, config.model());
    this.journal = journal;
  }

  /** Writes a sample of the engine's weights to the journal. */
  void write(long step) {
    TextStream stream = tokenizer.textStream();
    StringBuilder given = new StringBuilder();
    for (int token : prompt) {
      given.append(stream.accept(token));
    }
    StringBuilder text = new StringBuilder();
    sampler.sample(prompt, settings, token -> text.append(stream.accept(token)));
    text.append(stream.finish());
    journal.sample(step, given.toString(), text.toString());
    last = given.append(text).toString();
  }

  /** The last sample with its prompt; empty before the first. */
  String last() {
    return last;
  }

  @Override
  public void close() {
    sampler.close();
  }
}
