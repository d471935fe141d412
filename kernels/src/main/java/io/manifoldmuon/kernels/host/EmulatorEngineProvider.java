package io.manifoldmuon.kernels.host;

/** Offers the emulator: the same kernels and task graphs on the JVM, slow and strictly checked. */
public final class EmulatorEngineProvider extends DeviceEngineProvider {

  @Override
  public String name() {
    return "emulator";
  }

  @Override
  public int preference() {
    return -1;
  }

  @Override
  boolean accepts(boolean emulator) {
    return emulator;
  }

  @Override
  String refusal() {
    return "this JVM was started with a real TornadoVM, whose classes stand in the emulator's place";
  }
}
