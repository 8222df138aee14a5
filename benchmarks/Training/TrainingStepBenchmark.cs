using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Measuring;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Reference;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Training;

/// <summary>
/// A whole step of training at the lectures' sizes. On an accelerator: <see cref="LayeredStep"/> with recipe batchnorm. On MathNet:
/// <see cref="ReferenceStep"/>, which is recipe backprop in the small steps of exercise 1 and keeps every intermediate, and then SGD.
/// </summary>
public class TrainingStepBenchmark : OperationBenchmark
{
    internal const string Shape = "batch 32, hidden 200";

    const float LearningRate = 0.1f;

    internal static readonly Dataset Data = Dataset.Create(NamesFile.Embedded(), T);

    /// <inheritdoc/>
    internal override IEnumerable<Operation> Operations =>
    [
        new(
            "LayeredStep (MathNet: ReferenceStep and update)", Shape,
            // What goes in and comes out with every step is what it is in training: the indices of the examples, and the loss.
            bench => TrainingOperations.Step("layered", Sizes("batchnorm"), Data, steps: 1).Prepare(bench) with
            {
                Reference = MathNetStep(bench),
            }),
    ];

    internal static Recipe Sizes(string recipe) =>
        Recipe.Named(recipe) with { Context = T, Embedding = E, Hidden = [H], Batch = N };

    static Func<object> MathNetStep(Bench bench)
    {
        Mlp network = bench.Own(new Mlp(bench.Kernels, Sizes("backprop"), Data.Vocabulary.Count));
        network.Draw(Seeds.Lecture);
        var parameters = network.Parameters.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.ToArray());
        int[] examples = [.. Enumerable.Range(0, N)];
        var batch = new LectureBatch(
            parameters, Data.Train.ContextsOf(examples), Data.Train.TargetsOf(examples), network.Vocabulary, E, H);
        return () =>
        {
            IReadOnlyDictionary<string, double[]> tensors = ReferenceStep.Run(batch);
            foreach ((string name, float[] values) in parameters)
            {
                double[] gradient = tensors[name + ".grad"];
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] -= LearningRate * (float)gradient[i];
                }
            }
            return tensors;
        };
    }
}
