package io.manifoldmuon.model.train;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.model.format.FormatException;
import io.manifoldmuon.model.format.SafetensorsFile;
import io.manifoldmuon.model.format.SafetensorsWriter;
import io.manifoldmuon.model.format.StoredType;
import io.manifoldmuon.model.format.TensorInfo;
import io.manifoldmuon.model.format.TensorSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The weights {@code W}, gradient {@code G} and state of one optimizer step, from a safetensors
 * file; all values are held in float64.
 *
 * @param path the file
 * @param doubles whether W is stored in float64; else a result is stored in float32
 * @param tensors all by name, W and G of one shape [m, n] or […, m, n] and finite
 */
public record StepFile(Path path, boolean doubles, Map<String, Tensor> tensors) {
  /** The name of the weights. */
  public static final String WEIGHTS = "W";

  /** The name of the gradient. */
  public static final String GRADIENT = "G";

  /** The name of the update. */
  public static final String UPDATE = "A";

  /** The name of the number of steps done, a scalar. */
  public static final String STEPS = "steps";

  private static final int LARGEST = Integer.MAX_VALUE - 8;

  /**
   * Reads a file; an update that is there from a step before is left out.
   *
   * @throws FormatException if it cannot be used
   */
  public static StepFile read(Path path) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      for (String name : file.names()) {
        if (!name.equals(UPDATE)) {
          tensors.put(name, tensor(path, file, name));
        }
      }
      Shape W = matrices(path, file, tensors, WEIGHTS);
      Shape G = matrices(path, file, tensors, GRADIENT);
      if (!W.equals(G)) {
        throw new FormatException(
            path, "W has shape " + W + " and G has shape " + G + ", wanted the same for both");
      }
      boolean doubles = file.info(WEIGHTS).dtype() == StoredType.F64;
      return new StepFile(path, doubles, tensors);
    }
  }

  private static Shape matrices(
      Path path, SafetensorsFile file, Map<String, Tensor> tensors, String name) {
    file.info(name); // else it says what the file has
    Shape shape = tensors.get(name).shape();
    if (shape.rank() < 2) {
      throw new FormatException(
          path, name + " has shape " + shape + ", wanted a matrix [m, n] or a stack […, m, n]");
    }
    return shape;
  }

  private static Tensor tensor(Path path, SafetensorsFile file, String name) {
    TensorInfo info = file.info(name);
    long[] dims = info.shape();
    if (info.elements() < 1 || info.elements() > LARGEST) {
      throw new FormatException(
          path,
          "tensor '"
              + name
              + "' has shape "
              + Arrays.toString(dims)
              + ", wanted 1 to 2^31-9 elements");
    }
    double[] values = file.readDoubles(name);
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new FormatException(
            path,
            "element " + i + " of tensor '" + name + "' is " + values[i] + ", wanted finite ones");
      }
    }
    int[] small = Arrays.stream(dims).mapToInt(Math::toIntExact).toArray();
    return Tensor.of(Shape.of(small), values);
  }

  /** Writes tensors in the precision of the weights that were read. */
  public void writeResult(Path out, Map<String, Tensor> result) {
    List<TensorSource> sources = new ArrayList<>();
    result.forEach(
        (name, x) -> {
          long[] dims = Arrays.stream(x.shape().toArray()).asLongStream().toArray();
          sources.add(
              doubles
                  ? TensorSource.doubles(name, dims, x::doubles)
                  : TensorSource.floats(name, dims, x::floats));
        });
    SafetensorsWriter.write(out, Map.of(), sources);
  }
}
