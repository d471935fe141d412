package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.graph.Vjp;
import io.manifoldmuon.model.format.SafetensorsWriter;
import io.manifoldmuon.model.format.TensorSource;
import io.manifoldmuon.model.nn.Forward;
import io.manifoldmuon.model.nn.LanguageModel;
import io.manifoldmuon.model.nn.Mode;
import io.manifoldmuon.optim.Parameter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The loss of one batch and the gradient of mean cross-entropy + α·balance loss, without router
 * noise; the f of the balance loss is of this batch.
 *
 * @param loss mean cross-entropy in nats
 * @param balanceLoss α·E·Σ fᵢPᵢ, summed over the layers that have experts
 * @param stacks the gradient of each parameter, by its variable, in the engine's precision
 */
public record Gradients(double loss, double balanceLoss, Map<String, Tensor> stacks) {
  static final String OBJECTIVE = "objective";
  private static final String BALANCE = "balance";

  /** The loss and gradients of the engine's weights at the windows ids and targets, int [B, T]. */
  public static Gradients of(Engine engine, LanguageModel model, Tensor ids, Tensor targets) {
    try (Program program = engine.compile(record(model, ids.shape(), true).build())) {
      run(program, ids, targets);
      Map<String, Tensor> stacks = new LinkedHashMap<>();
      for (Parameter p : model.parameters()) {
        stacks.put(p.variable(), program.read(output(p)));
      }
      return new Gradients(
          program.readScalar(StepGraphs.LOSS), program.readScalar(BALANCE), stacks);
    }
  }

  /** The program whose scalar output {@code objective} is what {@link #of} differentiates. */
  static Program objective(Engine engine, LanguageModel model, Shape shape) {
    return engine.compile(record(model, shape, false).build());
  }

  static void run(Program program, Tensor ids, Tensor targets) {
    program.write(StepGraphs.IDS, ids);
    program.write(StepGraphs.TARGETS, targets);
    program.run();
  }

  private static GraphBuilder record(LanguageModel model, Shape shape, boolean backward) {
    GraphBuilder g = new GraphBuilder();
    Value in = g.input(StepGraphs.IDS, Type.integer(shape.toArray()));
    Value out = g.input(StepGraphs.TARGETS, Type.integer(shape.toArray()));
    Forward f = model.forward(g, in, out, Mode.EVAL);
    Value balance = f.routers().map(Forward.Routers::balanceLoss).orElseGet(() -> g.constant(0));
    Value objective = g.add(f.loss(), balance);
    g.output(StepGraphs.LOSS, f.loss());
    g.output(BALANCE, balance);
    g.output(OBJECTIVE, objective);
    if (backward) {
      List<Parameter> parameters = model.parameters();
      List<Value> found =
          Vjp.gradients(g, objective, parameters.stream().map(p -> p.value(g)).toList());
      for (int i = 0; i < found.size(); i++) {
        g.output(output(parameters.get(i)), found.get(i));
      }
    }
    return g;
  }

  private static String output(Parameter p) {
    return "gradient." + p.variable();
  }

  /**
   * Writes the gradients as float32, one tensor for each of a checkpoint's that is trained and
   * under its name; the loss is in the metadata.
   */
  public void write(Path file, LanguageModel model) {
    List<TensorSource> sources =
        model.layout().split(stacks).entrySet().stream()
            .map(
                e ->
                    TensorSource.floats(
                        e.getKey(),
                        Checkpoint.longs(e.getValue().shape()),
                        () -> e.getValue().floats()))
            .toList();
    SafetensorsWriter.write(
        file,
        Map.of("loss", Double.toString(loss), "balance_loss", Double.toString(balanceLoss)),
        sources);
  }
}
