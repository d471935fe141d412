package io.manifoldmuon.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Touches an array, so that a task graph has it on the device; one work-item. */
public final class Marks {
  private Marks() {}

  /** Keeps the content. */
  public static void keepF32(KernelContext c, FloatArray x) {
    if (c.globalIdx == 0) {
      x.set(0, x.get(0));
    }
  }

  /** Keeps the content. */
  public static void keepI32(KernelContext c, IntArray x) {
    if (c.globalIdx == 0) {
      x.set(0, x.get(0));
    }
  }

  /** For arrays without content. */
  public static void beginF32(KernelContext c, FloatArray x) {
    if (c.globalIdx == 0) {
      x.set(0, 0.0f);
    }
  }

  /** For arrays without content. */
  public static void beginI32(KernelContext c, IntArray x) {
    if (c.globalIdx == 0) {
      x.set(0, 0);
    }
  }
}
