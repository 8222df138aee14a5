using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Benchmarks.Ladder;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Gemm;

namespace Makemore.Gpu.Benchmarks.Products;

/// <summary>Who multiplies matrices on an accelerator.</summary>
/// <param name="Name">Who, for people.</param>
/// <param name="Kernels">The kernels of the accelerator.</param>
/// <param name="Multiply">Launches a product.</param>
sealed record DeviceMultiplier(
    string Name, KernelSet Kernels, Action<Product, ArrayView<float>, ArrayView<float>, ArrayView<float>> Multiply) : IMultiplier
{
    /// <summary>The library's <see cref="MatMul"/>.</summary>
    /// <param name="name">Who, for people.</param>
    /// <param name="kernels">The kernels of the accelerator.</param>
    public static DeviceMultiplier Of(string name, KernelSet kernels) => new(name, kernels, (product, a, b, c) =>
    {
        (int m, int k, int n) = (product.M, product.K, product.N);
        switch (product.Form)
        {
            case GemmForm.LeftTransposed:
                kernels.MatMul.MultiplyLeftTransposed(a, b, m, k, n, c);
                break;
            case GemmForm.RightTransposed:
                kernels.MatMul.MultiplyRightTransposed(a, b, m, k, n, c);
                break;
            default:
                kernels.MatMul.Multiply(a, b, m, k, n, c);
                break;
        }
    });

    /// <summary>A rung of a ladder, for products without a transpose.</summary>
    /// <param name="rung">The rung.</param>
    /// <param name="kernels">The kernels of its accelerator.</param>
    public static DeviceMultiplier Of(IRung rung, KernelSet kernels) => new(rung.Name, kernels, (product, a, b, c) =>
        rung.Multiply(new(a, product.M, product.K), new(b, product.K, product.N), new(c, product.M, product.N)));

    /// <inheritdoc/>
    public IMultiplication Prepare(Operands operands) => new Multiplication(this, operands);

    sealed class Multiplication : IMultiplication
    {
        readonly DeviceMultiplier multiplier;
        readonly Product product;
        readonly MemoryBuffer1D<float, Stride1D.Dense> a;
        readonly MemoryBuffer1D<float, Stride1D.Dense> b;
        readonly MemoryBuffer1D<float, Stride1D.Dense> c;

        public Multiplication(DeviceMultiplier multiplier, Operands operands)
        {
            (this.multiplier, product) = (multiplier, operands.Product);
            KernelSet kernels = multiplier.Kernels;
            a = kernels.Accelerator.Allocate1D(kernels.Stream, operands.A);
            b = kernels.Accelerator.Allocate1D(kernels.Stream, operands.B);
            c = kernels.Accelerator.Allocate1D<float>(product.M * product.N);
        }

        public void Run(int count)
        {
            for (int launch = 0; launch < count; launch++)
            {
                multiplier.Multiply(product, a.View, b.View, c.View);
            }
            multiplier.Kernels.Stream.Synchronize();
        }

        public float[] Read() => multiplier.Kernels.Read<float>(c.View);

        public void Dispose()
        {
            a.Dispose();
            b.Dispose();
            c.Dispose();
        }
    }
}
