using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;

namespace Makemore.Gpu.Runner.Check;

/// <summary>A batch that was checked, and where it came from.</summary>
/// <param name="Check">The check.</param>
/// <param name="Accelerator">The accelerator, by its name on the command line.</param>
/// <param name="Source">The names or the dump from which the batch was taken.</param>
/// <param name="Seed">The seed from which it was drawn; null for a dump.</param>
/// <param name="Vocabulary">The characters of the tokens; null for a dump, which has numbers alone.</param>
sealed record CheckedBatch(BatchCheck Check, string Accelerator, string Source, ulong? Seed, Vocabulary? Vocabulary)
{
    /// <summary>What the kernels are compared with.</summary>
    public string Reference => IsDrawn ? "the MathNet reference in double" : Source;

    /// <summary>Whether the batch was drawn, and not taken from a dump.</summary>
    public bool IsDrawn => Seed is not null;
}
