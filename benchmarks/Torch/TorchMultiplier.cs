using Makemore.Gpu.Benchmarks.Products;
using static TorchSharp.torch;

namespace Makemore.Gpu.Torch;

/// <summary>TorchSharp's matrix product, on all cores. It replaces what C holds, and allocates nothing.</summary>
sealed class TorchMultiplier : IMultiplier
{
    /// <inheritdoc/>
    public string Name => "TorchSharp";

    /// <inheritdoc/>
    public IMultiplication Prepare(Operands operands) => new Multiplication(operands);

    sealed class Multiplication(Operands operands) : IMultiplication
    {
        readonly Tensor a = Matrix(operands.A, operands.Product.LeftColumns, operands.Product.IsLeftTransposed);
        readonly Tensor b = Matrix(operands.B, operands.Product.RightColumns, operands.Product.IsRightTransposed);
        readonly Tensor c = zeros(operands.Product.M, operands.Product.N);

        public void Run(int count)
        {
            using IDisposable noGradient = no_grad();
            for (int call = 0; call < count; call++)
            {
                // 0·C + 1·A·B.
                c.addmm_(a, b, 0, 1);
            }
        }

        public float[] Read() => c.data<float>().ToArray();

        public void Dispose()
        {
            a.Dispose();
            b.Dispose();
            c.Dispose();
        }

        static Tensor Matrix(float[] values, int columns, bool isTransposed)
        {
            Tensor matrix = tensor(values, values.Length / columns, columns);
            return isTransposed ? matrix.t() : matrix;
        }
    }
}
