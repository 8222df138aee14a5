using Makemore.Gpu.Kernels.Measuring;

namespace Makemore.Gpu.Benchmarks.Products;

/// <summary>Measures several things round by round, each in turn: what else the machine does falls on all alike.</summary>
static class Turns
{
    // Threads of a library go on spinning for a while after its last product. OpenBLAS's do so for some 30 ms.
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(60);

    /// <summary>Measures.</summary>
    /// <param name="rounds">How often.</param>
    /// <param name="turns">What measures one thing for a round.</param>
    /// <returns>For each thing its figures, a round after another.</returns>
    public static IReadOnlyList<IReadOnlyList<double>> Measure(int rounds, IReadOnlyList<Func<double>> turns)
    {
        List<double>[] figures = [.. turns.Select(_ => new List<double>())];
        for (int round = 0; round < rounds; round++)
        {
            for (int turn = 0; turn < turns.Count; turn++)
            {
                Thread.Sleep(Pause);
                figures[turn].Add(ThreeDigits(turns[turn]()));
            }
        }
        return figures;
    }

    /// <summary>Billions of floating-point operations a second of a product, computed many times in a row.</summary>
    /// <param name="multiplication">The product.</param>
    /// <param name="product">Its sizes.</param>
    /// <param name="seconds">How long it is computed at least.</param>
    public static double Gigaflops(IMultiplication multiplication, Product product, double seconds) =>
        Rate.Of(seconds, first: 1, multiplication.Run) * product.Operations / 1e9;

    // More would only be noise, and makes results hard to read.
    static double ThreeDigits(double value) => value == 0 ? 0 : Math.Round(value, Math.Clamp(3 - (int)Math.Log10(Math.Abs(value)), 0, 6));
}
