using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>Matrix products (GEMM) of row-major matrices: A·B, Aᵀ·B and A·Bᵀ.</summary>
/// <remarks>
/// <para>
/// C [M, N] = A [M, K]·B [K, N], that is C[i, j] = Σ A[i, k]·B[k, j] over k. A or B may lie in memory as its transpose. A linear layer
/// Y = X·W needs all three forms:
/// </para>
/// <code>
/// forward    Y  [batch, out] = X·W      M = batch   K = in      N = out
/// backward   dW [in, out]    = Xᵀ·dY    M = in      K = batch   N = out
///            dX [batch, in]  = dY·Wᵀ    M = batch   K = out     N = in
/// </code>
/// <para>Cost: reads MK + KN, writes MN; 2·MNK floating-point operations.</para>
/// <para>
/// Runs as: <see cref="CpuProduct"/>, by <see cref="TilePackedGemm"/>, on the CPU accelerator and on OpenCL devices that are processors;
/// <see cref="GpuGemm"/>, which launches <see cref="SimtGemm"/> or, in TF32, <see cref="TensorCoreGemm"/>, on GPUs, or
/// <see cref="SmallGroupGemm"/> where their groups are too small for that. The fused kernel multiplies by <see cref="TileGemm"/> where its
/// workers are threads, and by <see cref="WarpGemm"/> where they are warps. The lecture's small steps use this class. The launch shape
/// never changes a result, and results repeat bit for bit.
/// </para>
/// <para>Reference: <c>ReferenceOperations.MatMul</c>.</para>
/// </remarks>
public sealed class MatMul
{
    readonly Launcher launcher;
    readonly IGemm gemm;

    /// <summary>The operation, whose kernels are loaded when they are first used.</summary>
    /// <param name="launcher">Loads and launches them.</param>
    internal MatMul(Launcher launcher)
    {
        this.launcher = launcher;
        gemm = launcher.Shape switch
        {
            { HasBlockTiles: true } => new GpuGemm(launcher),
            { IsGpu: true } => new SmallGroupGemm(launcher),
            _ => new CpuGemm(launcher),
        };
    }

    /// <summary>C = A·B.</summary>
    /// <param name="a">A [M, K].</param>
    /// <param name="b">B [K, N].</param>
    /// <param name="m">M: rows of A and C.</param>
    /// <param name="k">K: columns of A, rows of B; 0 gives zeros.</param>
    /// <param name="n">N: columns of B and C.</param>
    /// <param name="c">C [M, N].</param>
    /// <exception cref="ArgumentException">A view does not hold exactly the values of its shape.</exception>
    internal void Multiply(ArrayView<float> a, ArrayView<float> b, int m, int k, int n, ArrayView<float> c) =>
        Multiply(GemmForm.Plain, a, b, m, k, n, c);

    /// <summary>C = Aᵀ·B.</summary>
    /// <param name="a">A [K, M].</param>
    /// <param name="b">B [K, N].</param>
    /// <param name="m">M: columns of A, rows of C.</param>
    /// <param name="k">K: rows of A and B; 0 gives zeros.</param>
    /// <param name="n">N: columns of B and C.</param>
    /// <param name="c">C [M, N].</param>
    /// <exception cref="ArgumentException">A view does not hold exactly the values of its shape.</exception>
    internal void MultiplyLeftTransposed(ArrayView<float> a, ArrayView<float> b, int m, int k, int n, ArrayView<float> c) =>
        Multiply(GemmForm.LeftTransposed, a, b, m, k, n, c);

    /// <summary>C = A·Bᵀ.</summary>
    /// <param name="a">A [M, K].</param>
    /// <param name="b">B [N, K].</param>
    /// <param name="m">M: rows of A and C.</param>
    /// <param name="k">K: columns of A and B; 0 gives zeros.</param>
    /// <param name="n">N: rows of B, columns of C.</param>
    /// <param name="c">C [M, N].</param>
    /// <exception cref="ArgumentException">A view does not hold exactly the values of its shape.</exception>
    internal void MultiplyRightTransposed(ArrayView<float> a, ArrayView<float> b, int m, int k, int n, ArrayView<float> c) =>
        Multiply(GemmForm.RightTransposed, a, b, m, k, n, c);

    /// <summary>A·B.</summary>
    /// <param name="a">A [M, K].</param>
    /// <param name="b">B [K, N].</param>
    /// <returns>A new tensor [M, N], which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public Tensor Multiply(Tensor a, Tensor b) => New(GemmForm.Plain, a, b);

    /// <summary>C = A·B.</summary>
    /// <param name="a">A [M, K].</param>
    /// <param name="b">B [K, N].</param>
    /// <param name="c">C [M, N].</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void Multiply(Tensor a, Tensor b, Tensor c) => Multiply(GemmForm.Plain, a, b, c);

    /// <summary>Aᵀ·B.</summary>
    /// <param name="a">A [K, M].</param>
    /// <param name="b">B [K, N].</param>
    /// <returns>A new tensor [M, N], which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public Tensor MultiplyLeftTransposed(Tensor a, Tensor b) => New(GemmForm.LeftTransposed, a, b);

    /// <summary>C = Aᵀ·B.</summary>
    /// <param name="a">A [K, M].</param>
    /// <param name="b">B [K, N].</param>
    /// <param name="c">C [M, N].</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void MultiplyLeftTransposed(Tensor a, Tensor b, Tensor c) => Multiply(GemmForm.LeftTransposed, a, b, c);

    /// <summary>A·Bᵀ.</summary>
    /// <param name="a">A [M, K].</param>
    /// <param name="b">B [N, K].</param>
    /// <returns>A new tensor [M, N], which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public Tensor MultiplyRightTransposed(Tensor a, Tensor b) => New(GemmForm.RightTransposed, a, b);

    /// <summary>C = A·Bᵀ.</summary>
    /// <param name="a">A [M, K].</param>
    /// <param name="b">B [N, K].</param>
    /// <param name="c">C [M, N].</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void MultiplyRightTransposed(Tensor a, Tensor b, Tensor c) => Multiply(GemmForm.RightTransposed, a, b, c);

    /// <summary>Tells what <see cref="Multiply(ArrayView{float}, ArrayView{float}, int, int, int, ArrayView{float})"/> takes.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="m">M.</param>
    /// <param name="k">K.</param>
    /// <param name="n">N.</param>
    internal void PlanMultiply(LaunchPlan plan, int m, int k, int n) => gemm.Plan(plan, GemmForm.Plain, new GemmSize(m, k, n));

    /// <summary>Tells what <see cref="MultiplyLeftTransposed(ArrayView{float}, ArrayView{float}, int, int, int, ArrayView{float})"/>
    /// takes.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="m">M.</param>
    /// <param name="k">K.</param>
    /// <param name="n">N.</param>
    internal void PlanLeftTransposed(LaunchPlan plan, int m, int k, int n) =>
        gemm.Plan(plan, GemmForm.LeftTransposed, new GemmSize(m, k, n));

    /// <summary>Tells what <see cref="MultiplyRightTransposed(ArrayView{float}, ArrayView{float}, int, int, int, ArrayView{float})"/>
    /// takes.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="m">M.</param>
    /// <param name="k">K.</param>
    /// <param name="n">N.</param>
    internal void PlanRightTransposed(LaunchPlan plan, int m, int k, int n) =>
        gemm.Plan(plan, GemmForm.RightTransposed, new GemmSize(m, k, n));

    Tensor New(GemmForm form, Tensor a, Tensor b)
    {
        GemmSize size = SizeOf(form, a, b);
        Tensor c = TensorStore.Single(launcher, [size.M, size.N]);
        Multiply(form, a.Data, b.Data, size.M, size.K, size.N, c.Data);
        return c;
    }

    void Multiply(GemmForm form, Tensor a, Tensor b, Tensor c)
    {
        GemmSize size = SizeOf(form, a, b);
        TensorChecks.CheckShape(launcher, c, [size.M, size.N]);
        Multiply(form, a.Data, b.Data, size.M, size.K, size.N, c.Data);
    }

    GemmSize SizeOf(GemmForm form, Tensor a, Tensor b)
    {
        (int rows, int columns) = TensorChecks.Matrix(launcher, a);
        (int rowsOfB, int columnsOfB) = TensorChecks.Matrix(launcher, b);
        (int m, int k) = form == GemmForm.LeftTransposed ? (columns, rows) : (rows, columns);
        (int kOfB, int n) = form == GemmForm.RightTransposed ? (columnsOfB, rowsOfB) : (rowsOfB, columnsOfB);
        return k == kOfB
            ? new GemmSize(m, k, n)
            : throw new ArgumentException(
                $"a is {a} and b is {b}: {(form == GemmForm.LeftTransposed ? "the rows" : "the columns")} of a, {k}, must be as many as "
                + $"{(form == GemmForm.RightTransposed ? "the columns" : "the rows")} of b, {kOfB}",
                nameof(b));
    }

    void Multiply(GemmForm form, ArrayView<float> a, ArrayView<float> b, int m, int k, int n, ArrayView<float> c)
    {
        ViewChecks.CheckLength(a, (long)m * k);
        ViewChecks.CheckLength(b, (long)k * n);
        ViewChecks.CheckLength(c, (long)m * n);
        if (k == 0)
        {
            // Sums of nothing. ILGPU's own way to clear a view fails on OpenCL for a part of a buffer.
            c.CopyFromCPU(launcher.Stream, new float[c.Length]);
            launcher.Stream.Synchronize();
            return;
        }
        gemm.Multiply(form, a, b, new GemmSize(m, k, n), c);
    }
}
