namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>The sizes of a matrix product.</summary>
/// <param name="M">Rows of A and C.</param>
/// <param name="K">Columns of A, rows of B: the length of the inner products.</param>
/// <param name="N">Columns of B and C.</param>
public readonly record struct GemmSize(int M, int K, int N);
