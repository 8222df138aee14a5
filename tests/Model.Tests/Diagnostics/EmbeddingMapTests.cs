using Makemore.Gpu.Model.Diagnostics;
using MathNet.Numerics.LinearAlgebra;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Diagnostics;

sealed class EmbeddingMapTests
{
    // A cross in three dimensions: arms of 6 along (3, 0, 4)/5, of 2 along (0, 1, 0), and of 1 along (4, 0, -3)/5, about a center.
    static readonly double[][] Cross =
    [
        [3.6, 0, 4.8], [-3.6, 0, -4.8], [0, 2, 0], [0, -2, 0], [0.8, 0, -0.6], [-0.8, 0, 0.6],
    ];

    [Test]
    public void Rows_are_mapped_to_their_first_two_principal_components()
    {
        double[] center = [10, -20, 30];
        EmbeddingMap map = Map([.. Cross.Select(row => row.Zip(center, (value, middle) => value + middle).ToArray())]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(map.IsProjected, Is.True);
            // Of two rows at the same distance either may get the positive sign.
            Assert.That(map.X.Select(x => x * Math.Sign(map.X[0])), Is.EqualTo(new double[] { 6, -6, 0, 0, 0, 0 }).Within(1e-12));
            Assert.That(map.Y.Select(y => y * Math.Sign(map.Y[2])), Is.EqualTo(new double[] { 0, 0, 2, -2, 0, 0 }).Within(1e-12));
            Assert.That(map.Share, Is.EqualTo((36.0 + 4) / (36 + 4 + 1)).Within(1e-12));
        }
    }

    [Test]
    public void The_row_farthest_from_the_mean_lies_on_the_positive_side()
    {
        EmbeddingMap map = Map([[-9, 0, 0], [1, 0, 0], [2, 0, 0], [2, 4, 0], [2, -2, 0], [2, -2, 0]]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(map.X[0], Is.EqualTo(map.X.Max(Math.Abs)));
            Assert.That(map.Y[3], Is.EqualTo(map.Y.Max(Math.Abs)));
            Assert.That(map.Share, Is.EqualTo(1).Within(1e-12));
        }
    }

    [Test]
    public void An_embedding_of_two_is_mapped_as_it_is()
    {
        EmbeddingMap map = Map([[1, 2], [3, -4], [5, 6]]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(map.X, Is.EqualTo(new double[] { 1, 3, 5 }));
            Assert.That(map.Y, Is.EqualTo(new double[] { 2, -4, 6 }));
            Assert.That((map.Share, map.IsProjected), Is.EqualTo((1.0, false)));
        }
    }

    [Test]
    public void An_embedding_of_one_and_one_that_is_not_finite_have_no_map()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(EmbeddingMap.Of(Matrix<double>.Build.Dense(5, 1)), Is.Null);
            Assert.That(EmbeddingMap.Of(Matrix<double>.Build.Dense(5, 3, double.NaN)), Is.Null);
        }
    }

    [Test]
    public void Equal_rows_lie_on_one_point([Values(2, 3, 4, 30)] int rows)
    {
        EmbeddingMap map = Map([.. Enumerable.Repeat((double[])[1, 2, 3], rows)]);
        Assert.That(map.X.Concat(map.Y), Has.All.EqualTo(0).Within(1e-12));
    }

    // A matrix [V, V] would have 72 MB.
    [Test]
    public void A_map_of_many_characters_takes_no_memory_for_pairs_of_them()
    {
        var rows = Matrix<double>.Build.Dense(3000, 4, (i, j) => Math.Sin((5 * i) + j));
        long before = GC.GetAllocatedBytesForCurrentThread();
        EmbeddingMap map = EmbeddingMap.Of(rows)!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(8_000_000));
            Assert.That(map.X, Has.Count.EqualTo(3000));
        }
    }

    static EmbeddingMap Map(double[][] rows) => EmbeddingMap.Of(Matrix<double>.Build.DenseOfRowArrays(rows))!;
}
