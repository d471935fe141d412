package io.manifoldmuon.kernels.host;

import io.manifoldmuon.kernels.device.MatrixSteps;
import io.manifoldmuon.kernels.device.RowSteps;
import java.util.List;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The tasks of the two kernels that take their steps from an array. */
final class StepTasks {
  private StepTasks() {}

  static Launch.Task onMatrices(
      IntArray code, FloatArray numbers, FloatArray work, List<FloatArray> x) {
    return (g, id) ->
        g.task(
            id,
            MatrixSteps::matrixStepsVectorF32,
            new KernelContext(),
            code,
            numbers,
            work,
            x.get(0),
            x.get(1),
            x.get(2),
            x.get(3),
            x.get(4),
            x.get(5),
            x.get(6),
            x.get(7),
            x.get(8),
            x.get(9),
            x.get(10),
            x.get(11));
  }

  static Launch.Task onRows(
      IntArray code, FloatArray numbers, FloatArray work, List<FloatArray> x, List<IntArray> i) {
    return (g, id) ->
        g.task(
            id,
            RowSteps::rowStepsVectorF32,
            new KernelContext(),
            code,
            numbers,
            work,
            x.get(0),
            x.get(1),
            x.get(2),
            x.get(3),
            x.get(4),
            x.get(5),
            x.get(6),
            x.get(7),
            x.get(8),
            x.get(9),
            x.get(10),
            x.get(11),
            i.get(0),
            i.get(1));
  }
}
