package io.manifoldmuon.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Engines;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.model.config.RunConfig;
import io.manifoldmuon.model.data.DataException;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SamplerTest {
  private static final int[] PROMPT = {104, 101, 108};

  private final RunConfig config = TinyRun.config();
  private final Engine engine = TinyRun.reference();
  private final LanguageModel model = TinyRun.start(engine, config);
  private final Sampler sampler = Sampler.cached(engine, model, config.model());

  @AfterEach
  void close() {
    sampler.close();
    engine.close();
  }

  private List<Integer> sample(int[] prompt, double temperature, int k, long seed, int n) {
    List<Integer> tokens = new ArrayList<>();
    sampler.sample(prompt, new Sampler.Settings(temperature, k, seed, n), tokens::add);
    return tokens;
  }

  /** The logits after a prompt no longer than the context, without any padding. */
  private double[] logits(int[] prompt) {
    GraphBuilder g = new GraphBuilder();
    g.output("y", model.logits(g, g.input("x", Type.integer(1, prompt.length))));
    try (Program program = engine.compile(g.build())) {
      program.write("x", TinyRun.ids(1, prompt));
      program.run();
      Tensor all = program.read("y");
      int v = TinyRun.VOCABULARY;
      return java.util.Arrays.copyOfRange(
          all.doubles(), (prompt.length - 1) * v, prompt.length * v);
    }
  }

  @Test
  void theSameSeedGivesTheSameTextAndAnotherAnother() {
    List<Integer> first = sample(PROMPT, 5, 0, 1, 3 * TinyRun.CONTEXT);
    assertThat(first).hasSize(3 * TinyRun.CONTEXT);
    assertThat(sample(PROMPT, 5, 0, 1, 3 * TinyRun.CONTEXT)).isEqualTo(first);
    assertThat(sample(PROMPT, 5, 0, 2, 3 * TinyRun.CONTEXT)).isNotEqualTo(first);
  }

  @Test
  void temperatureZeroAndTopOneTakeTheLikeliest() {
    int best = likeliest(logits(PROMPT));
    assertThat(sample(PROMPT, 0, 0, 1, 1)).containsExactly(best);
    assertThat(sample(PROMPT, 3, 1, 1, 1)).containsExactly(best);
    assertThat(sample(PROMPT, 0, 0, 1, 12)).isEqualTo(sample(PROMPT, 3, 1, 7, 12));
  }

  /** Of the model, settings that change what the cache has to do. */
  private static Stream<Arguments> models() {
    return Stream.of(
            List.<String>of(),
            List.of("model.weight_gain=true", "model.shared_expert=true"),
            List.of("model.router_bias=true", "model.router_temperature=true"),
            List.of("model.n_heads=1", "model.n_layers=3", "model.context=40"),
            List.of("model.context=2", "model.routing=round_robin"),
            List.of("model.type=ngpt", "model.n_experts=1", "model.top_k=1"),
            List.of("model.type=gated-ngpt", "model.n_experts=1", "model.top_k=1"))
        .flatMap(s -> Stream.of("reference", "cpu").map(e -> Arguments.of(e, s)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void theCacheChangesNoToken(String engineName, List<String> settings) {
    RunConfig c = TinyRun.config(settings.toArray(String[]::new));
    try (Engine e = Engines.open(engineName, new EngineOptions(2, ""), n -> {})) {
      LanguageModel m = TinyRun.start(e, c);
      scatterGains(e, m);
      for (double temperature : new double[] {0, 3}) {
        for (int[] prompt : new int[][] {{7}, PROMPT, new int[c.model().context()]}) {
          var s = new Sampler.Settings(temperature, 0, 5, 3 * c.model().context() + 1);
          assertThat(tokens(Sampler.cached(e, m, c.model()), prompt, s))
              .as("temperature " + temperature + ", prompt of " + prompt.length)
              .isEqualTo(tokens(Sampler.uncached(e, m, c.model()), prompt, s))
              .hasSize(s.maxTokens());
        }
      }
    }
  }

  /** Gains that are not 1, so that a model which forgets them is another one. */
  private static void scatterGains(Engine e, LanguageModel m) {
    for (Parameter p : m.parameters()) {
      if (p.role() == Role.GAIN) {
        float[] x = e.read(p.variable()).floats();
        for (int i = 0; i < x.length; i++) {
          x[i] *= 0.5f + i % 7 / 5f;
        }
        e.write(p.variable(), Tensor.of(p.shape(), x));
      }
    }
  }

  private static List<Integer> tokens(Sampler sampler, int[] prompt, Sampler.Settings settings) {
    List<Integer> tokens = new ArrayList<>();
    try (sampler) {
      sampler.sample(prompt, settings, tokens::add);
    }
    return tokens;
  }

  @Test
  void cachedLogitsAreThoseOfTheWholeText() {
    int[] text = new int[TinyRun.CONTEXT];
    for (int i = 0; i < text.length; i++) {
      text[i] = 65 + 11 * i % 60;
    }
    try (NextToken cached = new CachedLogits(engine, model, config.model())) {
      for (int begin = 1; begin < text.length; begin += 3) { // a shorter text after a longer one
        float[] got = cached.start(text, begin);
        for (int length = begin; ; got = cached.next(text, ++length)) {
          double[] want = logits(java.util.Arrays.copyOf(text, length));
          for (int v = 0; v < want.length; v++) {
            assertThat((double) got[v]).isCloseTo(want[v], within(1e-5)); // float32 of about 10
          }
          if (length == text.length) {
            break;
          }
        }
      }
    }
  }

  @Test
  void afterAFullWindowItsLaterHalfCounts() {
    int[] prompt = new int[TinyRun.CONTEXT];
    for (int i = 0; i < prompt.length; i++) {
      prompt[i] = 97 + i;
    }
    List<Integer> got = sample(prompt, 0, 0, 1, 2);
    int half = TinyRun.CONTEXT / 2;
    int[] then = java.util.Arrays.copyOfRange(prompt, half, TinyRun.CONTEXT + 1);
    then[half] = got.getFirst();
    assertThat(got).containsExactly(likeliest(logits(prompt)), likeliest(logits(then)));
  }

  @Test
  void theLengthOfTheWindowDoesNotMatter() {
    RunConfig wide = TinyRun.config("model.context=80");
    LanguageModel long80 = TinyRun.model(wide);
    int[] prompt = new int[60];
    for (int i = 0; i < prompt.length; i++) {
      prompt[i] = 40 + 3 * i % 100;
    }
    List<Integer> got = new ArrayList<>();
    try (Sampler windows = Sampler.cached(engine, long80, wide.model())) {
      // 60 tokens take a window of 64, 65 and more one of 80
      windows.sample(prompt, new Sampler.Settings(0, 0, 1, 8), got::add);
      List<Integer> want = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int[] all = java.util.Arrays.copyOf(prompt, 60 + i);
        for (int j = 0; j < i; j++) {
          all[60 + j] = want.get(j);
        }
        want.add(likeliest(logits(all)));
      }
      assertThat(got).isEqualTo(want);
    }
  }

  private static int likeliest(double[] logits) {
    int best = 0;
    for (int i = 0; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  @Test
  void onlyTheLastContextCounts() {
    int[] old = new int[3 * TinyRun.CONTEXT];
    int[] recent = new int[TinyRun.CONTEXT];
    for (int i = 0; i < old.length; i++) {
      old[i] = 97 + i;
      recent[i % TinyRun.CONTEXT] = 97 + 2 * TinyRun.CONTEXT + i % TinyRun.CONTEXT;
    }
    assertThat(sample(old, 2, 0, 1, 10)).isEqualTo(sample(recent, 2, 0, 1, 10));
  }

  @Test
  void topKKeepsTheKLikeliestAndDrawsByTheirSoftmax() {
    double temperature = 4;
    int draws = 4000;
    int k = 3;
    Map<Integer, Integer> counts = new HashMap<>();
    for (int seed = 0; seed < draws; seed++) {
      counts.merge(sample(PROMPT, temperature, k, seed, 1).getFirst(), 1, Integer::sum);
    }
    double[] logits = logits(PROMPT);
    List<Integer> likeliest =
        java.util.stream.IntStream.range(0, logits.length)
            .boxed()
            .sorted((a, b) -> Double.compare(logits[b], logits[a]))
            .limit(k)
            .toList();
    assertThat(counts.keySet()).containsExactlyInAnyOrderElementsOf(likeliest);
    double sum = likeliest.stream().mapToDouble(i -> Math.exp(logits[i] / temperature)).sum();
    for (int token : likeliest) {
      double p = Math.exp(logits[token] / temperature) / sum;
      double deviation = Math.sqrt(draws * p * (1 - p));
      assertThat((double) counts.get(token))
          .as("token " + token)
          .isBetween(draws * p - 5 * deviation, draws * p + 5 * deviation);
    }
  }

  @Test
  void badPromptsAndSettingsAreErrors() {
    assertThatThrownBy(() -> sample(new int[0], 1, 0, 1, 1)).isInstanceOf(DataException.class);
    assertThatThrownBy(() -> sample(new int[] {256}, 1, 0, 1, 1))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("256");
    assertThatThrownBy(() -> new Sampler.Settings(Double.NaN, 0, 1, 1))
        .isInstanceOf(DataException.class);
    assertThatThrownBy(() -> new Sampler.Settings(1, -1, 1, 1)).isInstanceOf(DataException.class);
    assertThatThrownBy(() -> new Sampler.Settings(1, 0, 1, 0)).isInstanceOf(DataException.class);
  }
}
