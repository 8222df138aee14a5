using Makemore.Gpu.Kernels.Elementwise;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>What stands in memory that no kernel may read or write, by its index.</summary>
static class Guard
{
    /// <summary>
    /// In turn a signaling NaN and a number so large that a sum or a maximum which takes it in is spoilt, too. No two are the same: a copy
    /// of one shows. Arithmetic makes a quiet NaN of a signaling one: a kernel that changes what it finds shows as well.
    /// </summary>
    /// <param name="i">The index.</param>
    public static float Value(int i) => i % 2 == 0 ? BitConverter.Int32BitsToSingle(0x7F800001 + i) : 1e30f * (1 + i);

    /// <summary>Integers that are no token, no index and no count.</summary>
    /// <param name="i">The index.</param>
    public static int Integer(int i) => int.MinValue + i;

    /// <summary>A step that does not exist.</summary>
    /// <param name="i">The index.</param>
    public static StepState State(int i) => new(Integer(i), Value(i));
}
