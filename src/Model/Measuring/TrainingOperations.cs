using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Measuring;

/// <summary>Whole steps of training: take the batch, forward, loss, backward, update.</summary>
static class TrainingOperations
{
    const float LearningRate = 0.1f;

    /// <summary>What steps of training are called.</summary>
    /// <param name="strategy">layered or fused.</param>
    public static string NameOf(string strategy) => $"training step, {strategy}";

    /// <summary>The floating-point operations of a step: those of its matrix products.</summary>
    /// <param name="network">The network.</param>
    /// <param name="batch">N.</param>
    public static double FlopsOf(NetworkShape network, int batch) => 2 * FusedCost.MultiplyAdds(network, batch);

    /// <summary>Steps of training.</summary>
    /// <remarks>
    /// What they take: three products of matrices for each linear layer (its output, the gradient of its input, that of its weights),
    /// beside which all other arithmetic is small. Parameters are read and written, and the examples of the batch are read.
    /// </remarks>
    /// <param name="strategy">layered or fused, with the threads that auto gives it.</param>
    /// <param name="recipe">The network and the batch.</param>
    /// <param name="data">The data set.</param>
    /// <param name="steps">Steps of a launch.</param>
    public static Operation Step(string strategy, Recipe recipe, Dataset data, int steps) =>
        Step(strategy, device => Strategy.Named(strategy, device, recipe, data.Vocabulary.Count), recipe, data, steps);

    /// <summary>Steps of training by a strategy.</summary>
    /// <param name="strategy">The strategy.</param>
    /// <param name="recipe">The network and the batch.</param>
    /// <param name="data">The data set.</param>
    /// <param name="steps">Steps of a launch.</param>
    public static Operation Step(Strategy strategy, Recipe recipe, Dataset data, int steps)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        return Step(strategy.Name, _ => strategy, recipe, data, steps);
    }

    static Operation Step(string name, Func<Device, Strategy> strategy, Recipe recipe, Dataset data, int steps)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(data);
        int vocabulary = data.Vocabulary.Count;
        var network = NetworkShape.Of(recipe, vocabulary);
        return new(
            NameOf(name),
            $"batch {recipe.Batch}, {network.EmbeddedWidth} inputs, hidden {string.Join('+', recipe.Hidden)}",
            bench => new(Launch(bench, strategy(bench.Kernels.Accelerator.Device), recipe, data, steps)))
        {
            TimesPerLaunch = steps,
            Cost = new(
                FlopsOf(network, recipe.Batch),
                (2 * (double)network.Parameters.Sum(tensor => tensor.Length)) + ((recipe.Context + 2.0) * recipe.Batch) + 1,
                "6·N·Σ K·M", "2·W + N·T + 2·N + 1"),
        };
    }

    static Action Launch(Bench bench, Strategy strategy, Recipe recipe, Dataset data, int steps)
    {
        Mlp network = bench.Own(new Mlp(bench.Kernels, recipe, data.Vocabulary.Count));
        network.Draw(Seeds.Lecture);
        DeviceSplit split = bench.Own(new DeviceSplit(bench.Kernels, data.Train));
        ITrainingStep step = bench.Own(strategy.CreateStep(bench.Kernels, network, split, recipe.Batch));
        ArrayView<int> indices = bench.Indices(steps * recipe.Batch, below: split.Count).View;
        ArrayView<float> record = bench.Output(steps).View;
        return () => step.Run(indices, steps, LearningRate, record);
    }
}
