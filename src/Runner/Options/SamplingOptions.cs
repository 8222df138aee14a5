using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Evaluation;

namespace Makemore.Gpu.Runner.Options;

/// <summary>The options by which names are drawn, and by which drawn names are chosen.</summary>
static class SamplingOptions
{
    static readonly Option<ulong?> Seed = CommonOptions.Number<ulong>("--seed", $"seed of the random numbers; {Sampler.LectureSeed}");

    static readonly Option<double?> Temperature = CommonOptions.Number<double>(
        "--temperature", "below 1 for likelier names, above 1 for stranger ones; 1");

    static readonly Option<int?> TopK = CommonOptions.Number<int>("--top-k", "draw each character from the N likeliest; from all");

    static readonly Option<double?> TopP = CommonOptions.Number<double>(
        "--top-p", "draw each character from the fewest of the likeliest whose probabilities sum to N; from all");

    static readonly Option<string> Prompt = new("--prompt")
    {
        Description = "what every name begins with",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    static readonly Option<bool> NewOnly = new("--new-only") { Description = "leave out names that stand in train, dev or test" };

    static readonly Option<bool> Unique = new("--unique") { Description = "leave out repeats" };

    static readonly Option<int?> MinLength = CommonOptions.Number<int>("--min-length", "leave out names of fewer characters");

    static readonly Option<int?> MaxLength = CommonOptions.Number<int>("--max-length", "leave out names of more characters");

    static readonly Option<string?> Contains = new("--contains")
    {
        Description = "leave out names in which this does not stand",
        HelpName = "TEXT",
    };

    /// <summary>Those that leave names out.</summary>
    public static IReadOnlyList<Option> Filters { get; } = [NewOnly, Unique, MinLength, MaxLength, Contains];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [Seed, Temperature, TopK, TopP, Prompt, .. Filters];

    /// <summary>How names are drawn.</summary>
    /// <param name="parsed">The call.</param>
    /// <exception cref="InvalidRequestException">A setting cannot be.</exception>
    public static SamplingSettings ResolveSettings(ParseResult parsed)
    {
        double temperature = parsed.GetValue(Temperature) ?? 1;
        if ((float)temperature <= 0)
        {
            throw new InvalidRequestException($"--temperature is {Given(parsed, Temperature)} and must be a number above 0");
        }
        int? topK = parsed.GetValue(TopK);
        if (topK < 1)
        {
            throw new InvalidRequestException($"--top-k is {topK} and must be at least 1");
        }
        double? topP = parsed.GetValue(TopP);
        if (topP is not (null or (> 0 and <= 1)))
        {
            throw new InvalidRequestException($"--top-p is {Given(parsed, TopP)} and must be a number above 0 and up to 1");
        }
        SamplingSettings settings = new() { Temperature = temperature, TopK = topK, TopP = topP, Prompt = parsed.GetValue(Prompt)! };
        return parsed.GetValue(Seed) is { } seed ? settings with { Seed = seed } : settings;
    }

    /// <summary>Which of the drawn names are wanted.</summary>
    /// <param name="parsed">The call.</param>
    /// <exception cref="InvalidRequestException">No name can be.</exception>
    public static NameFilter ResolveFilter(ParseResult parsed)
    {
        int min = parsed.GetValue(MinLength) ?? 0;
        if (min < 0)
        {
            throw new InvalidRequestException($"--min-length is {min} and must be at least 0");
        }
        int max = parsed.GetValue(MaxLength) ?? int.MaxValue;
        string prompt = parsed.GetValue(Prompt)!;
        int least = Math.Max(min, prompt.EnumerateRunes().Count());
        if (max < least)
        {
            throw new InvalidRequestException(
                $"--max-length is {max} and must be at least {least}, {(least == min ? "as --min-length" : "which --prompt has")}");
        }
        if (parsed.GetValue(Contains) is "")
        {
            throw new InvalidRequestException("--contains is '' and must have at least one character");
        }
        return new NameFilter
        {
            NewOnly = parsed.GetValue(NewOnly),
            Unique = parsed.GetValue(Unique),
            MinLength = min,
            MaxLength = max,
            Contains = parsed.GetValue(Contains) ?? "",
        };
    }

    static string Given(ParseResult parsed, Option option) => parsed.GetResult(option)!.Tokens[0].Value;
}
