package io.manifoldmuon.emulator.memory;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import uk.ac.manchester.tornado.api.types.arrays.DeviceViews;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * An array in the memory of the device: other memory than the host's, filled with a pattern at
 * first, and every access of a kernel to it is checked.
 */
public final class DeviceArray implements AccessMonitor {
  /** What is in memory that nobody wrote: NaN as float and double, -1 as int. */
  private static final byte PATTERN = -1;

  private final TornadoNativeArray host;
  private final MemorySegment memory;
  private final TornadoNativeArray view;
  private final int size;
  private final boolean races;
  private final Shadow shadow;
  private final BitSet written = new BitSet();
  private boolean allWritten;
  private boolean writtenByLaunch;
  private String name = "an array";
  private Position at;

  /** Memory for {@code host}; {@code races} says whether races are looked for. */
  public DeviceArray(TornadoNativeArray host, boolean races) {
    this.host = host;
    this.races = races;
    size = host.getSize();
    memory = Arena.ofAuto().allocate(host.getNumBytesOfSegmentWithHeader(), Long.BYTES);
    view = DeviceViews.of(host, memory, this);
    shadow = new Shadow(races ? size : 0);
    elements().fill(PATTERN);
  }

  private MemorySegment elements() {
    return memory.asSlice(TornadoNativeArray.ARRAY_HEADER);
  }

  /** What a kernel gets. */
  public TornadoNativeArray view() {
    return view;
  }

  /**
   * What a kernel gets that has this array once more behind: it may read it here. TornadoVM lets
   * the later argument wait for the task that writes the earlier one, which is the task itself.
   */
  TornadoNativeArray viewBeforeAnother() {
    AccessMonitor reading =
        new AccessMonitor() {
          @Override
          public void read(int index) {
            DeviceArray.this.read(index);
          }

          @Override
          public void write(int index) {
            throw at.fault(
                Fault.KERNEL,
                "writes element %d of an array that is also a later argument, %s; TornadoVM's scheduler"
                        .formatted(index, name)
                    + " does not end then: hand it over once, or last where it is written");
          }

          @Override
          public void change(int index) {
            write(index);
          }
        };
    return DeviceViews.of(host, memory, reading);
  }

  /** Whether the last launch wrote it. */
  public boolean isWritten() {
    return writtenByLaunch;
  }

  /** Bytes of the elements. */
  public long bytes() {
    return host.getNumBytesOfSegment();
  }

  /** Copies all elements from the host. */
  public void send() {
    elements().copyFrom(host.getSegment());
    allWritten = true;
  }

  /** Copies all elements to the host. */
  public void fetch() {
    host.getSegment().copyFrom(elements());
  }

  /** Copies {@code bytes} bytes from byte {@code offset} on to the host. */
  public void fetch(long offset, long bytes) {
    MemorySegment.copy(elements(), offset, host.getSegment(), offset, bytes);
  }

  /** A launch begins in which a kernel knows this array as {@code name}. */
  public void beginLaunch(String newName, Position position) {
    name = newName;
    at = position;
    writtenByLaunch = false;
    shadow.clear();
  }

  @Override
  public void read(int index) {
    check(index);
    if (!allWritten && !written.get(index)) {
      throw at.fault(
          Fault.UNDEFINED,
          "reads element %d of %s, which was neither sent to the device nor written by a kernel"
              .formatted(index, name));
    }
    if (races) {
      int other = shadow.read(index, at, at.globalPhase());
      if (other != Shadow.NONE) {
        throw race("reads", index, other);
      }
    }
  }

  @Override
  public void write(int index) {
    check(index);
    writtenByLaunch = true;
    if (races) {
      int other = shadow.write(index, at, at.globalPhase());
      if (other != Shadow.NONE) {
        throw race("writes", index, other);
      }
    }
    if (!allWritten) {
      written.set(index);
    }
  }

  @Override
  public void change(int index) {
    check(index);
    writtenByLaunch = true;
    if (!allWritten && !written.get(index)) {
      read(index);
    }
    if (races) {
      int other = shadow.change(index, at, at.globalPhase());
      if (other != Shadow.NONE) {
        throw race("changes", index, other);
      }
    }
  }

  private EmulatorException race(String access, int index, int other) {
    return at.race(access, index, name, other, "globalBarrier");
  }

  private void check(int index) {
    if (index < 0 || index >= size) {
      throw at.fault(
          Fault.BOUNDS, "touches element %d of %s, which has %d".formatted(index, name, size));
    }
  }
}
