package io.manifoldmuon.linalg.engine;

/**
 * What every engine must do. An engine's test class extends this and says how to open the engine:
 *
 * <pre>{@code
 * class CpuEngineTest extends EngineContract {
 *   @Override
 *   public Engine open() {
 *     return Engines.open("cpu", EngineOptions.defaults(), _ -> {});
 *   }
 * }
 * }</pre>
 */
public abstract class EngineContract extends SharedEngine
    implements OpContract, AssignmentContract, StateContract, LifecycleContract {}
