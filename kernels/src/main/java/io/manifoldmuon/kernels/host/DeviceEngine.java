package io.manifoldmuon.kernels.host;

import io.manifoldmuon.linalg.ShapeException;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/**
 * Runs graphs as TornadoVM task graphs of the kernels of {@code kernels.device}, in float32 on one
 * device: OpenCL's or CUDA's, or the emulator's.
 */
public final class DeviceEngine implements Engine {
  private static final AtomicInteger PROGRAMS = new AtomicInteger();

  private final String name;
  private final String description;
  private final TornadoDevice device;
  private final LaunchLimits limits;
  private final ProductLaunches products;
  private final boolean capturing;
  private final boolean tensorCores;
  private final Map<String, DeviceVariable> variables = new TreeMap<>();
  private final List<DeviceProgram> programs = new ArrayList<>();
  private BooleanSupplier abandoned = () -> false;
  private boolean closed;

  /**
   * An engine on a device.
   *
   * @param name what users call it
   * @param description one line on the device
   */
  public DeviceEngine(String name, String description, TornadoDevice device) {
    this(name, description, device, ProductKernels.of(device));
  }

  /** The same, with a choice of kernels for products. */
  public DeviceEngine(
      String name, String description, TornadoDevice device, ProductKernels kernels) {
    this(
        name,
        description,
        device,
        kernels,
        device.getTornadoVMBackend() == TornadoVMBackendType.CUDA,
        TensorCores.isOn(device));
  }

  /**
   * The same, with a choice of what is for CUDA devices: whether task graphs are captured, and
   * whether tensor cores make products of operands rounded to bfloat16.
   */
  DeviceEngine(
      String name,
      String description,
      TornadoDevice device,
      ProductKernels kernels,
      boolean capturing,
      boolean tensorCores) {
    this.capturing = capturing;
    this.tensorCores = tensorCores;
    this.name = name;
    this.description = description;
    this.device = device;
    this.limits = LaunchLimits.of(device);
    this.products = ProductLaunches.of(device, kernels);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return description;
  }

  TornadoDevice device() {
    return device;
  }

  ProductLaunches products() {
    return products;
  }

  boolean isCapturing() {
    return capturing;
  }

  boolean hasTensorCores() {
    return tensorCores;
  }

  LaunchLimits limits() {
    return limits;
  }

  @Override
  public Program compile(Graph graph) {
    checkOpen();
    graph.variables().forEach((label, id) -> checkType(label, graph.type(id)));
    DeviceProgram p = new DeviceProgram("p" + PROGRAMS.incrementAndGet(), graph, this);
    programs.add(p);
    graph
        .variables()
        .forEach(
            (label, id) ->
                variables.computeIfAbsent(label, _ -> new DeviceVariable(graph.type(id))));
    return p;
  }

  private void checkType(String label, Type wanted) {
    DeviceVariable v = variables.get(label);
    if (v != null && !v.type().equals(wanted)) {
      throw new ShapeException(
          "variable '"
              + label
              + "': is "
              + v.type()
              + " on this engine, asked for as "
              + wanted
              + "; use that type or another name");
    }
  }

  @Override
  public void write(String label, Tensor value) {
    checkOpen();
    Type type = new Type(value.shape(), value.dtype());
    checkType(label, type);
    variables.computeIfAbsent(label, _ -> new DeviceVariable(type)).set(copy(value));
  }

  @Override
  public Tensor read(String label) {
    checkOpen();
    DeviceVariable v = variables.get(label);
    if (v == null) {
      throw new IllegalArgumentException(
          "read: no variable '" + label + "', there are " + variables.keySet());
    }
    return copy(v.content(label));
  }

  /** A copy in the engine's precision. */
  private static Tensor copy(Tensor x) {
    return switch (x.dtype()) {
      case REAL -> Tensor.of(x.shape(), x.floats().clone());
      case INT -> Tensor.of(x.shape(), x.ints().clone());
    };
  }

  /** Asked before a replay only: what a device has begun it ends. */
  @Override
  public void abandonWhen(BooleanSupplier request) {
    abandoned = request;
  }

  boolean isAbandoned() {
    return abandoned.getAsBoolean();
  }

  @Override
  public long variableBytes() {
    checkOpen();
    return variables.values().stream().mapToLong(v -> 4L * v.type().shape().size()).sum();
  }

  /** The variable of that name, which exists. */
  DeviceVariable variable(String label) {
    checkOpen();
    return variables.get(label);
  }

  /** Brings to the host what only a program that closes has. */
  void keep(DeviceProgram program) {
    if (!closed) {
      variables.forEach(
          (label, v) -> {
            if (v.isOwnedBy(program)) {
              v.content(label);
            }
          });
    }
  }

  void closed(DeviceProgram program) {
    programs.remove(program);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException(name + ": this engine is closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      List.copyOf(programs).forEach(DeviceProgram::close);
    }
  }
}
