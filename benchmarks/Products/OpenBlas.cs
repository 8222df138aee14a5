using System.Runtime.InteropServices;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Products;

/// <summary>OpenBLAS, where the machine has it: on Debian the package libopenblas0-pthread. It multiplies on all cores.</summary>
sealed partial class OpenBlas : IMultiplier
{
    /// <summary>The library's name in results.</summary>
    public const string LibraryName = "OpenBLAS";

    const string Library = "libopenblas.so.0";

    // Of cblas.h.
    const int RowMajor = 101;
    const int NoTranspose = 111;
    const int Transpose = 112;

    OpenBlas()
    {
    }

    /// <inheritdoc/>
    public string Name => LibraryName;

    /// <summary>Its version, how it was built, and for which processor it chose its kernels.</summary>
    public static string Version => Marshal.PtrToStringUTF8(Configuration())!.Trim();

    /// <summary>OpenBLAS; null where the machine does not have it.</summary>
    public static OpenBlas? Find()
    {
        if (!NativeLibrary.TryLoad(Library, out _))
        {
            return null;
        }
        SetThreads(Environment.ProcessorCount);
        return new();
    }

    /// <summary>The same, to be measured.</summary>
    /// <exception cref="InvalidRequestException">The environment chooses its kernels, and not the processor.</exception>
    public static OpenBlas? FindUnbiased()
    {
        const string Variable = "OPENBLAS_CORETYPE";
        return Environment.GetEnvironmentVariable(Variable) is null
            ? Find()
            : throw new InvalidRequestException($"{Variable} chooses OpenBLAS's kernels in place of the processor: unset it");
    }

    /// <inheritdoc/>
    public IMultiplication Prepare(Operands operands) => new Multiplication(operands);

    [LibraryImport(Library, EntryPoint = "cblas_sgemm")]
    private static partial void Multiply(
        int order, int transposeA, int transposeB, int m, int n, int k, float alpha, float[] a, int strideA, float[] b, int strideB,
        float beta, float[] c, int strideC);

    [LibraryImport(Library, EntryPoint = "openblas_get_config")]
    private static partial nint Configuration();

    [LibraryImport(Library, EntryPoint = "openblas_set_num_threads")]
    private static partial void SetThreads(int count);

    sealed class Multiplication(Operands operands) : IMultiplication
    {
        readonly float[] c = new float[operands.Product.M * operands.Product.N];

        public void Run(int count)
        {
            Product product = operands.Product;
            for (int call = 0; call < count; call++)
            {
                Multiply(
                    RowMajor, product.IsLeftTransposed ? Transpose : NoTranspose, product.IsRightTransposed ? Transpose : NoTranspose,
                    product.M, product.N, product.K, 1, operands.A, product.LeftColumns, operands.B, product.RightColumns,
                    0, c, product.N);
            }
        }

        public float[] Read() => c;

        public void Dispose()
        {
        }
    }
}
