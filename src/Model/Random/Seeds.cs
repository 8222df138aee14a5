namespace Makemore.Gpu.Model.Random;

/// <summary>The seeds of a run's random numbers.</summary>
/// <param name="Network">
/// The seed of the generator that draws the table C and the linear layers, and then the batches where these have no seed of their own.
/// </param>
/// <param name="Normalization">
/// The seed of the generator that draws gain and bias of the normalizations. A generator of their own, as in the notebook of manual
/// backprop, so that they take no numbers from the batches; null where they come from the network's generator, as in version 0.1.
/// </param>
/// <param name="Batches">The seed of the batches; null where they come from the network's generator.</param>
sealed record Seeds(ulong Network, ulong? Normalization, ulong? Batches = null)
{
    /// <summary>The seed of the lectures.</summary>
    public const ulong LectureSeed = 2147483647;

    /// <summary>The seeds of the lectures.</summary>
    public static Seeds Lecture { get; } = Of(LectureSeed);

    /// <summary>The seeds that follow from one.</summary>
    /// <param name="seed">The run's seed; the next one is that of the normalizations.</param>
    public static Seeds Of(ulong seed) => new(seed, unchecked(seed + 1));
}
