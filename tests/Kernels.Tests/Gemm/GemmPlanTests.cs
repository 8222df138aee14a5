using CsCheck;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Gemm;

namespace Makemore.Gpu.Kernels.Tests.Gemm;

/// <summary>How the work of a GEMM is shared among groups.</summary>
sealed class GemmPlanTests
{
    // An H100's.
    const int Multiprocessors = 132;

    static readonly Gen<GemmSize> Sizes =
        from m in Gen.Int[1, 10_000]
        from k in Gen.Int[1, 10_000]
        from n in Gen.Int[1, 10_000]
        select new GemmSize(m, k, n);

    [Test]
    public void Every_plan_covers_the_GEMM_once() => Sizes.Sample(size =>
    {
        foreach (GemmPlan plan in GemmTile.Of(Precision.Tf32).SelectMany(tile => GemmPlan.WithSplits(size, tile)))
        {
            int down = (size.M + plan.Tile.M - 1) / plan.Tile.M;
            int across = (size.N + plan.Tile.N - 1) / plan.Tile.N;
            using (Assert.EnterMultipleScope())
            {
                Assert.That(plan.Groups, Is.EqualTo(down * across * plan.Splits));
                Assert.That(plan.KPerSplit % plan.Tile.K, Is.Zero);
                Assert.That((plan.Splits - 1) * plan.KPerSplit, Is.LessThan(size.K));
                Assert.That(plan.Splits * plan.KPerSplit, Is.GreaterThanOrEqualTo(size.K));
            }
        }
    });

    [Test]
    public void The_same_sizes_get_the_same_plan() => Sizes.Sample(size =>
    {
        GemmPlan[] plans = [.. Enumerable.Range(0, 2).Select(_ => GemmPlan.For(size, Precision.Full, Multiprocessors))];
        Assert.That(plans[1], Is.EqualTo(plans[0]));
    });

    [TestCase(4096, 4096, 4096)]
    [TestCase(4095, 4097, 4099)]
    [TestCase(8192, 30, 4096)]
    public void A_large_GEMM_takes_the_largest_tile(int m, int k, int n)
    {
        var plan = GemmPlan.For(new(m, k, n), Precision.Full, Multiprocessors);
        Assert.That((plan.Tile.M, plan.Tile.N, plan.Splits), Is.EqualTo((128, 128, 1)));
    }

    [TestCase(30, 8192, 4096, 32, 128)]
    [TestCase(4096, 8192, 27, 128, 32)]
    [TestCase(8192, 4096, 27, 128, 32)]
    public void A_narrow_GEMM_takes_a_narrow_tile_and_splits_K(int m, int k, int n, int tileM, int tileN)
    {
        var plan = GemmPlan.For(new(m, k, n), Precision.Full, Multiprocessors);
        Assert.That((plan.Tile.M, plan.Tile.N), Is.EqualTo((tileM, tileN)));
        Assert.That(plan.Groups, Is.GreaterThanOrEqualTo(Multiprocessors));
    }

    [TestCase(32, 30, 200)]
    [TestCase(32, 200, 27)]
    [TestCase(200, 32, 27)]
    public void A_small_GEMM_takes_small_tiles_in_a_single_launch(int m, int k, int n)
    {
        var plan = GemmPlan.For(new(m, k, n), Precision.Full, Multiprocessors);
        Assert.That(plan.Tile.M, Is.LessThanOrEqualTo(32));
        Assert.That(plan.Splits, Is.EqualTo(1));
    }

    [Test]
    public void TF32_takes_tensor_cores_where_they_are_faster()
    {
        Assert.That(GemmPlan.For(new(4096, 4096, 4096), Precision.Tf32, Multiprocessors).Tile, Is.SameAs(GemmTile.TensorCores));
        Assert.That(GemmPlan.For(new(32, 30, 200), Precision.Tf32, Multiprocessors).Tile, Is.Not.SameAs(GemmTile.TensorCores));
    }
}
