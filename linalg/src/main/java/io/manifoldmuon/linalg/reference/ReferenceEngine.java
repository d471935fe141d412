package io.manifoldmuon.linalg.reference;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Type;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * The truth that other engines are measured against: float64, one thread, one simple method an op,
 * EJML for the products. It favours being obviously right over speed.
 *
 * <p>Every value is a {@code double[]} or {@code int[]} that is never written again once made, so
 * that views, assignments and variables may share arrays freely.
 */
public final class ReferenceEngine implements Engine {
  static final String DESCRIPTION = "float64 on EJML, one thread; slow, for checking other engines";

  private record Slot(Type type, Object data) {}

  private final Map<String, Slot> variables = new TreeMap<>();
  private BooleanSupplier abandoned = () -> false;
  private boolean closed;

  @Override
  public String name() {
    return "reference";
  }

  @Override
  public String description() {
    return DESCRIPTION;
  }

  @Override
  public Program compile(Graph graph) {
    checkOpen();
    Map<String, Slot> missing = new LinkedHashMap<>();
    graph
        .variables()
        .forEach(
            (label, id) -> {
              Type type = graph.type(id);
              if (checkType(label, type) == null) {
                missing.put(label, new Slot(type, zeros(type)));
              }
            });
    variables.putAll(missing);
    return new ReferenceProgram(this, graph);
  }

  @Override
  public void write(String variable, Tensor value) {
    checkOpen();
    Type type = new Type(value.shape(), value.dtype());
    checkType(variable, type);
    variables.put(variable, new Slot(type, copyOf(value)));
  }

  @Override
  public Tensor read(String variable) {
    checkOpen();
    Slot slot = variables.get(variable);
    if (slot == null) {
      throw new IllegalArgumentException(
          "read: no variable '" + variable + "', this engine has " + variables.keySet());
    }
    return tensorOf(slot.type().shape(), slot.data());
  }

  @Override
  public void abandonWhen(BooleanSupplier request) {
    abandoned = request;
  }

  /** Whether a replay that has changed nothing is to end. */
  boolean isAbandoned() {
    return abandoned.getAsBoolean();
  }

  @Override
  public double rounded(double x) {
    return x;
  }

  @Override
  public long variableBytes() {
    checkOpen();
    return variables.values().stream().mapToLong(s -> bytes(s.type())).sum();
  }

  @Override
  public void close() {
    closed = true;
    variables.clear();
  }

  // ---- for programs -------------------------------------------------------------------------

  void checkOpen() {
    if (closed) {
      throw new IllegalStateException("reference engine: used after close, open another one");
    }
  }

  /** The current content of a variable. */
  Object content(String label) {
    return variables.get(label).data();
  }

  /** Makes {@code data} the content of a variable. */
  void assign(String label, Object data) {
    variables.put(label, new Slot(variables.get(label).type(), data));
  }

  private Slot checkType(String label, Type wanted) {
    Slot slot = variables.get(label);
    if (slot != null && !slot.type().equals(wanted)) {
      throw new ShapeException(
          "variable '"
              + label
              + "': "
              + wanted
              + " given, it is "
              + slot.type()
              + " on this engine; use that type or another name");
    }
    return slot;
  }

  // ---- arrays -------------------------------------------------------------------------------

  static Object zeros(Type type) {
    int size = type.shape().size();
    return type.dtype() == DType.REAL ? new double[size] : new int[size];
  }

  static long bytes(Type type) {
    return (long) type.shape().size() * (type.dtype() == DType.REAL ? Double.BYTES : Integer.BYTES);
  }

  /** A copy of the tensor's elements, float64 or int32. */
  static Object copyOf(Tensor value) {
    return value.dtype() == DType.REAL ? value.doubles().clone() : value.ints().clone();
  }

  /** A tensor over a copy of {@code data}. */
  static Tensor tensorOf(Shape shape, Object data) {
    return data instanceof int[] i
        ? Tensor.of(shape, i.clone())
        : Tensor.of(shape, ((double[]) data).clone());
  }
}
