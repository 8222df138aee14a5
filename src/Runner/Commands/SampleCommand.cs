using System.CommandLine;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Text;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Names from a model, and which of them are new.</summary>
static class SampleCommand
{
    const int Incomplete = 1;

    static readonly Option<int?> Count = CommonOptions.Number<int>("--count", "how many names; 20");

    static readonly Option<bool> Unfiltered = new("--unfiltered")
    {
        Description = "also show words that not every reader wants to see; --json always holds them, marked in is_hidden",
    };

    public static Command Create() => new(
        "sample",
        "names from a model, each marked as new or by the split that it stands in; one that the model does not end is cut at "
        + $"{Format.Count(NamesFile.LongestName)} characters")
    {
        CommonOptions.Run, CommonOptions.Model, Count, SamplingOptions.All, Unfiltered, CommonOptions.Accelerator,
    };

    public static int Run(ParseResult parsed, Session session)
    {
        int count = parsed.GetValue(Count) ?? 20;
        if (count < 1)
        {
            throw new InvalidRequestException($"--count is {count} and must be at least 1");
        }
        SamplingSettings settings = SamplingOptions.ResolveSettings(parsed);
        NameFilter filter = SamplingOptions.ResolveFilter(parsed);
        ModelFile model = FoundModel.Read(parsed.ValueOf(CommonOptions.Model, CommonOptions.Run), session);
        TextRules text = model.NamesFormat.Text;
        settings = settings with { Prompt = text.CleanPart(settings.Prompt) };
        filter = filter with { Contains = text.CleanPart(filter.Contains), Tokens = model.Vocabulary.Tokenization };
        KnownNames? known = ModelData.FindKnown(model, session, neededBy: filter.NewOnly ? "--new-only" : null);
        using var started = ComputeDevice.Open(parsed.GetValue(CommonOptions.Accelerator)!);
        using Mlp network = model.Load(started.Kernels);
        Strategy strategy = Strategy.Automatic(started.Accelerator.Device, network.Recipe, network.Vocabulary);
        var sampler = new Sampler(started.Kernels, network, model.Vocabulary, strategy);
        var search = new NameSearch(SampledName.Mark(sampler.Draw(settings), known), filter);
        var names = new ShownNames(known is not null, parsed.GetValue(Unfiltered));
        Show(session, search.Find(count), names, count);
        session.Text.WriteLine();
        foreach (string line in names.Summary.Concat(ShownNames.DescribeUnended(sampler.Unended)))
        {
            session.Text.WriteLine(line);
        }
        session.Result(new
        {
            Names = names.All.Select(name => name.Name),
            Known = names.All.Select(name => name.KnownIn),
            IsRepeat = names.All.Select(name => name.IsRepeat),
            IsHidden = names.All.Select(names.Hides),
            IsKnownTold = known is not null,
            search.Drawn,
            sampler.Unended,
        });
        return search.Found == count ? 0 : GiveUp(parsed, session, search, count);
    }

    static void Show(Session session, IEnumerable<SampledName?> found, ShownNames names, int count)
    {
        using var progress = SlowWork.Of(session, "names", count);
        foreach (SampledName? name in found)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            if (name is not null && names.Add(name) is { } line)
            {
                progress.WriteLine(line);
            }
            progress.Report(name is null ? 0 : 1);
        }
    }

    static int GiveUp(ParseResult parsed, Session session, NameSearch search, int count)
    {
        IEnumerable<string> given = SamplingOptions.Filters
            .Where(option => parsed.FirstGiven([option]) is not null)
            .Select(option => option.Name);
        session.Note(
            $"makemore: {Format.Count(search.Found)} of {Format.Count(count)} names were found in {Format.Counted(search.Drawn, "draw")}, "
            + $"the last {Format.Count(NameSearch.Patience)} in vain: ask for fewer, or for less by {string.Join(", ", given)}");
        return Incomplete;
    }
}
