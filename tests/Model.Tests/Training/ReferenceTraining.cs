using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Model.Tests.Training;

/// <summary>
/// Whole runs by the reference in double, each made once. Between two steps the parameters are rounded, as a device holds them.
/// </summary>
static class ReferenceTraining
{
    static readonly Dictionary<(string Recipe, int Steps), double[]> Made = [];

    /// <summary>The losses of the first steps of a recipe on the embedded names, from the lectures' seed.</summary>
    public static double[] Losses(Recipe recipe, int steps)
    {
        if (!Made.TryGetValue((recipe.Name, steps), out double[]? losses))
        {
            losses = Train(recipe, TestData.Embedded.Train, steps);
            Made.Add((recipe.Name, steps), losses);
        }
        return losses;
    }

    static double[] Train(Recipe recipe, Split examples, int steps)
    {
        using var network = new Mlp(Accelerators.Cpu, recipe, TestData.Embedded.Vocabulary.Count);
        TorchGenerator generator = network.Draw(Seeds.Lecture);
        var reference = new ReferenceNetwork(network);
        var indices = new int[recipe.Batch];
        var losses = new double[steps];
        for (int step = 0; step < steps; step++)
        {
            generator.RandInt(0, examples.Count, indices);
            (losses[step], Dictionary<string, double[]> gradients, _) = reference.Backward(
                examples.ContextsOf(indices), examples.TargetsOf(indices));
            foreach (Tensor tensor in network.Parameters.Tensors)
            {
                Matrix<double> updated = ReferenceOperations.Sgd(
                    Row(Array.ConvertAll(tensor.ToArray(), value => (double)value)), Row(gradients[tensor.Name]), recipe.LearningRate);
                tensor.Set(Array.ConvertAll(updated.ToRowMajorArray(), value => (float)value));
            }
        }
        return losses;
    }

    static Matrix<double> Row(double[] values) => Matrix<double>.Build.Dense(1, values.Length, values);
}
