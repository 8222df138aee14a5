using System.CommandLine;
using System.Globalization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Options;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>The options that only some experiments take. Each experiment lists its own, and the others are refused.</summary>
static class ExplorationOptions
{
    // Far beyond what teaches anything, and small enough that no product leaves the 32-bit numbers.
    const double Largest = 1e6;

    // Inputs for a product of seconds, and bins of less than a pixel.
    const int MaxInputs = 10_000;
    const int MaxBins = 10_000;

    public static Option<int?> Steps { get; } = CommonOptions.Number<int>(
        "--steps", "steps of each training; 1,000, and 10,000 for calibration");

    public static Option<double[]?> Scales { get; } = CommonOptions.Numbers<double>(
        "--scales", "the factors that are compared; those of the lecture");

    public static Option<double[]?> Logits { get; } = CommonOptions.Numbers<double>(
        "--logits", $"the logits that are scaled; {LogitScale.Classes} that are drawn");

    public static Option<bool> Uniform { get; } = new("--uniform")
    {
        Description = "draw the logits uniformly from 0 to 1, as torch.rand does, and not from the normal distribution",
    };

    public static Option<int?> Target { get; } = CommonOptions.Number<int>(
        "--target", "the class that is right, by its position in the logits, from 0; without it, the likeliest, the unlikeliest and all");

    public static Option<int?> Inputs { get; } = CommonOptions.Number<int>(
        "--fan-in", $"the inputs of the linear layer; {FanIn.LectureInputs}");

    public static Option<string?> RecipeName { get; } = new("--recipe")
    {
        Description = $"the network: {string.Join(", ", Recipe.All.Select(recipe => recipe.Name))}; that of the lecture",
        HelpName = "R",
        CompletionSources = { Recipe.All.Select(recipe => recipe.Name).ToArray() },
    };

    public static Option<int?> Bins { get; } = CommonOptions.Number<int>("--bins", "the bins of a histogram; as many as its values carry");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [Steps, RecipeName, Scales, Logits, Uniform, Target, Inputs, Bins];

    /// <summary>What was asked of an experiment.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="exploration">The experiment.</param>
    /// <exception cref="InvalidRequestException">It does not take an option, or an option cannot have its value.</exception>
    public static ExplorationSettings Resolve(ParseResult parsed, Exploration exploration)
    {
        foreach (Option option in All.Except(exploration.Options).Where(option => parsed.GetResult(option) is { Implicit: false }))
        {
            string takers = string.Join(", ", Exploration.All.Where(other => other.Options.Contains(option)).Select(other => other.Name));
            throw new InvalidRequestException($"{exploration.Name} takes no {option.Name}, which is for {takers:whole}: leave it out");
        }
        var settings = new ExplorationSettings
        {
            Steps = parsed.GetValue(Steps),
            Scales = Numbers(parsed, Scales),
            Logits = Numbers(parsed, Logits),
            Uniform = parsed.GetValue(Uniform),
            Target = parsed.GetValue(Target),
            FanIn = parsed.GetValue(Inputs),
            Recipe = parsed.GetValue(RecipeName) is { } name ? Recipe.Named(name) : null,
            Bins = parsed.GetValue(Bins),
        };
        CheckRange(Steps, settings.Steps, 1, int.MaxValue);
        CheckRange(Inputs, settings.FanIn, 1, MaxInputs);
        CheckRange(Bins, settings.Bins, 1, MaxBins);
        if (settings.Recipe is { } recipe && !exploration.Suits(recipe))
        {
            string suited = string.Join(", ", Recipe.All.Where(exploration.Suits).Select(other => other.Name));
            throw new InvalidRequestException($"{exploration.Name} has nothing to show of --recipe {recipe.Name}: use {suited}");
        }
        CheckNumbers(Scales, settings.Scales);
        CheckNumbers(Logits, settings.Logits);
        if (settings.Logits is { Count: < 2 })
        {
            throw new InvalidRequestException($"{Logits.Name} has one number and must have at least two");
        }
        if (settings is { Logits: not null, Uniform: true })
        {
            throw new InvalidRequestException($"{Uniform.Name} is for logits that are drawn, and {Logits.Name} gives them: leave one out");
        }
        CheckRange(Target, settings.Target, 0, (settings.Logits?.Count ?? LogitScale.Classes) - 1);
        foreach ((float scale, _) in (settings.Scales ?? []).CountBy(scale => (float)scale).Where(pair => pair.Value > 1))
        {
            throw new InvalidRequestException($"{Scales.Name} has {Text(scale)} more than once: give each factor once");
        }
        return settings;
    }

    // What was not given has no numbers.
    static double[]? Numbers(ParseResult parsed, Option<double[]?> option) =>
        parsed.GetValue(option) is { Length: > 0 } numbers ? numbers : null;

    static void CheckRange(Option option, int? value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new InvalidRequestException(
                $"{option.Name} is {value} and must be {(most == int.MaxValue ? $"at least {least}" : $"{least} to {most}")}");
        }
    }

    static void CheckNumbers(Option option, IReadOnlyList<double>? values)
    {
        foreach (double value in (values ?? []).Where(value => !(Math.Abs(value) <= Largest)))
        {
            throw new InvalidRequestException(
                $"{option.Name} has {Text(value)} and must have numbers from {Text(-Largest)} to {Text(Largest)}");
        }
    }

    static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
