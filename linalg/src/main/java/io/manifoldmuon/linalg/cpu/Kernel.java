package io.manifoldmuon.linalg.cpu;

/** One compiled node: everything is settled but the running. Allocates nothing. */
interface Kernel {
  void run();
}
