using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Model.Checking;

/// <summary>
/// How far each tensor of a batch may be from what is expected of it, by the roundings of its own step in 32 bits, and by how far the
/// step's operands are off. The bounds follow from the lengths of the sums and the magnitudes of their terms, for batches of every size.
/// </summary>
static class RoundingBounds
{
    // What LaneMath promises.
    const double ExpAndLog = 2e-7;
    const double Tanh = 5e-7;

    /// <summary>The bounds of every tensor, in the steps of <see cref="ReferenceStep"/>.</summary>
    /// <param name="batch">The parameters and the examples.</param>
    /// <param name="operand">
    /// What a tensor of a name is as an operand of the steps after it, given what its own step may make of it: how far it is off there.
    /// </param>
    /// <returns>The bounds by the tensors' names, row by row, as <see cref="ReferenceStep.Run"/> gives the values.</returns>
    public static IReadOnlyDictionary<string, double[]> Of(LectureBatch batch, Func<string, Rounded, Rounded> operand)
    {
        var bounds = new Dictionary<string, double[]>();
        Rounded Keep(string name, Rounded computed)
        {
            bounds[name] = computed.Bound.ToRowMajorArray();
            return operand(name, computed);
        }
        Rounded KeepGradient(string name, Rounded value) => Keep(TensorNames.Gradient(name), value);
        Rounded Parameter(string name, int rows) => Rounded.Exact(ToMatrix(batch.Parameters[name], rows));

        int n = batch.Count;
        Rounded table = Parameter("C", batch.Vocabulary), w1 = Parameter("W1", batch.EmbeddedWidth), b1 = Parameter("b1", 1);
        Rounded w2 = Parameter("W2", batch.Hidden), b2 = Parameter("b2", 1), gain = Parameter("bngain", 1), bias = Parameter("bnbias", 1);

        // forward
        Rounded emb = Keep("emb", Rounded.Exact(ReferenceOperations.Embed(table.Value, batch.Tokens)));
        Rounded embcat = Keep("embcat", Reshape(emb, n));
        Rounded hprebn = Keep("hprebn", Rounded.Product(embcat, w1).Plus(b1));
        Rounded mean = Keep("bnmeani", hprebn.ColumnSums().Times(1.0 / n));
        Rounded difference = Keep("bndiff", hprebn.Minus(mean));
        Keep("bndiff2", difference.Times(difference));
        Rounded variance = Keep("bnvar", Variance(hprebn, mean));
        Rounded inverse = Keep("bnvar_inv", variance.Map(v => 1 / Math.Sqrt(v + LectureBatch.Epsilon), Rounded.Gamma(4), least: 0));
        Rounded raw = Keep("bnraw", difference.Times(inverse));
        Rounded hpreact = Keep("hpreact", raw.Times(gain).Plus(bias));
        Rounded h = Keep("h", hpreact.Map(Math.Tanh, Tanh));
        Rounded logits = Keep("logits", Rounded.Product(h, w2).Plus(b2));
        Rounded maxes = Keep("logit_maxes", Maxima(logits));
        Rounded normLogits = Keep("norm_logits", logits.Minus(maxes));
        Rounded counts = Keep("counts", normLogits.Map(Math.Exp, ExpAndLog));
        Rounded sum = Keep("counts_sum", counts.RowSums());
        Rounded sumInverse = Keep("counts_sum_inv", sum.Map(x => 1 / x, Rounded.Gamma(2), least: 0));
        Rounded probs = Keep("probs", counts.Times(sumInverse));
        Rounded logprobs = Keep("logprobs", probs.Map(Math.Log, ExpAndLog, least: 0));
        Rounded oneHot = Rounded.Exact(Matrix<double>.Build.Dense(n, batch.Vocabulary, (row, v) => v == batch.Targets[row] ? 1 : 0));
        Keep("loss", logprobs.Times(oneHot).RowSums().ColumnSums().Times(-1.0 / n));

        // backward
        Rounded dLogprobs = KeepGradient("logprobs", oneHot.Times(-1.0 / n));
        Rounded dProbs = KeepGradient("probs", dLogprobs.Times(probs.Map(x => 1 / x, Rounded.Gamma(1), least: 0)));
        Rounded dSumInverse = KeepGradient("counts_sum_inv", counts.Times(dProbs).RowSums());
        Rounded dSum = KeepGradient("counts_sum", dSumInverse.Times(sumInverse).Times(sumInverse).Negative());
        Rounded dCounts = KeepGradient("counts", dProbs.Times(sumInverse).Plus(dSum));
        Rounded dNormLogits = KeepGradient("norm_logits", dCounts.Times(counts));
        Rounded dMaxes = KeepGradient("logit_maxes", dNormLogits.RowSums().Negative());
        Rounded dLogits = KeepGradient("logits", dNormLogits.Within(WithMaxima(dNormLogits, dMaxes, logits)));
        Rounded dh = KeepGradient("h", Rounded.Product(dLogits, w2.Transpose()));
        KeepGradient("W2", Rounded.Product(h.Transpose(), dLogits));
        KeepGradient("b2", dLogits.ColumnSums());
        Rounded one = Rounded.Exact(Matrix<double>.Build.Dense(1, 1, 1));
        Rounded dHpreact = KeepGradient("hpreact", h.Times(h).Minus(one).Times(dh).Negative());
        KeepGradient("bngain", raw.Times(dHpreact).ColumnSums());
        KeepGradient("bnbias", dHpreact.ColumnSums());
        Rounded dRaw = KeepGradient("bnraw", dHpreact.Times(gain));
        Rounded dInverse = KeepGradient("bnvar_inv", difference.Times(dRaw).ColumnSums());
        Rounded dVariance = KeepGradient("bnvar", inverse.Times(inverse).Times(inverse).Times(dInverse).Times(-0.5));
        Rounded dSquares = KeepGradient("bndiff2", Rows(dVariance.Times(1.0 / (n - 1)), n));
        Rounded dDifference = KeepGradient("bndiff", dRaw.Times(inverse).Plus(difference.Times(dSquares).Times(2)));
        Rounded dMean = KeepGradient("bnmeani", dDifference.ColumnSums().Negative());
        Rounded dHprebn = KeepGradient("hprebn", dDifference.Plus(dMean.Times(1.0 / n)));
        KeepGradient("W1", Rounded.Product(embcat.Transpose(), dHprebn));
        KeepGradient("b1", dHprebn.ColumnSums());
        Rounded dEmbcat = KeepGradient("embcat", Rounded.Product(dHprebn, w1.Transpose()));
        Rounded dEmb = KeepGradient("emb", Reshape(dEmbcat, batch.Tokens.Length));
        KeepGradient("C", Embedded(batch, dEmb));
        return bounds;
    }

    /// <summary>How often each token occurs in the contexts [V].</summary>
    /// <param name="batch">The batch.</param>
    public static int[] Occurrences(LectureBatch batch)
    {
        var occurrences = new int[batch.Vocabulary];
        foreach (int token in batch.Tokens)
        {
            occurrences[token]++;
        }
        return occurrences;
    }

    // Where x is off by ε and the mean by δ, the sum of (d + ε - δ)² holds no term in d·δ, since the sum of d is 0.
    static Rounded Variance(Rounded x, Rounded mean)
    {
        int n = x.Value.RowCount;
        Matrix<double> d = x.Value.MapIndexed((_, j, value) => value - mean.Value[0, j], Zeros.Include);
        Matrix<double> off = x.Bound.MapIndexed(
            (i, j, epsilon) => (2 * Math.Abs(d[i, j]) * epsilon) + Math.Pow(epsilon + mean.Bound[0, j], 2), Zeros.Include);
        Matrix<double> squares = d.PointwisePower(2);
        return new Rounded(squares, off + (Rounded.Gamma(3) * (squares + off))).ColumnSums().Times(1.0 / (n - 1));
    }

    static Rounded Maxima(Rounded logits)
    {
        Matrix<double> Largest(Matrix<double> x) => Matrix<double>.Build.Dense(x.RowCount, 1, (i, _) => x.Row(i).Maximum());
        return new(Largest(logits.Value), Largest(logits.Bound));
    }

    // The gradient of a row's maximum goes to the largest logit, and which of two equal ones that is, rounding decides.
    static Matrix<double> WithMaxima(Rounded dNormLogits, Rounded dMaxes, Rounded logits)
    {
        Matrix<double> most = Maxima(new(logits.Value - logits.Bound, logits.Bound)).Value;
        Rounded sum = dNormLogits.Plus(dMaxes);
        return dNormLogits.Bound.MapIndexed(
            (i, v, off) => logits.Value[i, v] + logits.Bound[i, v] < most[i, 0] ? off : sum.Bound[i, v], Zeros.Include);
    }

    // Each row of the table sums the gradients of its own token's occurrences.
    static Rounded Embedded(LectureBatch batch, Rounded dEmb)
    {
        int[] occurrences = Occurrences(batch);
        Matrix<double> Sums(Matrix<double> rows) => ReferenceOperations.EmbedBackward(batch.Tokens, rows, batch.Vocabulary);
        Matrix<double> magnitudes = Sums(dEmb.Magnitude);
        return new(
            Sums(dEmb.Value),
            Sums(dEmb.Bound).MapIndexed((v, e, off) => off + (Rounded.Gamma(occurrences[v]) * magnitudes[v, e]), Zeros.Include));
    }

    static Rounded Rows(Rounded row, int count) => Rounded.Exact(Matrix<double>.Build.Dense(count, row.Value.ColumnCount)).Plus(row);

    static Rounded Reshape(Rounded x, int rows) => new(Reshape(x.Value, rows), Reshape(x.Bound, rows));

    // The same values, row by row, in another number of rows.
    static Matrix<double> Reshape(Matrix<double> x, int rows) =>
        Matrix<double>.Build.DenseOfRowMajor(rows, x.RowCount * x.ColumnCount / rows, x.ToRowMajorArray());

    static Matrix<double> ToMatrix(float[] values, int rows) =>
        Matrix<double>.Build.DenseOfRowMajor(rows, values.Length / rows, values.Select(value => (double)value));
}
