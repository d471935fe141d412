package io.manifoldmuon.linalg.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Memory of zeros by the C library's {@code calloc}. An {@link Arena} writes the zeros itself, from
 * one thread, which for the memory of a program takes a good part of a second; fresh pages of the
 * operating system are zero already, and come as they are touched, by the threads that work there.
 */
@SuppressWarnings("restricted") // two functions of the C library; memory is freed with its arena
final class ZeroedMemory {
  private final MethodHandle calloc;
  private final MethodHandle free;

  /** Looks the functions up. */
  ZeroedMemory() {
    Linker linker = Linker.nativeLinker();
    SymbolLookup library = linker.defaultLookup();
    var pointer = ValueLayout.ADDRESS;
    var size = ValueLayout.JAVA_LONG;
    calloc =
        linker.downcallHandle(
            library.findOrThrow("calloc"), FunctionDescriptor.of(pointer, size, size));
    free = linker.downcallHandle(library.findOrThrow("free"), FunctionDescriptor.ofVoid(pointer));
  }

  /**
   * The address of new memory that lives as long as the arena.
   *
   * @param alignment a power of two
   * @throws OutOfMemoryError if the system has none left
   */
  long allocate(Arena arena, long bytes, long alignment) {
    MemorySegment memory = call(Math.addExact(bytes, alignment));
    if (memory.equals(MemorySegment.NULL)) {
      throw new OutOfMemoryError("cpu: the system has no " + bytes + " bytes of memory left");
    }
    memory.reinterpret(arena, this::free);
    return (memory.address() + alignment - 1) & -alignment;
  }

  private MemorySegment call(long bytes) {
    try {
      return (MemorySegment) calloc.invokeExact(1L, bytes);
    } catch (Throwable e) { // a method handle declares it, calloc throws nothing
      throw new IllegalStateException(e);
    }
  }

  private void free(MemorySegment memory) {
    try {
      free.invokeExact(memory);
    } catch (Throwable e) { // a method handle declares it, free throws nothing
      throw new IllegalStateException(e);
    }
  }
}
