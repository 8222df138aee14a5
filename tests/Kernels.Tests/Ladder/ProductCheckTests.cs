using Makemore.Gpu.Benchmarks.Products;
using Makemore.Gpu.Kernels.Gemm;

namespace Makemore.Gpu.Kernels.Tests.Ladder;

/// <summary>The check before a product is measured, and OpenBLAS, with which products are compared.</summary>
sealed class ProductCheckTests
{
    static IEnumerable<GemmForm> Forms => Enum.GetValues<GemmForm>();

    [TestCaseSource(nameof(Forms))]
    public void The_librarys_product_passes(GemmForm form) => Assert.That(
        () => ProductCheck.Check(DeviceMultiplier.Of("MatMul", TestBenches.Processor.Kernels), Operands.Of(new(form, 7, 13, 5))),
        Throws.Nothing);

    [TestCaseSource(nameof(Forms))]
    public void OpenBlas_passes_where_it_is_installed(GemmForm form)
    {
        if (OpenBlas.Find() is not { } openBlas)
        {
            Assert.Ignore("libopenblas.so.0 is not installed");
            return;
        }
        Assert.That(() => ProductCheck.Check(openBlas, Operands.Of(new(form, 7, 13, 5))), Throws.Nothing);
    }

    [TestCaseSource(nameof(Forms))]
    public void A_single_wrong_value_is_named(GemmForm form)
    {
        var operands = Operands.Of(new(form, 7, 13, 5));
        using IMultiplication multiplication = DeviceMultiplier.Of("MatMul", TestBenches.Processor.Kernels).Prepare(operands);
        multiplication.Run(1);
        float[] c = multiplication.Read();
        c[(3 * 5) + 2] += 1e-3f;
        Assert.That(() => ProductCheck.Compare("it", operands, c), Throws.InvalidOperationException.With.Message.Contains("[3, 2]"));
    }

    // NaN is no further away than any bound.
    [Test]
    public void NaN_is_wrong()
    {
        var operands = Operands.Of(new(GemmForm.Plain, 2, 2, 2));
        Assert.That(() => ProductCheck.Compare("it", operands, [float.NaN, 0, 0, 0]), Throws.InvalidOperationException);
    }
}
