namespace Makemore.Gpu.Model.Evaluation;

/// <summary>How names are drawn.</summary>
public sealed record SamplingSettings
{
    /// <summary>The generator's seed.</summary>
    public ulong Seed { get; init; } = Sampler.LectureSeed;

    /// <summary>What logits are divided by: below 1 for likelier names, above 1 for stranger ones.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Draws from so many of the likeliest characters alone; null for all.</summary>
    public int? TopK { get; init; }

    /// <summary>
    /// Draws from the fewest of the likeliest characters that have this probability together, of those that <see cref="TopK"/> leaves;
    /// null for all.
    /// </summary>
    public double? TopP { get; init; }

    /// <summary>What every name begins with.</summary>
    public string Prompt { get; init; } = "";
}
