using System.Globalization;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Benchmarks.Correctness;

/// <summary>
/// How close every accelerator of this machine is to libtorch: one batch tensor by tensor, and the first losses of a run.
/// </summary>
static class CorrectnessRun
{
    const string NamesVariable = "MAKEMORE_NAMES";

    static string Golden => Path.Combine(Repository.Root, "tests", "Model.Tests", "Golden");

    /// <summary>Compares, and records the results.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidRequestException">The lectures' names are not there.</exception>
    public static int Run()
    {
        string names = Environment.GetEnvironmentVariable(NamesVariable)
            ?? throw new InvalidRequestException(
                $"set {NamesVariable} to the path of makemore's names.txt: libtorch's losses are of it");
        try
        {
            var data = Dataset.Create(NamesFile.Read(names), Recipe.Default.Context);
            float[] losses =
            [
                .. File.ReadLines(Path.Combine(Golden, "batchnorm_losses.csv")).Skip(1)
                    .Select(line => float.Parse(line.Split(',')[1], CultureInfo.InvariantCulture)),
            ];
            SafeTensors batch = SafeTensors.Read(Path.Combine(Golden, "one_batch.safetensors"));
            var results = CorrectnessResults.Of([.. Accelerators.Devices.Select(device => Compare(device, batch, data, losses))]);
            Console.WriteLine(SummaryTable.Correctness([results]));
            string path = ResultsFile.Save(results.Machine, CorrectnessResults.Kind, results);
            Console.WriteLine($"recorded in {Path.GetRelativePath(Environment.CurrentDirectory, path)}");
            return 0;
        }
        finally
        {
            Accelerators.Close();
        }
    }

    static Agreement Compare(FoundDevice device, SafeTensors batch, Dataset data, float[] losses)
    {
        KernelSet kernels = Accelerators.Kernels(device.Name);
        IReadOnlyList<TensorComparison> tensors = BatchCheck.AgainstDump(kernels, batch).Comparisons;
        var fused = Strategy.Named(Strategy.Fused.Name, device.Device, Recipe.Default, data.Vocabulary.Count);
        return new Agreement(
            device.Name, tensors.Count, tensors.Count(tensor => tensor.Approximate), losses.Length,
            LargestDifference(kernels, Strategy.Layered, data, losses), LargestDifference(kernels, fused, data, losses));
    }

    static double LargestDifference(KernelSet kernels, Strategy strategy, Dataset data, float[] expected)
    {
        Recipe recipe = Recipe.Default;
        Configuration configuration = Configuration.Resolve(recipe, data.Train.Count, expected.Length, dropAt: expected.Length);
        using var network = new Mlp(kernels, recipe, data.Vocabulary.Count);
        TorchGenerator generator = network.Draw(configuration.Seeds);
        double largest = 0;
        new Trainer(kernels, network, configuration, generator, strategy).Run(data.Train, steps =>
        {
            largest = Math.Max(largest, steps.Max(step => Math.Abs((double)step.Loss - expected[step.Step])));
        });
        return largest;
    }
}
