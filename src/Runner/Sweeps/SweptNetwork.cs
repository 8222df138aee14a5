using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Sweeps;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>A setting in which the networks of a sweep differ.</summary>
/// <param name="Name">The option's name without its dashes, such as learning-rate.</param>
/// <param name="Value">Its value, as the command train takes it.</param>
sealed record Setting(string Name, string Value)
{
    /// <summary>The name of the setting over which the others are averaged.</summary>
    public const string Seed = "seed";

    /// <inheritdoc/>
    public override string ToString() => $"{Name}={Value}";
}

/// <summary>A network of a sweep: the run that the command train gives with the same settings.</summary>
/// <param name="Number">Which one, from 0, in the order of the sweep.</param>
/// <param name="Settings">The settings in which networks differ, in the order in which they were given.</param>
/// <param name="Configuration">All its settings.</param>
sealed record SweptNetwork(int Number, IReadOnlyList<Setting> Settings, Configuration Configuration);

/// <summary>A network of a sweep that has ended.</summary>
/// <param name="Network">The network.</param>
/// <param name="Outcome">What came of it.</param>
sealed record NetworkResult(SweptNetwork Network, NetworkOutcome Outcome);
