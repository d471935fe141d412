package io.manifoldmuon.model.nn;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import java.util.Arrays;

/**
 * A tensor as checkpoints name it, and the piece of an engine's variable that holds it.
 *
 * @param name such as {@code layers.0.attn.q.weight}
 * @param variable the engine's variable
 * @param offset the index of the first element in the variable
 * @param shape the shape in the checkpoint
 * @param trainable whether it is (part of) a parameter; if not, it is state of the model
 */
public record CheckpointTensor(
    String name, String variable, int offset, Shape shape, boolean trainable) {

  /** The piece of {@code whole}, the variable's content, a copy in float32. */
  public Tensor cut(Tensor whole) {
    int end = Math.addExact(offset, shape.size());
    return Tensor.of(shape, Arrays.copyOfRange(whole.floats(), offset, end));
  }
}
