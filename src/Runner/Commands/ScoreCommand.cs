using System.CommandLine;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>How likely a model finds names.</summary>
static class ScoreCommand
{
    // How many of a name's characters are called its least expected ones.
    const int LeastExpected = 2;

    // The least probability that is shown.
    const double Least = 1e-4;

    // JSON is written as one line, with some fifty characters for each.
    const int MostAsJson = 10_000_000;

    static readonly Argument<string[]> Names = new("NAME")
    {
        Description = "the names; without any, those on standard input, one on each line",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create() =>
        new(
            "score",
            "how likely a model finds names: the logarithm of their probability, the characters that it expected least, and whether it "
            + "knows them")
        {
            Names, CommonOptions.Model, CommonOptions.Accelerator,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        ModelFile model = FoundModel.Read(parsed.GetValue(CommonOptions.Model), session);
        IReadOnlyList<string> names = parsed.GetValue(Names) is { Length: > 0 } given
            ? [.. given.Select(name => model.NamesFormat.Text.Clean(name).Text)]
            : Read(model.NamesFormat);
        // All are checked before the first is shown.
        long characters = names.Sum(name => (long)model.Vocabulary.Encode(name).Length);
        if (session.IsJson && characters > MostAsJson)
        {
            throw new InvalidRequestException($"the names have {Format.Counted(characters, "character")}, "
                + $"and with --json at most {Format.Count(MostAsJson)} are scored: use fewer names, or leave out --json");
        }
        KnownNames? known = ModelData.FindKnown(model, session);
        using var started = ComputeDevice.Open(parsed.GetValue(CommonOptions.Accelerator)!);
        using Mlp network = model.Load(started.Kernels);
        Strategy strategy = Strategy.Automatic(started.Accelerator.Device, network.Recipe, network.Vocabulary);
        var scorer = new Scorer(started.Kernels, network, model.Vocabulary, strategy);
        var scores = new List<NameScore>();
        session.Text.WriteLine("Natural logarithms of probabilities. The mean is over the characters and the end.");
        session.Text.WriteLine();
        session.Text.WriteLine($"{ShownNames.Padded("name")}      mean      total  known  least expected, with its position");
        foreach (NameScore score in scorer.Score(names, session.Cancellation))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            session.Text.WriteLine(Line(score, known));
            if (session.IsJson)
            {
                scores.Add(score);
            }
        }
        session.Result(new
        {
            Scores = scores.Select(score => new
            {
                score.Name,
                Known = known?.SplitOf(score.Name),
                score.LogProbability,
                score.MeanLogProbability,
                score.Characters,
            }),
            IsKnownTold = known is not null,
        });
        return 0;
    }

    static IReadOnlyList<string> Read(NamesFormat format)
    {
        if (!Console.IsInputRedirected)
        {
            throw new InvalidRequestException("score was given no names: name them, or write them to standard input, one on each line");
        }
        return NamesFile.Read(NamesFile.StandardInput, format.OfPlainFile with { Column = NamesFormat.NoColumn }).Names;
    }

    static string Line(NameScore score, KnownNames? known)
    {
        string mark = known is null ? "" : known.SplitOf(score.Name) ?? "new";
        IEnumerable<string> least = score.LeastExpected(LeastExpected).Select(entry => Describe(entry.Position, entry.Character, score));
        return $"{ShownNames.Padded(score.Name)}{Format.Fixed(score.MeanLogProbability, 4),10} {Format.Fixed(score.LogProbability, 4),10}  "
            + $"{mark,-5}  {string.Join(", ", least)}";
    }

    static string Describe(int position, CharacterScore character, NameScore score) =>
        $"{(position == score.Characters.Count - 1 ? "end" : character.Character)} ({position + 1}) "
        + (character.Probability < Least ? $"<{Format.Percent(Least)}" : Format.Percent(character.Probability));
}
