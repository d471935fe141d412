package io.manifoldmuon.model.config;

import java.util.List;
import java.util.Locale;

/** Named model sizes; every dimension can be overridden by its own key. */
public enum Preset {
  TINY(ModelType.MOE, 128, 2, 4, 4, 2, 512, 128),
  SMALL(ModelType.MOE, 256, 4, 4, 4, 2, 1024, 256),
  MEDIUM(ModelType.MOE, 512, 8, 8, 8, 2, 2048, 512),
  BLUEBERRY(ModelType.MOE, 384, 6, 8, 8, 2, 1536, 512),
  LARGE(ModelType.MOE, 1024, 12, 16, 16, 2, 4096, 1024),
  NGPT_TINY(ModelType.NGPT, 128, 2, 4, 1, 1, 352, 128),
  NGPT_155M(ModelType.NGPT, 768, 11, 6, 1, 1, 2048, 128);

  /** The keys of section {@code model} that a preset sets. */
  public static final List<String> KEYS =
      List.of("type", "d_model", "n_layers", "n_heads", "n_experts", "top_k", "d_ff", "context");

  final ModelType type;
  final int dModel;
  final int nLayers;
  final int nHeads;
  final int nExperts;
  final int topK;
  final int dFf;
  final int context;

  Preset(
      ModelType type,
      int dModel,
      int nLayers,
      int nHeads,
      int nExperts,
      int topK,
      int dFf,
      int context) {
    this.type = type;
    this.dModel = dModel;
    this.nLayers = nLayers;
    this.nHeads = nHeads;
    this.nExperts = nExperts;
    this.topK = topK;
    this.dFf = dFf;
    this.context = context;
  }

  /** The name as configurations spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
