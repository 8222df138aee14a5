using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>What was asked of an experiment. What is null or false was not: the experiment then takes the lecture's.</summary>
sealed record ExplorationSettings
{
    /// <summary>The steps of each training.</summary>
    public int? Steps { get; init; }

    /// <summary>The factors that are compared.</summary>
    public IReadOnlyList<double>? Scales { get; init; }

    /// <summary>Logits, in place of those that are drawn.</summary>
    public IReadOnlyList<double>? Logits { get; init; }

    /// <summary>Whether logits that are drawn are uniform from 0 to 1, and not normal.</summary>
    public bool Uniform { get; init; }

    /// <summary>The class of the logits that is right.</summary>
    public int? Target { get; init; }

    /// <summary>The inputs of a linear layer.</summary>
    public int? FanIn { get; init; }

    /// <summary>The network.</summary>
    public Recipe? Recipe { get; init; }

    /// <summary>The bins of histograms.</summary>
    public int? Bins { get; init; }
}
