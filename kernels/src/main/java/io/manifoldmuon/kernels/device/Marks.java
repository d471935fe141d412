package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Touches arrays, so that a task graph has them on the device; one work-item. Each task is compiled
 * anew, so that few take many arrays.
 */
public final class Marks {
  /** The arrays that one task takes. */
  public static final int MANY = 12;

  private Marks() {}

  /** Keeps the contents. */
  public static void keepF32(
      KernelContext c,
      FloatArray x0,
      FloatArray x1,
      FloatArray x2,
      FloatArray x3,
      FloatArray x4,
      FloatArray x5,
      FloatArray x6,
      FloatArray x7,
      FloatArray x8,
      FloatArray x9,
      FloatArray x10,
      FloatArray x11) {
    if (c.globalIdx == 0) {
      x0.set(0, x0.get(0));
      x1.set(0, x1.get(0));
      x2.set(0, x2.get(0));
      x3.set(0, x3.get(0));
      x4.set(0, x4.get(0));
      x5.set(0, x5.get(0));
      x6.set(0, x6.get(0));
      x7.set(0, x7.get(0));
      x8.set(0, x8.get(0));
      x9.set(0, x9.get(0));
      x10.set(0, x10.get(0));
      x11.set(0, x11.get(0));
    }
  }

  /** Keeps the contents. */
  public static void keepI32(
      KernelContext c,
      IntArray x0,
      IntArray x1,
      IntArray x2,
      IntArray x3,
      IntArray x4,
      IntArray x5,
      IntArray x6,
      IntArray x7,
      IntArray x8,
      IntArray x9,
      IntArray x10,
      IntArray x11) {
    if (c.globalIdx == 0) {
      x0.set(0, x0.get(0));
      x1.set(0, x1.get(0));
      x2.set(0, x2.get(0));
      x3.set(0, x3.get(0));
      x4.set(0, x4.get(0));
      x5.set(0, x5.get(0));
      x6.set(0, x6.get(0));
      x7.set(0, x7.get(0));
      x8.set(0, x8.get(0));
      x9.set(0, x9.get(0));
      x10.set(0, x10.get(0));
      x11.set(0, x11.get(0));
    }
  }

  /** For arrays without content. */
  public static void beginF32(
      KernelContext c,
      FloatArray x0,
      FloatArray x1,
      FloatArray x2,
      FloatArray x3,
      FloatArray x4,
      FloatArray x5,
      FloatArray x6,
      FloatArray x7,
      FloatArray x8,
      FloatArray x9,
      FloatArray x10,
      FloatArray x11) {
    if (c.globalIdx == 0) {
      x0.set(0, 0.0f);
      x1.set(0, 0.0f);
      x2.set(0, 0.0f);
      x3.set(0, 0.0f);
      x4.set(0, 0.0f);
      x5.set(0, 0.0f);
      x6.set(0, 0.0f);
      x7.set(0, 0.0f);
      x8.set(0, 0.0f);
      x9.set(0, 0.0f);
      x10.set(0, 0.0f);
      x11.set(0, 0.0f);
    }
  }

  /** For arrays without content. */
  public static void beginI32(
      KernelContext c,
      IntArray x0,
      IntArray x1,
      IntArray x2,
      IntArray x3,
      IntArray x4,
      IntArray x5,
      IntArray x6,
      IntArray x7,
      IntArray x8,
      IntArray x9,
      IntArray x10,
      IntArray x11) {
    if (c.globalIdx == 0) {
      x0.set(0, 0);
      x1.set(0, 0);
      x2.set(0, 0);
      x3.set(0, 0);
      x4.set(0, 0);
      x5.set(0, 0);
      x6.set(0, 0);
      x7.set(0, 0);
      x8.set(0, 0);
      x9.set(0, 0);
      x10.set(0, 0);
      x11.set(0, 0);
    }
  }
}
