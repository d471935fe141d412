package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Phase;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.model.config.ModelConfig;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.StateVariable;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A decoder-only language model. It holds no weights: it knows their {@link Layout}, their first
 * values, and records the forward pass; gradients are {@link io.manifoldmuon.linalg.graph.Vjp}'s.
 */
public sealed interface LanguageModel permits MoeLanguageModel, NgptLanguageModel {

  /** The model of a configuration, over {@code vocabulary} tokens, at least 2. */
  static LanguageModel of(ModelConfig config, int vocabulary) {
    return switch (config.type()) {
      case MOE -> new MoeLanguageModel(config, vocabulary);
      case NGPT, GATED_NGPT -> new NgptLanguageModel(config, vocabulary);
    };
  }

  // ---- what it is made of -------------------------------------------------------------------

  /** V. */
  int vocabulary();

  /** Variables of the engine and names of checkpoints. */
  Layout layout();

  /** What is trained, in a fixed order. */
  default List<Parameter> parameters() {
    return layout().parameters();
  }

  /** What the model carries from step to step beside its parameters; saved in its checkpoints. */
  default List<StateVariable> stateVariables() {
    return layout().stateVariables();
  }

  /** Every tensor of a checkpoint and where it lives. */
  default List<CheckpointTensor> checkpointTensors() {
    return layout().checkpointTensors();
  }

  /** The type of the numbers of tokens sent to each expert of each layer; none without experts. */
  Optional<Type> routedCounts();

  /**
   * The first contents of all variables with embedding and router rows on the unit sphere and other
   * matrices N(0, 0.02²), where the model leaves the choice.
   */
  default Map<String, Tensor> initialize(long seed) {
    return initialize(seed, Map.of(Role.EMBEDDING, Start.UNIT_ROWS, Role.ROUTER, Start.UNIT_ROWS));
  }

  /**
   * The first contents of all variables, float32, a pure function of the arguments: state 0, gains
   * and normalised weights as the model wants them, other matrices as their role asks for, or N(0,
   * 0.02²).
   *
   * <p>With a tied head, unit embedding rows give each token's own logit the value √D at first, so
   * that training begins at a loss near √D; rows of N(0, 0.02²) begin near ln V.
   *
   * @param starts how the matrices of a role begin
   */
  default Map<String, Tensor> initialize(long seed, Map<Role, Start> starts) {
    return Initialization.of(layout(), seed, starts);
  }

  /** Numbers of parameters and operations. */
  ModelSize size();

  // ---- the forward pass ---------------------------------------------------------------------

  /** Records a forward pass whose balance loss sees this batch alone. */
  default Forward forward(GraphBuilder g, Value ids, Value targets, Mode mode) {
    return forward(g, ids, targets, mode, Optional.empty());
  }

  /**
   * Records a forward pass.
   *
   * @param ids int [B, T]
   * @param targets the tokens to predict, int [B, T]
   * @param countsSoFar the {@link #routedCounts} of this step's earlier micro-batches, to which
   *     this batch's are added for the f of the balance loss
   */
  Forward forward(GraphBuilder g, Value ids, Value targets, Mode mode, Optional<Value> countsSoFar);

  /** Records the logits [N, V] of ids [B, T] without noise; for sampling. */
  Value logits(GraphBuilder g, Value ids);

  /**
   * Records the logits [P, V] of some positions of ids [B, T] only, without noise; for sampling,
   * where the head over all positions would cost more than the layers.
   *
   * @param positions b·T + t of each, int [P]
   */
  Value logitsAt(GraphBuilder g, Value ids, Value positions);

  // ---- token by token -----------------------------------------------------------------------

  /**
   * Records what {@link #firstLogits} and {@link #nextLogits} need of the weights and would compute
   * for every token anew, into variables of their own.
   *
   * @return whether there is anything to compute
   */
  boolean recordEffectiveWeights(GraphBuilder g);

  /** The cache that {@link #firstLogits} and {@link #nextLogits} use; for what the host writes. */
  KeyValueCache cache();

  /**
   * Records the logits [1, V] after the first tokens of a window, and keeps the keys and values of
   * these in the cache.
   *
   * @param ids int [1, W] with W ≤ T
   * @param last the index of the last token, int [1]
   */
  Value firstLogits(GraphBuilder g, Value ids, Value last);

  /** Records the logits [1, V] after one more token, int [1], by the cache, which keeps it too. */
  Value nextLogits(GraphBuilder g, Value id);

  // ---- what changes from step to step -------------------------------------------------------

  /**
   * Writes what changes with each micro-batch into a program that has a training forward pass: a
   * pure function of its arguments. Does nothing where the program has no such input.
   */
  default void writeInputs(Program program, long seed, long step, int microBatch) {}

  /**
   * Records the update of the {@link #stateVariables} under {@link Phase#OPTIMIZER}.
   *
   * @param stepCounts the {@link #routedCounts} of all micro-batches of the step
   */
  default void recordStateUpdate(GraphBuilder g, Optional<Value> stepCounts) {}
}
