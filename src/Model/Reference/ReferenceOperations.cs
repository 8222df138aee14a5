using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using MathNet.Numerics;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Model.Reference;

/// <summary>
/// Each kernel's mathematics on MathNet, in double and in the plainest form: what the kernels are compared with. Matrices have a row
/// for each example and a column for each feature.
/// </summary>
static class ReferenceOperations
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

    /// <summary>An activation: tanh(x), max(0, x), 1 / (1 + e^-x), or x·Φ(x).</summary>
    /// <param name="activation">Which.</param>
    /// <param name="x">x, any shape.</param>
    public static Matrix<double> Activate(Activation activation, Matrix<double> x) => x.Map(Value(activation), Zeros.Include);

    /// <summary>The gradient of an activation: dx = dy/dx · dy.</summary>
    /// <param name="activation">Which.</param>
    /// <param name="source">Its output y; or its input x, where <see cref="ActivationExtensions.SlopeTakesInput"/> says so.</param>
    /// <param name="dy">The gradient of y.</param>
    public static Matrix<double> ActivateBackward(Activation activation, Matrix<double> source, Matrix<double> dy) =>
        source.Map(Slope(activation), Zeros.Include).PointwiseMultiply(dy);

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

    /// <summary>Batch normalization by the batch's own statistics.</summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="constants">ε, and which of its forms the normalization has.</param>
    public static BatchNormResult BatchNorm(Matrix<double> x, Vector<double> gain, Vector<double> bias, BatchNormConstants constants)
    {
        Vector<double> mean = x.ColumnSums() / x.RowCount;
        Matrix<double> difference = AddBias(x, -mean);
        Vector<double> variance = difference.PointwisePower(2).ColumnSums() / constants.VarianceDivisor(x.RowCount);
        Vector<double> inverse = 1 / Deviation(variance, constants);
        Matrix<double> y = difference.MapIndexed((_, j, value) => (gain[j] * value * inverse[j]) + bias[j], Zeros.Include);
        return new BatchNormResult(y, mean, variance, inverse);
    }

    /// <summary>Normalization by given statistics.</summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="mean">The means [H].</param>
    /// <param name="deviation">What the differences are divided by [H], see <see cref="Deviation"/>.</param>
    public static Matrix<double> BatchNormFixed(
        Matrix<double> x, Vector<double> gain, Vector<double> bias, Vector<double> mean, Vector<double> deviation) =>
        x.MapIndexed((_, j, value) => (gain[j] * (value - mean[j]) / deviation[j]) + bias[j], Zeros.Include);

    /// <summary>What a normalization divides by: √(variance + ε), or √variance + ε.</summary>
    /// <param name="variance">The variances [H].</param>
    /// <param name="constants">ε, and what it is added to.</param>
    public static Vector<double> Deviation(Vector<double> variance, BatchNormConstants constants) =>
        constants.EpsilonOn == EpsilonTarget.Variance
            ? (variance + constants.Epsilon).PointwiseSqrt()
            : variance.PointwiseSqrt() + constants.Epsilon;

    /// <summary><see cref="Deviation"/> by a statistic that is stored.</summary>
    /// <param name="statistic">The variances or standard deviations [H], as the constants say.</param>
    /// <param name="constants">ε, and which of its forms the normalization has.</param>
    public static Vector<double> DeviationOfStored(Vector<double> statistic, BatchNormConstants constants) => Deviation(
        constants.Running == RunningStatistic.StandardDeviation ? statistic.PointwisePower(2) : statistic, constants);

    /// <summary>
    /// The backward pass of <see cref="BatchNorm"/>: dx = gain·r · (dy - Σ dy / N - k/D·x̂·Σ dy·x̂), dgain = Σ dy·x̂, dbias = Σ dy; D is
    /// the divisor of the variance. k comes from the derivative of r by the variance v, which is -r³/2 where ε is added to v, with k = 1,
    /// and -r²/(2√v) where it is added to √v, with k = 1/(r·√v).
    /// </summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="forward">The result of the forward pass.</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="constants">ε, and which of its forms the normalization has.</param>
    /// <param name="dy">The gradient of y [N, H].</param>
    public static (Matrix<double> Dx, Vector<double> DGain, Vector<double> DBias) BatchNormBackward(
        Matrix<double> x, BatchNormResult forward, Vector<double> gain, BatchNormConstants constants, Matrix<double> dy)
    {
        Matrix<double> normalized = x.MapIndexed((_, j, value) => (value - forward.Mean[j]) * forward.InverseDeviation[j], Zeros.Include);
        Vector<double> dBias = dy.ColumnSums();
        Vector<double> dGain = dy.PointwiseMultiply(normalized).ColumnSums();
        Vector<double> slope = dGain.PointwiseMultiply(SlopeFactor(forward, constants)) / constants.VarianceDivisor(x.RowCount);
        Matrix<double> dx = dy.MapIndexed(
            (i, j, value) =>
                gain[j] * forward.InverseDeviation[j] * (value - (dBias[j] / x.RowCount) - (normalized[i, j] * slope[j])),
            Zeros.Include);
        return (dx, dGain, dBias);
    }

    /// <summary>Group normalization: each group of features of an example, by its own mean and biased variance.</summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="bias">bias [H].</param>
    /// <param name="epsilon">ε.</param>
    /// <param name="groups">G, which divides H; 1 for layer normalization.</param>
    public static GroupNormResult GroupNorm(Matrix<double> x, Vector<double> gain, Vector<double> bias, double epsilon, int groups)
    {
        int width = x.ColumnCount / groups;
        Matrix<double> mean = GroupSums(x, groups) / width;
        Matrix<double> difference = x.MapIndexed((n, j, value) => value - mean[n, j / width], Zeros.Include);
        Matrix<double> variance = GroupSums(difference.PointwisePower(2), groups) / width;
        Matrix<double> inverse = variance.Map(value => 1 / Math.Sqrt(value + epsilon), Zeros.Include);
        Matrix<double> y = difference.MapIndexed((n, j, value) => (gain[j] * value * inverse[n, j / width]) + bias[j], Zeros.Include);
        return new GroupNormResult(y, mean, variance, inverse);
    }

    /// <summary>
    /// The backward pass of <see cref="GroupNorm"/>: with g = dy·gain, dx = r · (g - mean(g) - x̂·mean(g·x̂)), the means over the group;
    /// dgain = Σ dy·x̂ and dbias = Σ dy, over the examples.
    /// </summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="forward">The result of the forward pass.</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="dy">The gradient of y [N, H].</param>
    public static (Matrix<double> Dx, Vector<double> DGain, Vector<double> DBias) GroupNormBackward(
        Matrix<double> x, GroupNormResult forward, Vector<double> gain, Matrix<double> dy)
    {
        int groups = forward.Mean.ColumnCount;
        int width = x.ColumnCount / groups;
        Matrix<double> normalized = x.MapIndexed(
            (n, j, value) => (value - forward.Mean[n, j / width]) * forward.InverseDeviation[n, j / width], Zeros.Include);
        Matrix<double> scaled = dy.MapIndexed((_, j, value) => value * gain[j], Zeros.Include);
        Matrix<double> mean = GroupSums(scaled, groups) / width;
        Matrix<double> slope = GroupSums(scaled.PointwiseMultiply(normalized), groups) / width;
        Matrix<double> dx = scaled.MapIndexed(
            (n, j, value) => forward.InverseDeviation[n, j / width]
                * (value - mean[n, j / width] - (normalized[n, j] * slope[n, j / width])),
            Zeros.Include);
        return (dx, dy.PointwiseMultiply(normalized).ColumnSums(), dy.ColumnSums());
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

    // Math.Max keeps NaN.
    static Func<double, double> Value(Activation activation) => activation switch
    {
        Activation.Tanh => Math.Tanh,
        Activation.Relu => x => Math.Max(0, x),
        Activation.Sigmoid => SpecialFunctions.Logistic,
        Activation.Gelu => x => x * Normal.CDF(0, 1, x),
        _ => x => x,
    };

    static Func<double, double> Slope(Activation activation) => activation switch
    {
        Activation.Tanh => y => 1 - (y * y),
        Activation.Relu => y => y > 0 ? 1 : 0,
        Activation.Sigmoid => y => y * (1 - y),
        Activation.Gelu => x => Normal.CDF(0, 1, x) + (x * Normal.PDF(0, 1, x)),
        _ => _ => 1,
    };

    // The sums over the features of each group [N, G].
    static Matrix<double> GroupSums(Matrix<double> x, int groups)
    {
        int width = x.ColumnCount / groups;
        return Matrix<double>.Build.Dense(x.RowCount, groups, (n, group) => x.Row(n, group * width, width).Sum());
    }

    // Where a feature does not vary, x̂ and Σ dy·x̂ are 0, and the factor may be any number.
    static Vector<double> SlopeFactor(BatchNormResult forward, BatchNormConstants constants) => forward.Variance.Map2(
        (variance, inverse) => constants.EpsilonOn == EpsilonTarget.Variance || variance == 0 ? 1 : 1 / (inverse * Math.Sqrt(variance)),
        forward.InverseDeviation);

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
/// <param name="Variance">The batch's variances [H].</param>
/// <param name="InverseDeviation">r, rstd [H].</param>
sealed record BatchNormResult(Matrix<double> Y, Vector<double> Mean, Vector<double> Variance, Vector<double> InverseDeviation);

/// <summary>What the forward pass of group normalization leaves.</summary>
/// <param name="Y">The output [N, H].</param>
/// <param name="Mean">The groups' means [N, G].</param>
/// <param name="Variance">Their variances [N, G].</param>
/// <param name="InverseDeviation">r, rstd [N, G].</param>
sealed record GroupNormResult(Matrix<double> Y, Matrix<double> Mean, Matrix<double> Variance, Matrix<double> InverseDeviation);
