using System.Globalization;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Benchmarks.Products;

/// <summary>Compares a product with MathNet's in double: nothing is measured that is wrong.</summary>
static class ProductCheck
{
    // Of a small product every value, of a large one as many as take a moment.
    const int MaxValues = 20_000;
    const int MaxTerms = 4_000_000;

    const double UnitRoundoff = 1.0 / (1 << 24);

    /// <summary>Computes the product once, and compares.</summary>
    /// <param name="multiplier">Who.</param>
    /// <param name="operands">The operands.</param>
    /// <exception cref="InvalidOperationException">A value is further away than rounding explains.</exception>
    public static void Check(IMultiplier multiplier, Operands operands)
    {
        using IMultiplication multiplication = multiplier.Prepare(operands);
        multiplication.Run(1);
        Compare(multiplier.Name, operands, multiplication.Read());
    }

    /// <summary>
    /// Compares C with double precision. A value may be away from it by what K roundings do: γ·Σ|a·b|, γ = K·u / (1 - K·u).
    /// </summary>
    /// <param name="name">Who computed it.</param>
    /// <param name="operands">The operands.</param>
    /// <param name="c">C.</param>
    /// <exception cref="InvalidOperationException">A value is further away than that.</exception>
    public static void Compare(string name, Operands operands, float[] c)
    {
        Product product = operands.Product;
        double gamma = product.K * UnitRoundoff / (1 - (product.K * UnitRoundoff));
        foreach (int index in Indices(product))
        {
            (int row, int column) = (index / product.N, index % product.N);
            Vector<double> left = Left(operands, row);
            Vector<double> right = Right(operands, column);
            double expected = left.DotProduct(right);
            double allowed = gamma * left.PointwiseAbs().DotProduct(right.PointwiseAbs());
            if (!(Math.Abs(c[index] - expected) <= allowed))
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} computes {product} wrongly: [{row}, {column}] is {c[index]:g9} and must be {expected:g9} ± {allowed:g3}"));
            }
        }
    }

    static IEnumerable<int> Indices(Product product)
    {
        int length = product.M * product.N;
        int count = Math.Min(MaxValues, MaxTerms / product.K);
        if (length <= count)
        {
            return Enumerable.Range(0, length);
        }
        var random = new Random(Seed: 7);
        return Enumerable.Range(0, count).Select(_ => random.Next(length)).Append(length - 1);
    }

    static Vector<double> Left(Operands operands, int row) => Vector<double>.Build.Dense(
        operands.Product.K, k => operands.Product.IsLeftTransposed
            ? operands.A[(k * operands.Product.M) + row]
            : operands.A[(row * operands.Product.K) + k]);

    static Vector<double> Right(Operands operands, int column) => Vector<double>.Build.Dense(
        operands.Product.K, k => operands.Product.IsRightTransposed
            ? operands.B[(column * operands.Product.K) + k]
            : operands.B[(k * operands.Product.N) + column]);
}
