package io.manifoldmuon.linalg.cpu;

import io.manifoldmuon.linalg.DType;
import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.EngineOptions;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Type;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The default engine: float32 on the processors of this machine. Products are OpenBLAS's,
 * everything else is vectorised Java; all tensors are off-heap. Deterministic for a fixed number of
 * threads.
 */
public final class CpuEngine implements Engine {
  private static final int ALIGN = 64;

  private final Arena arena = Arena.ofShared();
  private final ZeroedMemory memory = new ZeroedMemory();
  private final ThreadTeam team;
  private final OpenBlas blas;
  private final Map<String, Variable> variables = new HashMap<>();
  private final List<CpuProgram> programs = new ArrayList<>();
  private BooleanSupplier abandoned = () -> false;
  private long variableBytes;
  private boolean closed;

  /** A variable's place. */
  record Variable(Type type, long address) {}

  /**
   * Opens the engine.
   *
   * @throws io.manifoldmuon.linalg.EngineUnavailableException if OpenBLAS cannot be loaded
   */
  public CpuEngine(EngineOptions options) {
    blas = OpenBlas.load();
    team = new ThreadTeam(options.resolvedThreads());
  }

  ThreadTeam team() {
    return team;
  }

  OpenBlas blas() {
    return blas;
  }

  ZeroedMemory memory() {
    return memory;
  }

  /** The variable of that name, made with zeros if there is none. */
  Variable variable(String label, Type type) {
    checkOpen();
    Variable v = variables.get(label);
    if (v == null) {
      long size = 4L * type.shape().size();
      v = new Variable(type, memory.allocate(arena, size, ALIGN));
      variables.put(label, v);
      variableBytes += size;
    } else if (!v.type.equals(type)) {
      throw new ShapeException(
          "variable '" + label + "': is " + v.type + " on this engine, asked for as " + type);
    }
    return v;
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    return "float32, "
        + team.threads()
        + (team.threads() == 1 ? " thread, " : " threads, ")
        + Memory.LANES * 32
        + "-bit vectors, "
        + blas.configuration();
  }

  @Override
  public Program compile(Graph graph) {
    checkOpen();
    CpuProgram p = new CpuProgram(graph, this);
    programs.add(p);
    return p;
  }

  /** Forgets a program that is closed. */
  void closed(CpuProgram program) {
    programs.remove(program);
  }

  @Override
  public void write(String label, Tensor value) {
    Variable v = variable(label, new Type(value.shape(), value.dtype()));
    put(value, v.address);
  }

  @Override
  public Tensor read(String label) {
    checkOpen();
    Variable v = variables.get(label);
    if (v == null) {
      throw new IllegalArgumentException(
          "read: no variable '" + label + "', there are " + variables.keySet());
    }
    return get(v.type, v.address);
  }

  static void checkType(String what, Type type, Tensor value) {
    if (!type.equals(new Type(value.shape(), value.dtype()))) {
      throw new ShapeException(
          what + ": " + new Type(value.shape(), value.dtype()) + " given, wanted " + type);
    }
  }

  static void put(Tensor value, long address) {
    if (value.dtype() == DType.INT) {
      Memory.write(value.ints(), address);
    } else {
      Memory.write(value.floats(), address);
    }
  }

  static Tensor get(Type type, long address) {
    if (type.dtype() == DType.INT) {
      int[] data = new int[type.shape().size()];
      Memory.read(address, data);
      return Tensor.of(type.shape(), data);
    }
    float[] data = new float[type.shape().size()];
    Memory.read(address, data);
    return Tensor.of(type.shape(), data);
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
  public long variableBytes() {
    return variableBytes;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("cpu: this engine is closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      List.copyOf(programs).forEach(CpuProgram::close);
      team.close();
      arena.close();
    }
  }
}
