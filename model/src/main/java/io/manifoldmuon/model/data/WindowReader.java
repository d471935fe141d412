package io.manifoldmuon.model.data;

/**
 * Reads one window: inputs {@code t[p .. p+T)} and targets {@code t[p+1 .. p+T]}, and checks each
 * id against the vocabulary.
 */
record WindowReader(Tokens tokens, int vocabSize, int context) {
  WindowReader {
    if (context < 1) {
      throw new IllegalArgumentException("context " + context + " is below 1");
    }
    if (tokens.size() <= context) {
      throw new DataException(
          Sentence.of(
              "data: %s has %,d tokens, but one window needs %,d (a context of %,d "
                  + "and the next token); give more text or a smaller model.context",
              tokens.name(), tokens.size(), context + 1L, context));
    }
  }

  /** Fills row {@code row} of the two [rows, T] arrays with the window that starts at {@code p}. */
  void fill(long p, int row, int[] inputs, int[] targets) {
    int start = Math.multiplyExact(row, context);
    tokens.copy(p + 1, targets, start, context);
    inputs[start] = tokens.get(p);
    System.arraycopy(targets, start, inputs, start + 1, context - 1);
    check(inputs[start], p);
    for (int i = 0; i < context; i++) {
      check(targets[start + i], p + 1 + i);
    }
  }

  private void check(int token, long position) {
    if (token < 0 || token >= vocabSize) {
      throw new DataException(
          Sentence.of(
              "data: token %,d of %s is %s, outside the vocabulary of %,d; choose "
                  + "the data.tokenizer that the tokens were made with",
              position, tokens.name(), Integer.toUnsignedString(token), vocabSize));
    }
  }

  /** Fails unless both arrays have room for {@code rows} · T elements. */
  void checkBuffers(int rows, int[] inputs, int[] targets) {
    int wanted = Math.multiplyExact(rows, context);
    if (inputs.length < wanted || targets.length < wanted) {
      throw new IllegalArgumentException(
          Sentence.of(
              "batch: buffers of %d and %d elements; wanted at least %d x %d = %d " + "each",
              inputs.length, targets.length, rows, context, wanted));
    }
  }
}
