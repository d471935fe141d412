package io.manifoldmuon.emulator.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * Loads the classes of kernels anew, rewritten; whatever else they know comes from the loader that
 * they came from.
 */
public final class KernelLoader extends ClassLoader {
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
    if (FOREIGN.stream().anyMatch(name::startsWith)) {
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

  private Class<?> define(String name) throws ClassNotFoundException {
    byte[] code = read(name);
    byte[] rewritten = rewriter.rewrite(code);
    return defineClass(name, rewritten, 0, rewritten.length);
  }

  private byte[] read(String name) throws ClassNotFoundException {
    try (InputStream stream = getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (stream == null) {
        throw new ClassNotFoundException(name);
      }
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
