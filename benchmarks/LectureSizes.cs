namespace Makemore.Gpu.Benchmarks;

/// <summary>The sizes of the lectures' network.</summary>
static class LectureSizes
{
    /// <summary>The batch.</summary>
    public const int N = 32;

    /// <summary>The context.</summary>
    public const int T = 3;

    /// <summary>The vocabulary.</summary>
    public const int V = 27;

    /// <summary>The embedding's width.</summary>
    public const int E = 10;

    /// <summary>The hidden layer's units.</summary>
    public const int H = 200;
}
