using CsCheck;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Products;

namespace Makemore.Gpu.Kernels.Tests.Products;

/// <summary>How the work of a product is shared among groups.</summary>
public sealed class ProductPlanTests
{
    // An H100's.
    const int Multiprocessors = 132;

    static readonly Gen<ProductSize> Sizes =
        from rows in Gen.Int[1, 10_000]
        from depth in Gen.Int[1, 10_000]
        from columns in Gen.Int[1, 10_000]
        select new ProductSize(rows, depth, columns);

    [Test]
    public void EveryPlanCoversTheProductOnce() => Sizes.Sample(size =>
    {
        foreach (ProductPlan plan in GroupTile.Of(Precision.Tf32).SelectMany(tile => ProductPlan.Slicings(size, tile)))
        {
            int down = (size.Rows + plan.Tile.Rows - 1) / plan.Tile.Rows;
            int across = (size.Columns + plan.Tile.Columns - 1) / plan.Tile.Columns;
            using (Assert.EnterMultipleScope())
            {
                Assert.That(plan.Groups, Is.EqualTo(down * across * plan.Slices));
                Assert.That(plan.SliceDepth % plan.Tile.Depth, Is.Zero);
                Assert.That((plan.Slices - 1) * plan.SliceDepth, Is.LessThan(size.Depth));
                Assert.That(plan.Slices * plan.SliceDepth, Is.GreaterThanOrEqualTo(size.Depth));
            }
        }
    });

    [Test]
    public void TheSameSizesGetTheSamePlan() => Sizes.Sample(size =>
    {
        ProductPlan[] plans = [.. Enumerable.Range(0, 2).Select(_ => ProductPlan.For(size, Precision.Full, Multiprocessors))];
        Assert.That(plans[1], Is.EqualTo(plans[0]));
    });

    [TestCase(4096, 4096, 4096)]
    [TestCase(4095, 4097, 4099)]
    [TestCase(8192, 30, 4096)]
    public void ALargeProductTakesTheLargestTile(int rows, int depth, int columns)
    {
        var plan = ProductPlan.For(new(rows, depth, columns), Precision.Full, Multiprocessors);
        Assert.That((plan.Tile.Rows, plan.Tile.Columns, plan.Slices), Is.EqualTo((128, 128, 1)));
    }

    [TestCase(30, 8192, 4096, 32, 128)]
    [TestCase(4096, 8192, 27, 128, 32)]
    [TestCase(8192, 4096, 27, 128, 32)]
    public void ANarrowProductTakesANarrowTileAndSlicesItsDepth(int rows, int depth, int columns, int tileRows, int tileColumns)
    {
        var plan = ProductPlan.For(new(rows, depth, columns), Precision.Full, Multiprocessors);
        Assert.That((plan.Tile.Rows, plan.Tile.Columns), Is.EqualTo((tileRows, tileColumns)));
        Assert.That(plan.Groups, Is.GreaterThanOrEqualTo(Multiprocessors));
    }

    [TestCase(32, 30, 200)]
    [TestCase(32, 200, 27)]
    [TestCase(200, 32, 27)]
    public void ASmallProductTakesSmallTilesInASingleLaunch(int rows, int depth, int columns)
    {
        var plan = ProductPlan.For(new(rows, depth, columns), Precision.Full, Multiprocessors);
        Assert.That(plan.Tile.Rows, Is.LessThanOrEqualTo(32));
        Assert.That(plan.Slices, Is.EqualTo(1));
    }

    [Test]
    public void Tf32TakesTensorCoresWhereTheyAreFaster()
    {
        Assert.That(ProductPlan.For(new(4096, 4096, 4096), Precision.Tf32, Multiprocessors).Tile, Is.SameAs(GroupTile.OfTensorCores));
        Assert.That(ProductPlan.For(new(32, 30, 200), Precision.Tf32, Multiprocessors).Tile, Is.Not.SameAs(GroupTile.OfTensorCores));
    }
}
