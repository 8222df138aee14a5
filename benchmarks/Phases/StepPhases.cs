using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Measuring;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Benchmarks.Phases;

/// <summary>
/// Where the time of a fused step goes on the CPU accelerator: a clock is read between the phases of real steps, and in each round also
/// what the processor can do at most, since a busy machine is slower for both.
/// </summary>
static class StepPhases
{
    const int Rounds = 41;
    const int StepsPerRound = 400;
    const float LearningRate = 0.1f;

    /// <summary>Measures, and records the results.</summary>
    /// <returns>The exit code.</returns>
    public static int Run()
    {
        KernelSet kernels = Accelerators.Kernels("cpu:0");
        try
        {
            Recipe recipe = Recipe.Named("batchnorm");
            Dataset data = Dataset.Create(NamesFile.Embedded(), recipe.Context);
            using var network = new Mlp(kernels, recipe, data.Vocabulary.Count);
            TorchGenerator generator = network.Draw(Seeds.Lecture);
            using var fused = new FusedNetwork(kernels, network, recipe.Batch, FusedForm.Threads, threads: 1);
            using var split = new DeviceSplit(kernels, data.Train);
            var indices = new int[recipe.Batch * StepsPerRound];
            generator.RandInt(0, data.Train.Count, indices);
            using MemoryBuffer1D<int, Stride1D.Dense> batches = kernels.Accelerator.Allocate1D(indices);
            kernels.Accelerator.Synchronize();

            var results = PhaseResults.Of(Measure(new TimedStep(fused, split, batches.View)));
            Console.WriteLine(PhaseTable.ToMarkdown(results));
            string path = ResultsFile.Save(results.Machine, PhaseResults.Kind, results);
            Console.WriteLine($"recorded in {Path.GetRelativePath(Environment.CurrentDirectory, path)}");
            return 0;
        }
        finally
        {
            Accelerators.Close();
        }
    }

    static (IReadOnlyList<Phase> Phases, double Peak) Measure(TimedStep step)
    {
        var microseconds = new List<double>[step.Phases.Count];
        var peaks = new List<double>();
        for (int round = -Rounds; round < Rounds; round++)
        {
            double peak = CorePeak.Gigaflops();
            double[] times = step.Run(StepsPerRound, LearningRate);
            if (round >= 0)
            {
                // Those before only warm up.
                peaks.Add(peak);
                for (int phase = 0; phase < times.Length; phase++)
                {
                    (microseconds[phase] ??= []).Add(times[phase]);
                }
            }
        }
        return (
            [.. step.Phases.Zip(microseconds, (phase, times) => phase with { Microseconds = Math.Round(times.Median(), 3) })],
            Math.Round(peaks.Median(), 1));
    }
}
