using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Model.Reference;

/// <summary>
/// Each kernel's mathematics on MathNet, in double and in the plainest form: what the kernels are compared with. Matrices have a row
/// for each example and a column for each feature.
/// </summary>
public static class ReferenceOperations
{
    /// <summary>C = A·B. The other forms are this with <c>Transpose()</c>.</summary>
    /// <param name="a">A [M, K].</param>
    /// <param name="b">B [K, N].</param>
    public static Matrix<double> MatMul(Matrix<double> a, Matrix<double> b) => a * b;

    /// <summary>x + b in every row.</summary>
    /// <param name="x">x [rows, columns].</param>
    /// <param name="bias">b [columns].</param>
    public static Matrix<double> AddBias(Matrix<double> x, Vector<double> bias) =>
        x.MapIndexed((_, j, value) => value + bias[j], Zeros.Include);

    /// <summary>The sum of each column.</summary>
    /// <param name="dy">dy [rows, columns].</param>
    public static Vector<double> ColumnSums(Matrix<double> dy) => dy.ColumnSums();

    /// <summary>y = tanh(x).</summary>
    /// <param name="x">x, any shape.</param>
    public static Matrix<double> Tanh(Matrix<double> x) => x.PointwiseTanh();

    /// <summary>dx = (1 - y²)·dy.</summary>
    /// <param name="y">The output of <see cref="Tanh"/>.</param>
    /// <param name="dy">The gradient of y.</param>
    public static Matrix<double> TanhBackward(Matrix<double> y, Matrix<double> dy) => (1 - y.PointwisePower(2)).PointwiseMultiply(dy);

    /// <summary>The row of the table for each token.</summary>
    /// <param name="table">C [V, E].</param>
    /// <param name="tokens">Tokens [count].</param>
    /// <returns>The rows [count, E].</returns>
    public static Matrix<double> Embed(Matrix<double> table, IReadOnlyList<int> tokens) =>
        Matrix<double>.Build.Dense(tokens.Count, table.ColumnCount, (i, j) => table[tokens[i], j]);

    /// <summary>The gradient of the table: each row of dy is added to the row of its token.</summary>
    /// <param name="tokens">Tokens [count].</param>
    /// <param name="dy">The gradient of the rows [count, E].</param>
    /// <param name="vocabulary">V.</param>
    /// <returns>dC [V, E].</returns>
    public static Matrix<double> EmbedBackward(IReadOnlyList<int> tokens, Matrix<double> dy, int vocabulary)
    {
        var dTable = Matrix<double>.Build.Dense(vocabulary, dy.ColumnCount);
        for (int i = 0; i < tokens.Count; i++)
        {
            dTable.SetRow(tokens[i], dTable.Row(tokens[i]) + dy.Row(i));
        }
        return dTable;
    }

    /// <summary>Batch normalization by the batch's own statistics, the variance over n-1.</summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="epsilon">ε, added to the variance under the root.</param>
    public static BatchNormResult BatchNorm(Matrix<double> x, Vector<double> gain, Vector<double> bias, double epsilon)
    {
        Vector<double> mean = x.ColumnSums() / x.RowCount;
        Matrix<double> difference = AddBias(x, -mean);
        Vector<double> variance = difference.PointwisePower(2).ColumnSums() / (x.RowCount - 1);
        Vector<double> inverse = (variance + epsilon).PointwisePower(-0.5);
        Matrix<double> y = difference.MapIndexed((_, j, value) => (gain[j] * value * inverse[j]) + bias[j], Zeros.Include);
        return new BatchNormResult(y, mean, variance, inverse);
    }

    /// <summary>Normalization by given statistics.</summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="mean">The means [H].</param>
    /// <param name="deviation">What the differences are divided by [H]: the standard deviation, or √(variance + ε).</param>
    public static Matrix<double> BatchNormFixed(
        Matrix<double> x, Vector<double> gain, Vector<double> bias, Vector<double> mean, Vector<double> deviation) =>
        x.MapIndexed((_, j, value) => (gain[j] * (value - mean[j]) / deviation[j]) + bias[j], Zeros.Include);

    /// <summary>
    /// The backward pass of <see cref="BatchNorm"/>: dx = gain·r/N · (N·dy - Σ dy - N/(N-1)·x̂·Σ dy·x̂), dgain = Σ dy·x̂, dbias = Σ dy.
    /// </summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="forward">The result of the forward pass.</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="dy">The gradient of y [N, H].</param>
    public static (Matrix<double> Dx, Vector<double> DGain, Vector<double> DBias) BatchNormBackward(
        Matrix<double> x, BatchNormResult forward, Vector<double> gain, Matrix<double> dy)
    {
        double n = x.RowCount;
        Matrix<double> normalized = x.MapIndexed((_, j, value) => (value - forward.Mean[j]) * forward.InverseDeviation[j], Zeros.Include);
        Vector<double> dBias = dy.ColumnSums();
        Vector<double> dGain = dy.PointwiseMultiply(normalized).ColumnSums();
        Matrix<double> dx = dy.MapIndexed(
            (i, j, value) =>
                gain[j] * forward.InverseDeviation[j] / n * ((n * value) - dBias[j] - (n / (n - 1) * normalized[i, j] * dGain[j])),
            Zeros.Include);
        return (dx, dGain, dBias);
    }

    /// <summary>The loss of each row, -log softmax(logits)[target], and the gradient of their mean, (p - onehot) / N.</summary>
    /// <param name="logits">Logits [N, V].</param>
    /// <param name="targets">Targets [N].</param>
    public static (Vector<double> Losses, Matrix<double> DLogits) SoftmaxCrossEntropy(Matrix<double> logits, IReadOnlyList<int> targets)
    {
        Matrix<double> shifted = AddColumn(logits, -RowMaxima(logits));
        Matrix<double> counts = shifted.PointwiseExp();
        Vector<double> sums = counts.RowSums();
        var losses = Vector<double>.Build.Dense(logits.RowCount, n => Math.Log(sums[n]) - shifted[n, targets[n]]);
        Matrix<double> dLogits = counts.MapIndexed(
            (n, v, count) => ((count / sums[n]) - (v == targets[n] ? 1 : 0)) / logits.RowCount, Zeros.Include);
        return (losses, dLogits);
    }

    /// <summary>coefficient · mean(w²), and its gradient 2 · coefficient / count · w.</summary>
    /// <param name="weights">w, any shape.</param>
    /// <param name="coefficient">The coefficient.</param>
    public static (double Penalty, Matrix<double> Gradient) L2Penalty(Matrix<double> weights, double coefficient)
    {
        double factor = coefficient / (weights.RowCount * (double)weights.ColumnCount);
        return (factor * weights.PointwisePower(2).RowSums().Sum(), 2 * factor * weights);
    }

    /// <summary>w - learning rate · dw.</summary>
    /// <param name="parameters">w, any shape.</param>
    /// <param name="gradients">dw, of the same shape.</param>
    /// <param name="learningRate">The learning rate.</param>
    public static Matrix<double> Sgd(Matrix<double> parameters, Matrix<double> gradients, double learningRate) =>
        parameters - (learningRate * gradients);

    /// <summary>The largest value of each row.</summary>
    /// <param name="x">x [rows, columns].</param>
    internal static Vector<double> RowMaxima(Matrix<double> x) => Vector<double>.Build.Dense(x.RowCount, i => x.Row(i).Maximum());

    /// <summary>x + c in every column.</summary>
    /// <param name="x">x [rows, columns].</param>
    /// <param name="column">c [rows].</param>
    internal static Matrix<double> AddColumn(Matrix<double> x, Vector<double> column) =>
        x.MapIndexed((i, _, value) => value + column[i], Zeros.Include);
}

/// <summary>What the forward pass of batch normalization leaves.</summary>
/// <param name="Y">The output [N, H].</param>
/// <param name="Mean">The batch's means [H].</param>
/// <param name="Variance">The batch's variances over n-1 [H].</param>
/// <param name="InverseDeviation">rstd, 1/√(variance + ε) [H].</param>
public sealed record BatchNormResult(Matrix<double> Y, Vector<double> Mean, Vector<double> Variance, Vector<double> InverseDeviation);
