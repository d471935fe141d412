package io.manifoldmuon.model.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HalvesTest {
  private static float[] there(StoredType dtype, float... x) {
    float[] back = new float[x.length];
    MemorySegment bytes = MemorySegment.ofArray(Floats.halves(dtype, x));
    Floats.convert(dtype, bytes, MemorySegment.ofArray(back));
    return back;
  }

  /** The nearest of the two neighbours in 8 bits, ties to the even one, by float64 arithmetic. */
  private static float nearestBfloat16(float x) {
    float low = Float.intBitsToFloat(Float.floatToRawIntBits(x) & 0xFFFF0000);
    float high = Float.intBitsToFloat((Float.floatToRawIntBits(x) & 0xFFFF0000) + 0x10000);
    double toLow = Math.abs((double) x - low);
    double toHigh = Math.abs((double) high - x);
    boolean lowIsEven = (Float.floatToRawIntBits(low) >>> 16 & 1) == 0;
    return toLow < toHigh || (toLow == toHigh && lowIsEven) ? low : high;
  }

  @Test
  void bfloat16RoundsToTheNearest() {
    Random random = new Random(7);
    for (int i = 0; i < 100_000; i++) {
      int bits = random.nextInt();
      float x = Float.intBitsToFloat(i % 2 == 0 ? bits : bits & 0xFFFF8000); // every second a tie
      if (Math.abs(x) < 3e38f) { // not NaN either
        assertThat(there(StoredType.BF16, x)[0]).as("seed 7, " + x).isEqualTo(nearestBfloat16(x));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void whatFitsIsKept(StoredType dtype) {
    float nanOfLowBits = Float.intBitsToFloat(0x7F800001);
    float[] x = {
      0, -0f, 1, -2.5f, 0.09375f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, nanOfLowBits
    };
    float[] back = there(dtype, x);
    for (int i = 0; i < x.length - 1; i++) {
      assertThat(Float.floatToRawIntBits(back[i])).isEqualTo(Float.floatToRawIntBits(x[i]));
    }
    assertThat(back[x.length - 1]).isNaN();
  }

  @Test
  void whatIsBeyondTheRangeIsRefused() {
    assertThatThrownBy(() -> there(StoredType.F16, 70_000))
        .isInstanceOf(ArithmeticException.class)
        .hasMessageContaining("70000");
    assertThat(there(StoredType.BF16, 70_000)[0]).isEqualTo(70_144f);
    assertThatThrownBy(() -> there(StoredType.BF16, Float.MAX_VALUE))
        .isInstanceOf(ArithmeticException.class);
  }
}
