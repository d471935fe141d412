package io.manifoldmuon.bench;

/** Something that is set up on an engine and can be run again and again. */
interface Replay extends AutoCloseable {
  /** Runs it once; when it returns, the engine has done the work. */
  void run();

  @Override
  void close();
}
