namespace Makemore.Gpu.Kernels.Products;

/// <summary>How the warps of a group share its tile of C: each has 64 rows and 64 columns.</summary>
interface IWarpGrid
{
    /// <summary>Warps above each other.</summary>
    static abstract int Down { get; }

    /// <summary>Warps side by side.</summary>
    static abstract int Across { get; }
}

/// <summary>Eight warps: a tile of 128 rows and 256 columns.</summary>
readonly struct TwoByFour : IWarpGrid
{
    public static int Down => 2;

    public static int Across => 4;
}
