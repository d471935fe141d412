package io.manifoldmuon.emulator.run;

import io.manifoldmuon.emulator.EmulatorException;
import io.manifoldmuon.emulator.Fault;
import io.manifoldmuon.emulator.memory.LocalArrays;
import io.manifoldmuon.emulator.memory.Unwritten;

/**
 * What the rewritten code of kernels calls. One launch runs at a time in a JVM, so that its checks
 * can be found without looking.
 */
public final class Checks {
  private static Launch launch;
  private static LocalArrays arrays;

  private Checks() {}

  /** The launch whose kernel runs from now on; null for none. */
  static void begin(Launch running) {
    launch = running;
    arrays = running == null ? null : running.localArrays();
  }

  /** The next barrier stands in line {@code line}. */
  public static void atLine(int line) {
    launch.here().atLine(line);
  }

  /** A call or barrier of number {@code site} is next. */
  public static void comeTo(int site) {
    launch.here().comeTo(site);
  }

  /** {@code loop} is around it. */
  public static void within(int loop) {
    launch.here().within(loop);
  }

  /** It is over, of which there were so many {@code entries}. */
  public static void leave(int entries) {
    launch.here().leave(entries);
  }

  /** A jump to the head of {@code loop} is next, or to none if that is negative. */
  public static void repeat(int loop) {
    launch.here().repeat(loop);
  }

  /** An iteration of {@code loop} begins. */
  public static void atHead(int loop) {
    launch.here().atHead(loop);
  }

  /** Parallel loop {@code loop} of a kernel goes on with {@code value}. */
  public static void iteration(int loop, int value) {
    launch.iteration(loop, value);
  }

  /** A method of a kernel's class is called with an array. */
  public static void handedOver(Object array) {
    if (arrays.contains(array)) {
      throw launch.fault(
          Fault.KERNEL,
          "hands a local array to a method, which OpenCL compiles wrongly; write its code out in the"
              + " kernel");
    }
  }

  /** {@code value >>> shift}. */
  public static int shiftRight(int value, int shift) {
    if (value < 0) {
      throw signedShift("int", value);
    }
    return value >>> shift;
  }

  /** {@code value >>> shift}. */
  public static long shiftRight(long value, int shift) {
    if (value < 0) {
      throw signedShift("long", value);
    }
    return value >>> shift;
  }

  private static EmulatorException signedShift(String type, long value) {
    return launch.fault(
        Fault.KERNEL,
        "shifts the negative %s %d with >>>, which TornadoVM compiles as >>; write >> and mask the"
                .formatted(type, value)
            + " bits that it brings in");
  }

  /** A new private array. */
  public static float[] fresh(float[] array) {
    Unwritten.fill(array);
    return array;
  }

  /** A new private array. */
  public static double[] fresh(double[] array) {
    Unwritten.fill(array);
    return array;
  }

  /** A new private array. */
  public static int[] fresh(int[] array) {
    Unwritten.fill(array);
    return array;
  }

  /** A new private array. */
  public static long[] fresh(long[] array) {
    Unwritten.fill(array);
    return array;
  }

  /** A new private array. */
  public static short[] fresh(short[] array) {
    return array;
  }

  /** {@code array[index]}. */
  public static float load(float[] array, int index) {
    arrays.read(array, index, array.length);
    float value = array[index];
    if (Unwritten.is(value)) {
      throw unwritten(array, index);
    }
    return value;
  }

  /** {@code array[index]}. */
  public static double load(double[] array, int index) {
    arrays.read(array, index, array.length);
    double value = array[index];
    if (Unwritten.is(value)) {
      throw unwritten(array, index);
    }
    return value;
  }

  /** {@code array[index]}. */
  public static int load(int[] array, int index) {
    arrays.read(array, index, array.length);
    int value = array[index];
    if (Unwritten.is(value)) {
      throw unwritten(array, index);
    }
    return value;
  }

  /** {@code array[index]}. */
  public static long load(long[] array, int index) {
    arrays.read(array, index, array.length);
    long value = array[index];
    if (Unwritten.is(value)) {
      throw unwritten(array, index);
    }
    return value;
  }

  /** {@code array[index]}. */
  public static short load(short[] array, int index) {
    arrays.read(array, index, array.length);
    return array[index];
  }

  /** {@code array[index] = value}. */
  public static void store(float[] array, int index, float value) {
    arrays.write(array, index, array.length);
    array[index] = value;
  }

  /** {@code array[index] = value}. */
  public static void store(double[] array, int index, double value) {
    arrays.write(array, index, array.length);
    array[index] = value;
  }

  /** {@code array[index] = value}. */
  public static void store(int[] array, int index, int value) {
    arrays.write(array, index, array.length);
    array[index] = value;
  }

  /** {@code array[index] = value}. */
  public static void store(long[] array, int index, long value) {
    arrays.write(array, index, array.length);
    array[index] = value;
  }

  /** {@code array[index] = value}. */
  public static void store(short[] array, int index, short value) {
    arrays.write(array, index, array.length);
    array[index] = value;
  }

  private static EmulatorException unwritten(Object array, int index) {
    String what =
        arrays.contains(array)
            ? "local array, which no work-item has written yet: a localBarrier is missing, or a zero"
            : "private array, which was never written: TornadoVM does not zero new arrays";
    return launch.fault(Fault.UNDEFINED, "reads element %d of a %s".formatted(index, what));
  }
}
