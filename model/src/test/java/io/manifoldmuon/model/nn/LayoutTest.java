package io.manifoldmuon.model.nn;

import static io.manifoldmuon.model.nn.TinyModel.ALL_BUT_ROUND_ROBIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.model.nn.TinyModel.Option;
import io.manifoldmuon.optim.Depth;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayoutTest {

  private static List<String> describe(LanguageModel model) {
    return model.checkpointTensors().stream().map(t -> t.name() + " " + t.shape()).toList();
  }

  @Test
  void plainModelHasExactlyTheseNames() {
    List<String> want = new ArrayList<>(List.of("embed.weight [11, 8]"));
    for (int i = 0; i < 2; i++) {
      want.addAll(
          List.of(
              "layers." + i + ".attn_norm.gain [8]",
              "layers." + i + ".attn.q.weight [8, 8]",
              "layers." + i + ".attn.k.weight [8, 8]",
              "layers." + i + ".attn.v.weight [8, 8]",
              "layers." + i + ".attn.o.weight [8, 8]",
              "layers." + i + ".ffn_norm.gain [8]",
              "layers." + i + ".moe.router.weight [4, 8]",
              "layers." + i + ".moe.up.weight [4, 12, 8]",
              "layers." + i + ".moe.down.weight [4, 8, 12]"));
    }
    want.add("final_norm.gain [8]");
    assertThat(describe(TinyModel.model(TinyModel.config(2)))).containsExactlyElementsOf(want);
  }

  @Test
  void optionsAddTheirNames() {
    List<String> plain = describe(TinyModel.model(TinyModel.config(2)));
    List<String> added =
        new ArrayList<>(describe(TinyModel.model(TinyModel.config(2, ALL_BUT_ROUND_ROBIN))));
    assertThat(added).containsAll(plain);
    added.removeAll(plain);
    assertThat(added.stream().filter(n -> n.startsWith("layers.1.")))
        .containsExactlyInAnyOrder(
            "layers.1.attn.q.gain [1]",
            "layers.1.attn.k.gain [1]",
            "layers.1.attn.v.gain [1]",
            "layers.1.attn.o.gain [1]",
            "layers.1.moe.router.temperature [1]",
            "layers.1.moe.router.bias [4]",
            "layers.1.moe.up.gain [4]",
            "layers.1.moe.down.gain [4]",
            "layers.1.moe.shared.up.weight [12, 8]",
            "layers.1.moe.shared.up.gain [1]",
            "layers.1.moe.shared.down.weight [8, 12]",
            "layers.1.moe.shared.down.gain [1]");
    assertThat(added).hasSize(24);
  }

  /** The names say which layer a tensor belongs to; the depth of its slices must say the same. */
  @Test
  void everySliceKnowsItsLayer() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, ALL_BUT_ROUND_ROBIN));
    Map<String, Parameter> parameters = new HashMap<>();
    model.parameters().forEach(p -> parameters.put(p.variable(), p));
    int slices = 0;
    for (CheckpointTensor t : model.checkpointTensors()) {
      if (!t.trainable()) {
        continue;
      }
      Parameter p = parameters.get(t.variable());
      if (t.name().equals("embed.weight")) {
        assertThat(p.depth()).isEqualTo(Depth.NONE);
        continue;
      }
      boolean last = t.name().equals("final_norm.gain");
      int layer = last ? 1 : Integer.parseInt(t.name().split("\\.")[1]);
      int size = p.shape().size() / p.shape().dim(0);
      for (int at = t.offset(); at < t.offset() + t.shape().size(); at += size) {
        assertThat(p.depth().of().get(at / size)).as(t.name()).isEqualTo(layer);
        slices++;
      }
      assertThat(p.depth().layers()).isEqualTo(2);
    }
    int known = parameters.values().stream().mapToInt(p -> p.depth().of().size()).sum();
    assertThat(slices).isEqualTo(known);
  }

  @Test
  void everyParameterHasItsRole() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, ALL_BUT_ROUND_ROBIN));
    Map<String, Role> roles = new HashMap<>();
    model.parameters().forEach(p -> roles.put(p.variable(), p.role()));
    assertThat(roles)
        .containsExactlyInAnyOrderEntriesOf(
            Map.ofEntries(
                Map.entry("embedding", Role.EMBEDDING),
                Map.entry("gains", Role.GAIN),
                Map.entry("attention", Role.ATTENTION),
                Map.entry("attention.gain", Role.GAIN),
                Map.entry("routers", Role.ROUTER),
                Map.entry("router.temperature", Role.GAIN),
                Map.entry("experts.up", Role.EXPERT_UP),
                Map.entry("experts.up.gain", Role.GAIN),
                Map.entry("experts.down", Role.EXPERT_DOWN),
                Map.entry("experts.down.gain", Role.GAIN),
                Map.entry("shared.up", Role.EXPERT_UP),
                Map.entry("shared.up.gain", Role.GAIN),
                Map.entry("shared.down", Role.EXPERT_DOWN),
                Map.entry("shared.down.gain", Role.GAIN)));
  }

  @Test
  void tensorsFillTheirVariablesWithoutHoleOrOverlap() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, ALL_BUT_ROUND_ROBIN));
    Map<String, int[]> uses = new LinkedHashMap<>();
    for (Parameter p : model.parameters()) {
      uses.put(p.variable(), new int[p.shape().size()]);
    }
    model.stateVariables().forEach(s -> uses.put(s.name(), new int[s.type().shape().size()]));
    for (CheckpointTensor t : model.checkpointTensors()) {
      for (int i = 0; i < t.shape().size(); i++) {
        uses.get(t.variable())[t.offset() + i]++;
      }
      assertThat(t.trainable()).as(t.name()).isEqualTo(!t.name().endsWith(".bias"));
    }
    uses.forEach((variable, use) -> assertThat(use).as(variable).containsOnly(1));
  }

  @Test
  void joinUndoesSplit() {
    LanguageModel model = TinyModel.model(TinyModel.config(2, ALL_BUT_ROUND_ROBIN));
    Map<String, Tensor> variables = TinyModel.weights(model, 3);
    Map<String, Tensor> back = model.layout().join(model.layout().split(variables));
    assertThat(back.keySet()).isEqualTo(variables.keySet());
    variables.forEach(
        (name, x) -> assertThat(back.get(name).floats()).as(name).isEqualTo(x.floats()));
  }

  @Test
  void splitLeavesOutWhatIsNotGiven() {
    LanguageModel model = TinyModel.model(TinyModel.config(2));
    Tensor gains = TinyModel.weights(model, 3).get("gains");
    assertThat(model.layout().split(Map.of("gains", gains)).keySet())
        .containsExactly(
            "layers.0.attn_norm.gain",
            "layers.0.ffn_norm.gain",
            "layers.1.attn_norm.gain",
            "layers.1.ffn_norm.gain",
            "final_norm.gain");
  }

  @Test
  void joinRefusesWhatDoesNotFit() {
    Layout layout = TinyModel.model(TinyModel.config(2)).layout();
    Map<String, Tensor> good =
        layout.split(TinyModel.weights(TinyModel.model(TinyModel.config(2)), 3));

    Map<String, Tensor> missing = new LinkedHashMap<>(good);
    missing.remove("final_norm.gain");
    refused(layout, missing, "'final_norm.gain' is missing");

    Map<String, Tensor> wrong = new LinkedHashMap<>(good);
    wrong.put("layers.1.attn.k.weight", Tensor.of(Shape.of(64), new float[64]));
    refused(layout, wrong, "'layers.1.attn.k.weight' is of shape [64], the model wants [8, 8]");

    Map<String, Tensor> other = new LinkedHashMap<>(good);
    other.put("head.weight", good.get("embed.weight"));
    refused(layout, other, "'head.weight' has no place");

    Layout biased = TinyModel.model(TinyModel.config(2, Option.BIAS)).layout();
    refused(biased, good, "'layers.0.moe.router.bias' is missing");
  }

  private static void refused(Layout layout, Map<String, Tensor> named, String message) {
    assertThatThrownBy(() -> layout.join(named))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining(message);
  }
}
