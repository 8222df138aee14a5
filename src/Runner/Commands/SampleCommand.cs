using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>New names from a model.</summary>
static class SampleCommand
{
    static readonly Option<int?> Count = CommonOptions.Number<int>("--count", "how many names; 20");
    static readonly Option<ulong?> Seed = CommonOptions.Number<ulong>("--seed", $"seed of the random numbers; {Sampler.LectureSeed}");

    static readonly Option<double?> Temperature = CommonOptions.Number<double>(
        "--temperature", "below 1 for likelier names, above 1 for stranger ones; 1");

    static readonly Option<string> Prompt = new("--prompt")
    {
        Description = "what every name begins with",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    public static Command Create() => new("sample", "new names from a model")
    {
        CommonOptions.Model, Count, Seed, Temperature, Prompt, CommonOptions.Accelerator,
    };

    public static int Run(ParseResult parsed, Session session)
    {
        int count = parsed.GetValue(Count) ?? 20;
        if (count < 1)
        {
            throw new InvalidRequestException($"--count is {count} and must be at least 1");
        }
        double temperature = parsed.GetValue(Temperature) ?? 1;
        if (!double.IsFinite(temperature) || (float)temperature <= 0)
        {
            throw new InvalidRequestException(
                $"--temperature is {parsed.GetResult(Temperature)?.Tokens[0].Value} and must be a number above 0");
        }
        ModelFile model = ModelFile.Read(parsed.GetRequiredValue(CommonOptions.Model));
        using var started = new StartedAccelerator(parsed.GetValue(CommonOptions.Accelerator)!);
        using Mlp network = model.Load(started.Kernels);
        Strategy strategy = Strategy.Automatic(started.Device, network.Recipe, network.Vocabulary);
        var sampler = new Sampler(started.Kernels, network, model.Vocabulary, strategy);
        var names = new List<string>();
        foreach (string name in sampler.Sample(count, parsed.GetValue(Seed) ?? Sampler.LectureSeed, temperature, parsed.GetValue(Prompt)!))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            session.Text.WriteLine(name);
            names.Add(name);
        }
        session.Result(new { Names = names });
        return 0;
    }
}
