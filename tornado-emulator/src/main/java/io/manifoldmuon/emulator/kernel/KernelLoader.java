package io.manifoldmuon.emulator.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Loads the classes of kernels anew, rewritten; whatever else they know comes from the loader that
 * they came from.
 */
public final class KernelLoader extends ClassLoader implements KernelReview.ClassSource {
  /** Whose classes are never rewritten. */
  private static final List<String> FOREIGN =
      List.of("java.", "jdk.", "sun.", "uk.ac.manchester.tornado.", "io.manifoldmuon.emulator.");

  private final Rewriter rewriter;

  KernelLoader(ClassLoader origin, Class<?> hooks) {
    super(origin);
    rewriter = new Rewriter(hooks, origin);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (isForeign(name)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        loaded = define(name);
      }
      if (resolve) {
        resolveClass(loaded);
      }
      return loaded;
    }
  }

  private static boolean isForeign(String name) {
    return FOREIGN.stream().anyMatch(name::startsWith);
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    byte[] code = read(name.replace('.', '/'));
    if (code == null) {
      throw new ClassNotFoundException(name);
    }
    byte[] rewritten = rewriter.rewrite(code);
    return defineClass(name, rewritten, 0, rewritten.length);
  }

  @Override
  public byte[] read(String name) {
    if (isForeign(name.replace('/', '.'))) {
      return null;
    }
    try (InputStream stream = getResourceAsStream(name + ".class")) {
      return stream == null ? null : stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("emulator: the class " + name + " cannot be read", e);
    }
  }
}
