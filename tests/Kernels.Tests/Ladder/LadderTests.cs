using Makemore.Gpu.Benchmarks.Ladder;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Ladder;

/// <summary>The rungs in groups of every size, those of a single thread among them.</summary>
/// <param name="bench">The bench.</param>
sealed class OwnLadderTests(TestBench bench) : LadderTests(bench);

/// <summary>The rungs in full groups.</summary>
/// <param name="bench">The bench.</param>
[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.FullGroupsOfEachAlignment))]
sealed class GroupLadderTests(TestBench bench) : LadderTests(bench);

/// <summary>The rungs of the benchmarks' ladders, which are there to be read, and must be right, too.</summary>
/// <param name="bench">The bench.</param>
abstract class LadderTests(TestBench bench) : KernelTests(bench)
{
    // m, k, n: single values, primes, whole tiles and one past them, rows that begin at multiples of 16 bytes and that do not.
    static readonly int[][] Shapes = [[1, 1, 1], [17, 1, 5], [64, 32, 64], [65, 17, 65], [33, 130, 7], [6, 36, 132]];

    MatMulLadder[] Ladders => field ??= [MatMulLadder.OfGpus(Bench.Launcher), MatMulLadder.OfProcessors(Bench.Launcher)];

    [TestCaseSource(nameof(Shapes))]
    public void Every_rung_is_the_product(int m, int k, int n)
    {
        float[] a = Samples.Normal(m * k, seed: 1);
        float[] b = Samples.Normal(k * n, seed: 2);
        Matrix<double> expected = ReferenceOperations.MatMul(a.ToMatrix(k), b.ToMatrix(n));
        Matrix<double> allowance =
            Tolerances.Gamma(k) * ReferenceOperations.MatMul(a.ToMatrix(k).PointwiseAbs(), b.ToMatrix(n).PointwiseAbs());
        foreach (IRung rung in Ladders.SelectMany(ladder => ladder.Rungs))
        {
            DeviceArray<float> c = Output(m * n);
            rung.Multiply(new(Upload(a), m, k), new(Upload(b), k, n), new(c, m, n));
            Tensors.AssertClose(c.Read(), expected, Tolerances.Rounding, allowance, rung.Name);
        }
    }
}
