package io.manifoldmuon.bench;

import io.manifoldmuon.linalg.Shape;
import io.manifoldmuon.linalg.Tensor;
import io.manifoldmuon.linalg.engine.Engine;
import io.manifoldmuon.linalg.engine.Program;
import io.manifoldmuon.linalg.graph.Graph;
import io.manifoldmuon.linalg.graph.GraphBuilder;
import io.manifoldmuon.linalg.graph.Type;
import io.manifoldmuon.linalg.graph.Value;
import io.manifoldmuon.linalg.polar.Msign;
import io.manifoldmuon.linalg.polar.PolarIteration;
import io.manifoldmuon.optim.LrSchedule;
import io.manifoldmuon.optim.Muon;
import io.manifoldmuon.optim.MuonSettings;
import io.manifoldmuon.optim.Optimizer;
import io.manifoldmuon.optim.Parameter;
import io.manifoldmuon.optim.Role;
import io.manifoldmuon.optim.StiefelMuon;
import io.manifoldmuon.optim.StiefelSettings;
import io.manifoldmuon.optim.StiefelSolver;
import java.util.List;
import java.util.Map;

/** Whole optimizer steps of one stack of matrices, solve and retraction included. */
final class OptimizerWorkloads {
  private static final double LR = 0.02;
  private static final int START_STEPS = 12;
  private static final String GRADIENT = "gradient";

  private OptimizerWorkloads() {}

  static Workload muon(String name, Shape shape) {
    Parameter w = parameter(shape);
    return step(
        name, w, new Muon("muon", List.of(w), MuonSettings.muon(LR), LrSchedule.constant(0)));
  }

  static Workload stiefel(String name, Shape shape, StiefelSolver solver) {
    Parameter w = parameter(shape);
    StiefelSettings settings = StiefelSettings.of(LR).withSolver(solver);
    return step(name, w, new StiefelMuon("muon", List.of(w), settings, LrSchedule.constant(0)));
  }

  private static Parameter parameter(Shape shape) {
    return new Parameter("w", shape, Role.EXPERT_UP);
  }

  private static Workload step(String name, Parameter w, Optimizer optimizer) {
    GraphBuilder g = new GraphBuilder();
    optimizer.record(g, Map.of(w, g.input(GRADIENT, w.type())), g.constant(1));
    Graph graph = g.build();
    return new Workload(
        name,
        Workload.flops(graph),
        Workload.bytes(graph),
        engine -> open(engine, graph, w, optimizer));
  }

  private static Replay open(Engine engine, Graph graph, Parameter w, Optimizer optimizer) {
    engine.write(w.variable(), orthonormal(engine, w.shape()));
    Program program = engine.compile(graph);
    program.write(GRADIENT, Workload.gaussian(GRADIENT, w.shape()));
    optimizer.writeInputs(program, 0);
    return new Replay() {
      @Override
      public void run() {
        program.run();
      }

      @Override
      public void close() {
        program.close();
      }
    };
  }

  /** A point on the manifold. */
  private static Tensor orthonormal(Engine engine, Shape shape) {
    GraphBuilder g = new GraphBuilder();
    Value x = g.input("x", Type.real(shape));
    g.output("y", Msign.record(g, x, PolarIteration.polarExpress(START_STEPS)));
    try (Program program = engine.compile(g.build())) {
      program.write("x", Workload.gaussian("w", shape));
      program.run();
      return program.read("y");
    }
  }
}
