namespace Makemore.Gpu.Kernels.Products;

/// <summary>The sizes of a matrix product.</summary>
/// <param name="Rows">Rows of A and C.</param>
/// <param name="Depth">Columns of A, rows of B: the length of the inner products.</param>
/// <param name="Columns">Columns of B and C.</param>
public readonly record struct ProductSize(int Rows, int Depth, int Columns);
