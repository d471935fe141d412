package io.manifoldmuon.kernels.host;

/** Offers the devices of a real TornadoVM. */
public final class TornadoEngineProvider extends DeviceEngineProvider {
  private static final int FIRST = 20;

  @Override
  public String name() {
    return "tornado";
  }

  /** Before the cpu engine on a GPU, otherwise only by name. */
  @Override
  public int preference() {
    boolean gpu =
        probe().available()
            && Runtimes.devices().stream().anyMatch(d -> Runtimes.isGpu(d.device()));
    return gpu ? FIRST : -1;
  }

  @Override
  boolean accepts(boolean emulator) {
    return !emulator;
  }

  @Override
  String refusal() {
    return "TornadoVM was not started: install it with 'sdk install tornadovm' (SDKMAN) or build it"
        + " from source,\nset TORNADOVM_HOME to its folder, and start through ./muon, which sets"
        + " its module path";
  }
}
