package io.manifoldmuon.emulator.memory;

/** Is told of every access to the elements of an array, before it happens, and may refuse it. */
public interface AccessMonitor {
  /** Allows everything: what an array of the host has. */
  AccessMonitor NONE =
      new AccessMonitor() {
        @Override
        public void read(int index) {}

        @Override
        public void write(int index) {}

        @Override
        public void change(int index) {}
      };

  /** The element at {@code index} is about to be read. */
  void read(int index);

  /** The element at {@code index} is about to be written. */
  void write(int index);

  /** The element at {@code index} is about to be read and written at once. */
  void change(int index);
}
