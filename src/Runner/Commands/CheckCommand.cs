using System.CommandLine;
using System.CommandLine.Parsing;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Reference;
using Makemore.Gpu.Runner.Check;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>
/// Every intermediate and every gradient of one batch, compared with a reference; or a short training, compared with itself.
/// </summary>
static class CheckCommand
{
    const int NotApproximate = 1;
    const int NotEqual = 1;

    static readonly Option<string?> Against = new("--against")
    {
        Description = "a dump of tensors by another program, in place of a drawn batch and the MathNet reference: "
            + "the parameters, Xb and Yb, intermediates, and gradients as NAME.grad",
        HelpName = "FILE.safetensors",
    };

    static readonly Option<int?> Batch = CommonOptions.Number<int>(
        "--batch", $"examples of the drawn batch; {LectureBatch.LectureRecipe.Batch}");

    static readonly Option<int?> Hidden = CommonOptions.Number<int>("--hidden", $"units of its hidden layer; {LectureBatch.LectureHidden}");

    static readonly Option<string[]> Show = new("--show")
    {
        Description = "tensors of the batch to print as numbers, such as Yb, W1, logits or logprobs.grad, also spelled dlogprobs",
        HelpName = "NAME[,NAME...]",
        DefaultValueFactory = _ => [],
        CustomParser = ParseNames,
    };

    static readonly Option<string?> Folder = new("--run")
    {
        Description = "a folder for the report, and for the tensors of --show as pictures; without it nothing is written",
        HelpName = "DIR",
    };

    static readonly Option<bool> Force = new("--force") { Description = "write into a folder that exists" };

    static readonly Option<bool> Determinism = new("--determinism")
    {
        Description = "in place of a batch, a short training run again and again: on every accelerator, in each strategy, by 1 and 2 "
            + "threads, in launches of any length, watched, stopped, resumed; which runs have the same bits, and how far the others "
            + "differ",
    };

    static readonly Option<int?> Steps = CommonOptions.Number<int>(
        "--steps", $"steps of the training of {Determinism.Name}; {DeterminismJob.DefaultSteps}");

    public static Command Create() =>
        new(
            "check",
            "one batch through the kernels and through a reference: each intermediate and gradient exact, approximate, its largest "
            + "difference, and that in ulps, the spacing of float32 at the tensor's largest magnitude; or whether a training gives the "
            + "same bits however it is run")
        {
            CommonOptions.Accelerator, Against, DataOptions.All, NetworkOptions.Seed, Batch, Hidden, Show, Folder, Force, Determinism,
            Steps,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        // Everything that can be wrong is found before anything is written.
        if (parsed.GetValue(Determinism))
        {
            return CheckDeterminism(parsed, session);
        }
        if (parsed.FirstGiven([Steps]) is not null)
        {
            throw new InvalidRequestException($"{Steps.Name} is for a training: give it with {Determinism.Name}");
        }
        string? folder = parsed.GetValue(Folder);
        if (folder is not null)
        {
            OutputFolder.CheckFree(folder, parsed.GetValue(Force), [OutputFolder.ReportFile]);
        }
        Func<ComputeDevice, CheckedBatch> check = parsed.GetValue(Against) is { } path
            ? OfDump(parsed, path)
            : OfNames(parsed, session);
        using var started = ComputeDevice.Open(parsed.GetValue(CommonOptions.Accelerator)!);
        CheckedBatch batch = check(started);

        string[] shown = parsed.GetValue(Show)!;
        Page page = CheckPage.Of(batch, shown);
        PageFiles? files = null;
        if (folder is null)
        {
            ConsolePage.Write(session, page);
        }
        else
        {
            files = OutputFolder.WritePage(
                folder, "check", parsed.GetValue(Force), path => PageFiles.Write(session, page, path));
        }
        session.Result(CheckPage.Result(batch, shown, files?.Report, files?.Pictures ?? []));
        return batch.Check.Faults == 0 ? 0 : NotApproximate;
    }

    static Func<ComputeDevice, CheckedBatch> OfDump(ParseResult parsed, string path)
    {
        if (parsed.FirstGiven([.. DataOptions.All, NetworkOptions.Seed, Batch, Hidden]) is { } option)
        {
            throw new InvalidRequestException(
                $"{option.Name} is for a batch that is drawn, and --against names a dump that brings its own: give one of them");
        }
        SafeTensors dump = SafeTensors.Read(path);
        return started => new CheckedBatch(
            BatchCheck.AgainstDump(started.Kernels, dump), started.Found.Name, path, Seed: null, Vocabulary: null);
    }

    static Func<ComputeDevice, CheckedBatch> OfNames(ParseResult parsed, Session session)
    {
        (Configuration configuration, Dataset data, string source) = Drawn(parsed, session, steps: null);
        return started => new CheckedBatch(
            BatchCheck.AgainstReference(
                started.Kernels, LectureBatch.Draw(started.Kernels, data, configuration.Recipe, configuration.Seeds)),
            started.Found.Name, source, configuration.Seed, data.Vocabulary);
    }

    static int CheckDeterminism(ParseResult parsed, Session session)
    {
        if (parsed.FirstGiven([Against, Show, Folder, Force]) is { } option)
        {
            throw new InvalidRequestException($"{option.Name} is for a batch, and {Determinism.Name} checks a training: give one of them");
        }
        int steps = CommonOptions.AtLeast(parsed, Steps, 1) ?? DeterminismJob.DefaultSteps;
        (Configuration configuration, Dataset data, string source) = Drawn(parsed, session, steps);
        string? accelerator = parsed.FirstGiven([CommonOptions.Accelerator]) is null ? null : parsed.GetValue(CommonOptions.Accelerator);
        return new DeterminismJob(session, configuration, data, source).Run(accelerator) ? 0 : NotEqual;
    }

    static (Configuration Configuration, Dataset Data, string Source) Drawn(
        ParseResult parsed, Session session, int? steps)
    {
        Recipe recipe = LectureBatch.LectureRecipe;
        recipe = recipe with
        {
            Batch = parsed.GetValue(Batch) ?? recipe.Batch,
            Hidden = parsed.GetValue(Hidden) is { } hidden ? [hidden] : recipe.Hidden,
        };
        recipe.Validate();
        string? asked = parsed.GetValue(DataOptions.Data);
        NamesFile names = NamesLocation.Read(session, asked, DataOptions.Resolve(parsed));
        Dataset data = Dataset.Create(names, recipe.Context);
        var configuration = Configuration.Resolve(recipe, data.Train.Count, steps, seed: parsed.GetValue(NetworkOptions.Seed));
        SizeLimits.Check(configuration, data.Vocabulary.Count);
        return (configuration, data, NamesLocation.Describe(names, asked));
    }

    static string[] ParseNames(ArgumentResult result)
    {
        var names = new List<string>();
        foreach (string spelling in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (TensorNames.Find(spelling) is { } name)
            {
                names.Add(name);
            }
            else
            {
                result.Refuse(
                    $"--show is '{spelling}' and must be {string.Join(", ", TensorNames.Examples.Concat(TensorNames.Values)):whole}, "
                    + $"or NAME.grad or dNAME for the gradient of each but Xb, Yb and loss");
            }
        }
        return [.. names.Distinct()];
    }
}
