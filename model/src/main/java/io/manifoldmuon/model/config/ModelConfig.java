package io.manifoldmuon.model.config;

/**
 * Section {@code model}: the architecture and its sizes. The vocabulary is not here: the tokenizer
 * decides it.
 *
 * @param type the architecture
 * @param preset the named size that gave every dimension without a key of its own
 * @param dModel D, the width
 * @param nLayers L, the number of blocks
 * @param nHeads H, the attention heads; D must be a multiple, and D/H even for RoPE
 * @param nExperts E, the experts of each block
 * @param topK k, the experts that each token uses, 1 ≤ k ≤ E
 * @param dFf F, the hidden width of one expert, or of the feed-forward layer
 * @param context T, the tokens of one window
 * @param ropeBase base of the rotary position angles, base^(−2i/(D/H))
 * @param rmsEps ε under the root of RMSNorm
 * @param weightGain a learned scalar gain beside each attention and expert matrix
 * @param projEvery after how many steps the normalised models set their weights back to unit
 *     vectors
 * @param routerNoise standard deviation of the Gaussian noise on router logits in training; 0 is
 *     off
 * @param routerTemperature a learned scalar factor on the router logits
 * @param balanceLoss α of the balance loss α·E·Σ f_i·P_i; 0 is off
 * @param zLoss β of the z-loss β·mean(logsumexp²) of the router logits; 0 is off, 1e-3 is usual
 * @param routerBias balance without a loss: a bias that only the selection of experts sees
 * @param routerBiasRate γ of the bias update b_i += γ·sign(mean load − load_i)
 * @param sharedExpert one more expert that every token uses
 * @param routing top-k, or round robin for debugging
 */
public record ModelConfig(
    ModelType type,
    Preset preset,
    int dModel,
    int nLayers,
    int nHeads,
    int nExperts,
    int topK,
    int dFf,
    int context,
    double ropeBase,
    double rmsEps,
    boolean weightGain,
    int projEvery,
    double routerNoise,
    boolean routerTemperature,
    double balanceLoss,
    double zLoss,
    boolean routerBias,
    double routerBiasRate,
    boolean sharedExpert,
    Routing routing) {

  public ModelConfig {
    Require.present("model.type", type);
    Require.present("model.preset", preset);
    Require.present("model.routing", routing);
    Require.range("model.d_model", dModel, 2, 1 << 16);
    Require.range("model.n_layers", nLayers, 1, 1024);
    Require.range("model.n_heads", nHeads, 1, 1 << 12);
    Require.range("model.n_experts", nExperts, 1, 1 << 12);
    Require.range("model.d_ff", dFf, 1, 1 << 20);
    Require.range("model.context", context, 2, 1 << 20);
    Require.atLeast("model.proj_every", projEvery, 1);
    checkHeads(dModel, nHeads, type != ModelType.GATED_NGPT);
    if (topK < 1 || topK > nExperts) {
      throw ConfigException.of(
          "model.top_k", topK, "from 1 to model.n_experts, which is " + nExperts);
    }
    if ((long) nExperts * dFf * dModel > Integer.MAX_VALUE) {
      throw ConfigException.of(
          "model.d_ff",
          dFf,
          "small enough that the experts' stack of model.n_experts × model.d_ff × model.d_model = "
              + ((long) nExperts * dFf * dModel)
              + " weights has at most 2^31−1");
    }
    Require.positive("model.rope_base", ropeBase);
    Require.positive("model.rms_eps", rmsEps);
    Require.notNegative("model.router_noise", routerNoise);
    Require.notNegative("model.balance_loss", balanceLoss);
    Require.notNegative("model.z_loss", zLoss);
    Require.notNegative("model.router_bias_rate", routerBiasRate);
    if (type == ModelType.MOE) {
      only("model.proj_every", projEvery, 1, "model.type is moe, whose weights are not normalised");
    } else {
      String why = "model.type is " + type + ", which has no experts";
      only("model.n_experts", nExperts, 1, why);
      only("model.top_k", topK, 1, why);
      only("model.router_noise", routerNoise, 0.0, why);
      only("model.router_temperature", routerTemperature, false, why);
      only("model.balance_loss", balanceLoss, 0.0, why);
      only("model.z_loss", zLoss, 0.0, why);
      only("model.router_bias", routerBias, false, why);
      only("model.shared_expert", sharedExpert, false, why);
      only("model.routing", routing, Routing.TOPK, why);
      String scales = "model.type is " + type + ", which has scales of its own";
      only("model.weight_gain", weightGain, false, scales);
    }
  }

  private static void only(String key, Object value, Object wanted, String why) {
    if (!value.equals(wanted)) {
      throw ConfigException.of(key, value, wanted + ", because " + why);
    }
  }

  private static void checkHeads(int dModel, int nHeads, boolean rotary) {
    if (dModel % nHeads != 0) {
      throw ConfigException.of(
          "model.d_model", dModel, "a multiple of model.n_heads, which is " + nHeads);
    }
    if (rotary && dModel / nHeads % 2 != 0) {
      throw ConfigException.of(
          "model.n_heads",
          nHeads,
          "such that the width of a head, "
              + dModel
              + " / "
              + nHeads
              + " = "
              + dModel / nHeads
              + ", is even, because RoPE rotates pairs");
    }
  }

  /** D/H, the width of one attention head. */
  public int headDim() {
    return dModel / nHeads;
  }
}
