package io.manifoldmuon.model.cli;

import io.manifoldmuon.model.format.SafetensorsFile;
import io.manifoldmuon.model.inspect.MatrixFacts;
import io.manifoldmuon.model.inspect.ModelFacts;
import io.manifoldmuon.model.inspect.TensorFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What {@code inspect --json} prints. A number that does not exist, such as the condition of a
 * singular matrix or any measure of one that is not finite, is null.
 */
final class InspectJson {
  /** The tensors of the model whose rows are held to the sphere; all other matrices to Stiefel. */
  private static final Set<String> ON_THE_SPHERE = Set.of("embed.weight", ".router.weight");

  private InspectJson() {}

  static Map<String, Object> fields(
      SafetensorsFile file,
      Map<String, TensorFacts> tensors,
      ModelFacts.Result model,
      boolean all) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("file", file.path().toString());
    List<Object> list = new ArrayList<>();
    tensors.values().forEach(t -> list.add(tensor(file, t, all)));
    fields.put("tensors", list);
    switch (model) {
      case ModelFacts.Result.Known known -> fields.put("model", model(known.facts()));
      case ModelFacts.Result.Unknown unknown -> {
        fields.put("model", null);
        fields.put("why_no_model", unknown.reason());
      }
    }
    return fields;
  }

  private static Map<String, Object> tensor(SafetensorsFile file, TensorFacts t, boolean all) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", t.name());
    fields.put("dtype", file.info(t.name()).dtype().name());
    fields.put("shape", t.shape());
    fields.put("elements", t.elements());
    fields.put("kind", t.kind().name().toLowerCase(Locale.ROOT));
    fields.put("not_finite", t.notFinite());
    fields.put("norm", number(t.norm()));
    fields.put("max_abs", number(t.maxAbs()));
    if (!t.matrices().isEmpty()) {
      fields.put("count", t.matrices().size());
      measures(
          fields,
          t.name(),
          t.smallest(MatrixFacts::sigmaMin),
          t.largest(MatrixFacts::sigmaMax),
          t.largest(MatrixFacts::condition),
          t.largest(MatrixFacts::stiefel),
          t.largest(MatrixFacts::sphere));
    }
    if (all && !t.matrices().isEmpty()) {
      List<Object> list = new ArrayList<>();
      t.matrices().forEach(m -> list.add(matrix(t.name(), m)));
      fields.put("matrices", list);
    }
    return fields;
  }

  private static Map<String, Object> matrix(String name, MatrixFacts m) {
    Map<String, Object> fields = new LinkedHashMap<>();
    measures(fields, name, m.sigmaMin(), m.sigmaMax(), m.condition(), m.stiefel(), m.sphere());
    fields.put("nuclear_norm", number(m.nuclear()));
    fields.put("radius", number(m.radius()));
    fields.put("not_finite", m.notFinite());
    return fields;
  }

  private static void measures(
      Map<String, Object> fields,
      String name,
      double least,
      double largest,
      double condition,
      double stiefel,
      double sphere) {
    boolean rows = ON_THE_SPHERE.stream().anyMatch(name::endsWith);
    fields.put("sigma_min", number(least));
    fields.put("sigma_max", number(largest));
    fields.put("spectral_norm", number(largest));
    fields.put("condition", number(condition));
    fields.put("stiefel_residual", number(stiefel));
    fields.put("sphere_residual", number(sphere));
    fields.put("constraint", rows ? "sphere" : "stiefel");
    fields.put("constraint_residual", number(rows ? sphere : stiefel));
  }

  static Map<String, Object> model(ModelFacts m) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("mass", m.shared().root().mass());
    fields.put("branches", m.branches());
    fields.put("modular_norm", number(m.modularNorm()));
    fields.put("lipschitz_bound", number(m.lipschitz()));
    fields.put("lipschitz_bound_weighted", number(m.lipschitzShared()));
    fields.put("sensitivity", m.added().root().sensitivity());
    fields.put("sensitivity_weighted", m.shared().root().sensitivity());
    Map<String, Object> norms = new LinkedHashMap<>();
    m.norms().forEach((name, norm) -> norms.put(name, number(norm)));
    fields.put("norms", norms);
    Map<String, Object> rates = new LinkedHashMap<>();
    m.atoms().forEach(name -> rates.put(name, number(m.learningRate(name))));
    fields.put("learning_rates", rates);
    return fields;
  }

  private static Double number(double x) {
    return Double.isFinite(x) ? x : null;
  }
}
