package io.manifoldmuon.model.config;

import io.manifoldmuon.optim.Role;
import java.util.Arrays;

/**
 * Section {@code optimizer.groups}: what steps the parameters of each role. Where a role is not
 * given, {@code optimizer.type} decides.
 *
 * @param attention query, key, value and output projections
 * @param expertUp the first matrices of experts
 * @param expertDown the second matrices of experts
 * @param embedding the table of tokens
 * @param router the vectors that tokens are compared with
 * @param gain multipliers, which only {@code adamw} can step
 */
@AliasKey(key = "expert-up", of = "expert_up")
@AliasKey(key = "expert-down", of = "expert_down")
public record GroupsConfig(
    GroupOptimizer attention,
    GroupOptimizer expertUp,
    GroupOptimizer expertDown,
    GroupOptimizer embedding,
    GroupOptimizer router,
    GroupOptimizer gain) {

  public GroupsConfig {
    Require.present("optimizer.groups.attention", attention);
    Require.present("optimizer.groups.expert_up", expertUp);
    Require.present("optimizer.groups.expert_down", expertDown);
    Require.present("optimizer.groups.embedding", embedding);
    Require.present("optimizer.groups.router", router);
    Require.present("optimizer.groups.gain", gain);
    if (gain != GroupOptimizer.ADAMW && gain != GroupOptimizer.FROZEN) {
      throw ConfigException.of(
          "optimizer.groups.gain", gain, "adamw or frozen, because gains are not matrices");
    }
  }

  /** The groups that an optimizer's name alone means for a family of models. */
  static GroupsConfig of(OptimizerType type, ModelType model) {
    return switch (type) {
      case COMPOSED_MANIFOLD ->
          switch (model) {
            case MOE -> of(GroupOptimizer.STIEFEL_MUON, GroupOptimizer.HYPERSPHERE_MUON);
            case NGPT, GATED_NGPT ->
                of(GroupOptimizer.HYPERSPHERE_MUON, GroupOptimizer.HYPERSPHERE_MUON);
          };
      case MUON -> of(GroupOptimizer.MUON, GroupOptimizer.ADAMW);
      case NORMUON -> of(GroupOptimizer.NORMUON, GroupOptimizer.ADAMW);
      case SIMPLE_MUON -> of(GroupOptimizer.SIMPLE_MUON, GroupOptimizer.ADAMW);
      case ADAMW -> of(GroupOptimizer.ADAMW, GroupOptimizer.ADAMW);
    };
  }

  private static GroupsConfig of(GroupOptimizer matrices, GroupOptimizer rows) {
    return new GroupsConfig(matrices, matrices, matrices, rows, rows, GroupOptimizer.ADAMW);
  }

  /** Whether it steps the parameters of some role. */
  public boolean names(GroupOptimizer optimizer) {
    return Arrays.stream(Role.values()).anyMatch(role -> of(role) == optimizer);
  }

  /** What steps the parameters of a role. */
  public GroupOptimizer of(Role role) {
    return switch (role) {
      case ATTENTION -> attention;
      case EXPERT_UP -> expertUp;
      case EXPERT_DOWN -> expertDown;
      case EMBEDDING -> embedding;
      case ROUTER -> router;
      case GAIN -> gain;
    };
  }
}
