package io.manifoldmuon.tests.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CatchTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.TryTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * A rule that class files cannot tell, as the compiler itself catches everything for
 * try-with-resources, so the sources are read: {@code Throwable} is caught only around the call of
 * a method handle, which declares it.
 */
class SourceRulesTest {
  private static final Set<String> THROWABLE = Set.of("Throwable", "java.lang.Throwable");
  private static final Set<String> METHOD_HANDLE_CALLS =
      Set.of("invoke", "invokeExact", "invokeWithArguments");
  private static final int LEAST_FILES = 80;

  @Test
  void nothingCatchesThrowable() throws IOException {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> modules = Files.list(Path.of(".."))) {
      for (Path sources : modules.map(m -> m.resolve("src/main/java")).toList()) {
        files.addAll(javaFiles(sources));
      }
    }
    assertThat(files).hasSizeGreaterThanOrEqualTo(LEAST_FILES);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      assertThat(wideCatches(manager.getJavaFileObjectsFromPaths(files))).isEmpty();
    }
  }

  @Test
  void findsWideCatchesOnlyWhereTheyAreWritten() throws IOException {
    String text =
        """
        class A {
          void f() {
            try { g(); } catch (Throwable t) { }
            try { handle.invokeExact(1); } catch (Throwable t) { }
            try { g(); } catch (java.lang.Throwable t) { }
            try { g(); } catch (RuntimeException e) { }
            try (var s = open()) { g(); } finally { g(); }
          }
        }
        """;
    JavaFileObject file =
        new SimpleJavaFileObject(URI.create("string:///A.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
          }
        };
    assertThat(wideCatches(List.of(file)))
        .containsExactly("/A.java:3 catches Throwable", "/A.java:5 catches java.lang.Throwable");
  }

  private static List<Path> javaFiles(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      return paths.filter(p -> p.toString().endsWith(".java")).toList();
    }
  }

  private static List<String> wideCatches(Iterable<? extends JavaFileObject> files)
      throws IOException {
    JavacTask task =
        (JavacTask)
            ToolProvider.getSystemJavaCompiler()
                .getTask(new StringWriter(), null, null, List.of("-proc:none"), null, files);
    SourcePositions positions = Trees.instance(task).getSourcePositions();
    List<String> found = new ArrayList<>();
    for (CompilationUnitTree unit : task.parse()) {
      new TreeScanner<Void, Void>() {
        @Override
        public Void visitTry(TryTree node, Void unused) {
          if (!callsMethodHandle(node.getBlock())) {
            node.getCatches().forEach(this::check);
          }
          return super.visitTry(node, null);
        }

        private void check(CatchTree node) {
          Tree caught = node.getParameter().getType();
          if (THROWABLE.contains(caught.toString())) {
            long line = unit.getLineMap().getLineNumber(positions.getStartPosition(unit, node));
            found.add(unit.getSourceFile().getName() + ":" + line + " catches " + caught);
          }
        }
      }.scan(unit, null);
    }
    return found;
  }

  private static boolean callsMethodHandle(Tree tree) {
    return Boolean.TRUE.equals(
        new TreeScanner<Boolean, Void>() {
          @Override
          public Boolean visitMemberSelect(MemberSelectTree node, Void unused) {
            boolean here = METHOD_HANDLE_CALLS.contains(node.getIdentifier().toString());
            return reduce(here, super.visitMemberSelect(node, null));
          }

          @Override
          public Boolean reduce(Boolean a, Boolean b) {
            return Boolean.TRUE.equals(a) || Boolean.TRUE.equals(b);
          }
        }.scan(tree, null));
  }
}
