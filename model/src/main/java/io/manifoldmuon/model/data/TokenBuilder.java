package io.manifoldmuon.model.data;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Collects tokens in memory, in blocks of the narrowest width, without copying what it has. */
final class TokenBuilder implements TokenSink {
  private static final int BLOCK_TOKENS = 1 << 20;

  private final String name;
  private final SegmentTokens.Width width;
  private final List<Tokens> full = new ArrayList<>();
  private MemorySegment block;
  private int used;

  TokenBuilder(String name, int vocabSize) {
    this.name = name;
    this.width = SegmentTokens.Width.of(vocabSize);
  }

  @Override
  public void accept(int[] tokens, int offset, int count) {
    for (int done = 0; done < count; ) {
      if (block == null) {
        block = MemorySegment.ofArray(new byte[BLOCK_TOKENS * width.bytes()]);
        used = 0;
      }
      int n = Math.min(count - done, BLOCK_TOKENS - used);
      SegmentTokens.put(block, width, used, tokens, offset + done, n);
      used += n;
      done += n;
      if (used == BLOCK_TOKENS) {
        closeBlock();
      }
    }
  }

  /** All tokens so far. */
  Tokens build() {
    if (block != null) {
      closeBlock();
    }
    return full.size() == 1 ? full.getFirst() : new ConcatTokens(name, full);
  }

  private void closeBlock() {
    full.add(new SegmentTokens(name, block.asSlice(0, (long) used * width.bytes()), width));
    block = null;
  }
}
