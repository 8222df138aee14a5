using Makemore.Gpu.Kernels.Tensors;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Makemore.Gpu.Model.Diagnostics;

/// <summary>
/// The rows of an embedding table as points in a plane, one for each character. Characters that the network treats alike come to lie near
/// each other. An embedding of two is drawn as it is, and one of more by its first two principal components (K. Pearson, 1901).
/// </summary>
/// <param name="X">The horizontal positions [V].</param>
/// <param name="Y">The vertical positions [V].</param>
/// <param name="Share">The part of the rows' variance that the plane holds, 0 to 1: all of an embedding of two.</param>
/// <param name="IsProjected">Whether the positions are principal components, rather than the values themselves.</param>
sealed record EmbeddingMap(IReadOnlyList<double> X, IReadOnlyList<double> Y, double Share, bool IsProjected)
{
    /// <summary>Maps a table.</summary>
    /// <param name="table">The embedding table [V, E].</param>
    /// <returns>The map; null where an embedding is a single number, or holds one that is not finite.</returns>
    public static EmbeddingMap? Of(Tensor table)
    {
        ArgumentNullException.ThrowIfNull(table);
        double[] values = Array.ConvertAll(table.ToArray(), value => (double)value);
        return Of(Matrix<double>.Build.DenseOfRowMajor(table.Shape[0], table.Shape[1], values));
    }

    /// <summary>Maps the rows of a matrix.</summary>
    /// <param name="rows">The embeddings [V, E].</param>
    /// <returns>The map; null where an embedding is a single number, or holds one that is not finite.</returns>
    public static EmbeddingMap? Of(Matrix<double> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.ColumnCount < 2 || !rows.ForAll(double.IsFinite))
        {
            return null;
        }
        return rows.ColumnCount == 2
            ? new EmbeddingMap([.. rows.Column(0)], [.. rows.Column(1)], Share: 1, IsProjected: false)
            : Project(rows);
    }

    // The rows about their mean are U·diag(s)·Vᵀ, and the first two rows of Vᵀ the directions. With more rows than columns, the triangle of
    // a QR decomposition has the same s and Vᵀ, and no U [V, V] comes of it.
    static EmbeddingMap Project(Matrix<double> rows)
    {
        Vector<double> mean = rows.ColumnSums() / rows.RowCount;
        var centered = Matrix<double>.Build.Dense(rows.RowCount, rows.ColumnCount, (i, j) => rows[i, j] - mean[j]);
        var svd = (rows.RowCount > rows.ColumnCount ? centered.QR(QRMethod.Thin).R : centered).Svd();
        Vector<double> variances = svd.S.PointwisePower(2);
        double total = variances.Sum();
        return new EmbeddingMap(Component(0), Component(1), total > 0 ? (variances[0] + variances[1]) / total : 1, IsProjected: true);

        // A direction has no sign of its own: the row that lies farthest from the mean gets the positive one.
        double[] Component(int index)
        {
            Vector<double> positions = centered * svd.VT.Row(index);
            return [.. positions * (positions[positions.AbsoluteMaximumIndex()] < 0 ? -1 : 1)];
        }
    }
}
