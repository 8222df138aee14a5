using Makemore.Gpu.Kernels.Gemm;

namespace Makemore.Gpu.Benchmarks.Products;

/// <summary>A product to be computed: C [M, N] = A [M, K]·B [K, N].</summary>
/// <param name="Form">Which operand lies in memory as its transpose.</param>
/// <param name="M">Rows of A and C.</param>
/// <param name="K">Columns of A, rows of B.</param>
/// <param name="N">Columns of B and C.</param>
sealed record Product(GemmForm Form, int M, int K, int N)
{
    /// <summary>Floating-point operations of it.</summary>
    public double Operations => 2.0 * M * K * N;

    /// <summary>Whether A lies as [K, M].</summary>
    public bool IsLeftTransposed => Form == GemmForm.LeftTransposed;

    /// <summary>Whether B lies as [N, K].</summary>
    public bool IsRightTransposed => Form == GemmForm.RightTransposed;

    /// <summary>Columns of A as it lies in memory.</summary>
    public int LeftColumns => IsLeftTransposed ? M : K;

    /// <summary>Columns of B as it lies in memory.</summary>
    public int RightColumns => IsRightTransposed ? K : N;

    /// <summary>The form, in the field's notation.</summary>
    public string FormName => Form switch
    {
        GemmForm.LeftTransposed => "Aᵀ·B",
        GemmForm.RightTransposed => "A·Bᵀ",
        _ => "A·B",
    };

    /// <inheritdoc/>
    public override string ToString() => $"{FormName} of {M} x {K} and {K} x {N}";
}

/// <summary>The operands of a product, as they lie in memory, row after row: values between -1 and 1, the same ones each time.</summary>
sealed record Operands(Product Product, float[] A, float[] B)
{
    /// <summary>Draws the operands of a product.</summary>
    /// <param name="product">The product.</param>
    public static Operands Of(Product product)
    {
        var random = new Random(Seed: 42);
        return new(product, Draw(random, product.M * product.K), Draw(random, product.K * product.N));
    }

    static float[] Draw(Random random, int length)
    {
        var values = new float[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = (2 * random.NextSingle()) - 1;
        }
        return values;
    }
}
