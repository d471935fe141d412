package io.manifoldmuon.linalg.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a recording keeps, checks and prints. */
class GraphTest {

  private static List<String> names(Graph graph) {
    return graph.nodes().stream().map(n -> n.op().name()).toList();
  }

  // ---- what is kept -------------------------------------------------------------------------

  @Test
  void whatNothingNeedsIsDropped() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(3));
    g.input("unused", Type.real(3));
    Value dead = g.map(Unary.EXP, x);
    g.add(dead, x);
    g.output("y", g.map(Unary.SQUARE, x));
    Graph graph = g.build();
    assertThat(names(graph)).containsExactly("Input", "Map");
    assertThat(graph.inputs()).containsOnlyKeys("x");
    assertThat(graph.valueCount()).isEqualTo(2);
    assertThat(graph.type(graph.outputs().get("y"))).isEqualTo(Type.real(3));
  }

  @Test
  void anAssignmentIsKeptWithWhatItNeeds() {
    GraphBuilder g = new GraphBuilder();
    Value w = g.variable("w", Type.real(3));
    g.assign("w", g.scale(w, 2));
    Graph graph = g.build();
    assertThat(names(graph)).containsExactly("Variable", "Fill", "Zip", "Assign");
    assertThat(graph.variables()).containsOnlyKeys("w");
    assertThat(graph.outputs()).isEmpty();
  }

  @Test
  void oneOfTwoOutputsKeepsTheNode() {
    GraphBuilder g = new GraphBuilder();
    Value logits = g.input("x", Type.real(2, 3));
    Value targets = g.input("t", Type.integer(2));
    g.output("lse", g.record(new Op.CrossEntropy(), logits, targets).get(1));
    Graph graph = g.build();
    assertThat(names(graph)).containsExactly("Input", "Input", "CrossEntropy");
    assertThat(graph.nodes().getLast().outputs()).hasSize(2);
    assertThat(graph.outputs()).containsEntry("lse", graph.nodes().getLast().outputs().get(1));
  }

  @Test
  void nodesReadOnlyWhatWasMadeBefore() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(2, 2));
    g.map(Unary.EXP, x);
    Value y = g.matMul(g.map(Unary.ABS, x), g.softmax(x));
    g.output("y", y);
    Graph graph = g.build();
    int made = 0;
    for (Node n : graph.nodes()) {
      int before = made;
      assertThat(n.inputs()).allMatch(v -> v < before);
      for (int v : n.outputs()) {
        assertThat(v).isEqualTo(made);
        made++;
      }
    }
    assertThat(made).isEqualTo(graph.valueCount());
  }

  // ---- names --------------------------------------------------------------------------------

  @Test
  void oneNameIsOneLeaf() {
    GraphBuilder g = new GraphBuilder();
    assertThat(g.input("x", Type.real(3))).isEqualTo(g.input("x", Type.real(3)));
    assertThat(g.variable("w", Type.real(3))).isEqualTo(g.variable("w", Type.real(3)));
    assertThatThrownBy(() -> g.input("x", Type.real(4)))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("'x'")
        .hasMessageContaining("real[3]")
        .hasMessageContaining("real[4]");
    assertThatThrownBy(() -> g.variable("w", Type.integer(3))).isInstanceOf(ShapeException.class);
  }

  @Test
  void inputsAndVariablesHaveDifferentNames() {
    GraphBuilder g = new GraphBuilder();
    g.input("x", Type.real(3));
    g.variable("w", Type.real(3));
    assertThatThrownBy(() -> g.variable("x", Type.real(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'x'");
    assertThatThrownBy(() -> g.input("w", Type.real(3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'w'");
  }

  @Test
  void outputsHaveDifferentNames() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(3));
    g.output("y", x);
    assertThatThrownBy(() -> g.output("y", x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'y'");
  }

  @Test
  void valuesOfTwoRecordingsDoNotMix() {
    GraphBuilder a = new GraphBuilder();
    GraphBuilder b = new GraphBuilder();
    Value x = a.input("x", Type.real(3));
    Value y = b.input("x", Type.real(3));
    assertThat(x).isNotEqualTo(y);
    assertThatThrownBy(() -> a.add(x, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another recording");
    assertThatThrownBy(() -> a.output("y", y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("output 'y': value %0:real[3] belongs to another recording");
    assertThat(a.build().outputs()).isEmpty();
  }

  // ---- assignments --------------------------------------------------------------------------

  @Test
  void aVariableIsWhatWasLastAssigned() {
    GraphBuilder g = new GraphBuilder();
    Value w = g.variable("w", Type.real(3));
    Value next = g.assign("w", g.scale(w, 2));
    assertThat(g.variable("w", Type.real(3))).isEqualTo(next).isNotEqualTo(w);
  }

  @Test
  void onlyKnownVariablesOfTheSameTypeAreAssigned() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(4));
    assertThatThrownBy(() -> g.assign("w", x))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'w'");
    g.variable("w", Type.real(3));
    assertThatThrownBy(() -> g.assign("w", x))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("Assign");
  }

  @Test
  void oldValueMayNotBeReadAfterAssignment() {
    GraphBuilder g = new GraphBuilder();
    Value w = g.variable("w", Type.real(4));
    g.assign("w", g.scale(w, 2));
    g.scope("late", () -> g.output("y", g.map(Unary.EXP, w)));
    assertThatThrownBy(g::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Map in late")
        .hasMessageContaining("'w'");
  }

  @Test
  void aViewOfTheOldValueMayNotBeReadEither() {
    GraphBuilder g = new GraphBuilder();
    Value w = g.variable("w", Type.real(4));
    Value view = g.reshape(g.slice(w, 1, 2), 2, 1);
    g.assign("w", g.scale(w, 2));
    g.output("y", g.map(Unary.EXP, view));
    assertThatThrownBy(g::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'w'");
  }

  @Test
  void theOldValueMayNotBeAnOutput() {
    GraphBuilder g = new GraphBuilder();
    Value w = g.variable("w", Type.real(4));
    g.output("half", g.slice(w, 2, 2));
    g.assign("w", g.scale(w, 2));
    assertThatThrownBy(g::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'half'")
        .hasMessageContaining("'w'");
  }

  @Test
  void anAssignedValueThatIsOverwrittenMayNotBeReadLater() {
    GraphBuilder g = new GraphBuilder();
    Value w = g.variable("w", Type.real(4));
    Value first = g.assign("w", g.scale(w, 2));
    g.assign("w", g.scale(first, 2));
    g.output("y", g.map(Unary.EXP, first));
    assertThatThrownBy(g::build).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void swappingVariablesNeedsACopy() {
    GraphBuilder g = new GraphBuilder();
    Value a = g.variable("a", Type.real(4));
    Value b = g.variable("b", Type.real(4));
    g.assign("a", b);
    g.assign("b", a);
    assertThatThrownBy(g::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'a'");
  }

  @Test
  void whatWasComputedFromTheOldValueMayBeReadAfter() {
    GraphBuilder g = new GraphBuilder();
    Value w = g.variable("w", Type.real(4));
    Value before = g.scale(w, 3);
    g.assign("w", g.scale(w, 2));
    g.output("y", g.add(before, g.variable("w", Type.real(4))));
    assertThat(g.build().outputs()).containsOnlyKeys("y");
  }

  // ---- forms that record nothing ------------------------------------------------------------

  @Test
  void whatChangesNothingIsNotRecorded() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(2, 3));
    assertThat(g.reshape(x, 2, 3)).isEqualTo(x);
    assertThat(g.slice(x, 0, 2, 3)).isEqualTo(x);
    assertThat(g.sum(x, x.shape(), Align.SUFFIX)).isEqualTo(x);
    assertThat(g.expand(x, x.shape(), Align.PREFIX)).isEqualTo(x);
    assertThat(g.concat(List.of(x), x.shape())).isEqualTo(x);
    assertThat(g.concat(List.of(x), Shape.of(6)).shape()).isEqualTo(Shape.of(6));
  }

  // ---- printing -----------------------------------------------------------------------------

  @Test
  void printingTellsShapesInputsScopesAndPhases() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(2, 3));
    Value w = g.variable("w", Type.real(5, 3));
    g.scope("layers.0", () -> g.scope("ffn", () -> g.output("y", g.matMulNT(x, w))));
    g.phase(Phase.OPTIMIZER, () -> g.assign("w", g.fill(0, Shape.of(5, 3))));
    String text = g.build().toString();
    assertThat(text.lines())
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("%2:real[2, 5] = MatMul", "(%0, %1)", "# forward layers.0.ffn"))
        .anySatisfy(line -> assertThat(line).contains("Assign", "# optimizer"))
        .contains("output y = %2");
  }

  @Test
  void scopeAndPhaseEndWithTheirBodyEvenWhenItFails() {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(2));
    assertThatThrownBy(
            () ->
                g.scope(
                    "broken",
                    () ->
                        g.phase(
                            Phase.OPTIMIZER,
                            () -> {
                              throw new IllegalStateException("stop");
                            })))
        .hasMessage("stop");
    g.output("y", g.map(Unary.EXP, x));
    Node last = g.build().nodes().getLast();
    assertThat(last.scope()).isEmpty();
    assertThat(last.phase()).isEqualTo(Phase.FORWARD);
  }
}
