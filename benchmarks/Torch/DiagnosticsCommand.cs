using System.CommandLine;
using System.Globalization;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Torch.Diagnostics;

namespace Makemore.Gpu.Torch;

/// <summary>
/// Trains a recipe twice from the same seed, by the kernels and by torch, and compares all that the lectures look at, up to the names. Exit
/// code 1 where anything is further apart than single precision explains.
/// </summary>
static class DiagnosticsCommand
{
    const int SampledNames = 20;

    const int Steps = 1001;

    static readonly Option<string> Accelerator =
        new("--accelerator") { Description = "auto, cpu, opencl or cuda", DefaultValueFactory = _ => "cpu" };
    static readonly Option<string> StrategyName =
        new("--strategy") { Description = "auto, fused or layered", DefaultValueFactory = _ => Strategy.Auto };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "diagnostics", "trains a recipe with the kernels and with torch, and compares what both see in the network")
        {
            CommandLine.Data, NetworkOptions.All, Accelerator, StrategyName, CommandLine.Json,
        };
        command.SetAction(Run);
        return command;
    }

    static int Run(ParseResult parsed)
    {
        Recipe recipe = NetworkOptions.ResolveRecipe(parsed);
        Dataset data = CommandLine.ReadData(parsed, recipe.Context);
        Configuration configuration = NetworkOptions.Resolve(parsed, recipe, data, Steps);
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        FoundDevice device = catalog.Choose(parsed.GetValue(Accelerator)!);
        var strategy = Strategy.Named(parsed.GetValue(StrategyName)!, device.Device, recipe, data.Vocabulary.Count);
        using Accelerator accelerator = catalog.Start(device);

        using var ours = new KernelTraining(new KernelSet(accelerator), configuration, data, strategy);
        using var torch = new TorchTraining(configuration, data);
        Diagnosis diagnosis = ours.Run();
        IReadOnlyList<string> names = ours.Sample(SampledNames, Sampler.LectureSeed);
        Quantity[] quantities = [.. DiagnosisComparison.Of(diagnosis, torch.Run(diagnosis.Inspection))];
        IReadOnlyList<string> torchNames = torch.Sample(ours.Network, SampledNames, Sampler.LectureSeed);

        bool ok = quantities.All(quantity => quantity.Ok) && names.SequenceEqual(torchNames);
        if (parsed.GetValue(CommandLine.Json))
        {
            Console.WriteLine(CommandLine.ToJson(new
            {
                Recipe = recipe.Name,
                configuration.Steps,
                configuration.Seed,
                Accelerator = device.Name,
                Strategy = strategy.Name,
                Quantities = quantities,
                Names = names,
                TorchNames = torchNames,
                Ok = ok,
            }));
        }
        else
        {
            Show(quantities);
            Console.WriteLine();
            Console.WriteLine($"names: {string.Join(' ', names)}");
            Console.WriteLine(names.SequenceEqual(torchNames) ? "torch: the same" : $"torch: {string.Join(' ', torchNames)}");
            Console.WriteLine();
            Console.WriteLine(
                $"{recipe.Name}, {configuration.Steps} steps, {device.Name}, {strategy.Name}: "
                + $"{quantities.Count(quantity => quantity.Ok)} of {quantities.Length} quantities within tolerance, "
                + $"{names.Zip(torchNames).Count(pair => pair.First == pair.Second)} of {SampledNames} names the same");
        }
        return ok ? 0 : 1;
    }

    static void Show(Quantity[] quantities)
    {
        int width = quantities.Max(quantity => quantity.Name.Length);
        Console.WriteLine($"{"quantity".PadRight(width)}  {"ours",14}  {"torch",14}  {"difference",10}  {"tolerance",9}  ok");
        foreach (Quantity quantity in quantities)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{quantity.Name.PadRight(width)}  {quantity.Ours,14:g8}  {quantity.Torch,14:g8}  {quantity.Difference,10:0.0e+00}  "
                + $"{quantity.Tolerance,9:0.0e+00}  {(quantity.Ok ? "yes" : "NO")}"));
        }
    }
}
