using Makemore.Gpu.Kernels.Elementwise;
using MathNet.Numerics.LinearAlgebra;
using static Makemore.Gpu.Model.Reference.ReferenceOperations;

namespace Makemore.Gpu.Model.Reference;

/// <summary>
/// One batch forward and backward on MathNet in double, in the small steps of the lecture on manual backprop ("exercise 1"): every
/// intermediate by the lecture's name, and every gradient as <c>name.grad</c>.
/// </summary>
static class ReferenceStep
{
    /// <summary>Runs the batch.</summary>
    /// <param name="batch">The parameters and the examples.</param>
    /// <returns>All tensors by name, row by row.</returns>
    public static IReadOnlyDictionary<string, double[]> Run(LectureBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var tensors = new Dictionary<string, double[]>();
        Matrix<double> Keep(string name, Matrix<double> value)
        {
            tensors[name] = value.ToRowMajorArray();
            return value;
        }
        Vector<double> KeepVector(string name, Vector<double> value)
        {
            tensors[name] = value.ToArray();
            return value;
        }
        Matrix<double> Parameter(string name, int rows) => Keep(name, ToMatrix(batch.Parameters[name], rows));
        Vector<double> ParameterVector(string name) => Parameter(name, 1).Row(0);

        double n = batch.Count;
        Matrix<double> c = Parameter("C", batch.Vocabulary);
        Matrix<double> w1 = Parameter("W1", batch.EmbeddedWidth);
        Vector<double> b1 = ParameterVector("b1");
        Matrix<double> w2 = Parameter("W2", batch.Hidden);
        Vector<double> b2 = ParameterVector("b2");
        Vector<double> bngain = ParameterVector("bngain");
        Vector<double> bnbias = ParameterVector("bnbias");

        // forward
        Matrix<double> emb = Keep("emb", Embed(c, batch.Tokens));
        Matrix<double> embcat = Keep("embcat", Reshape(emb, batch.Count));
        Matrix<double> hprebn = Keep("hprebn", AddBias(embcat * w1, b1));
        Vector<double> bnmeani = KeepVector("bnmeani", hprebn.ColumnSums() / n);
        Matrix<double> bndiff = Keep("bndiff", AddBias(hprebn, -bnmeani));
        Matrix<double> bndiff2 = Keep("bndiff2", bndiff.PointwisePower(2));
        Vector<double> bnvar = KeepVector("bnvar", bndiff2.ColumnSums() / (n - 1));
        Vector<double> bnvarInv = KeepVector("bnvar_inv", (bnvar + LectureBatch.Epsilon).PointwisePower(-0.5));
        Matrix<double> bnraw = Keep("bnraw", ScaleColumns(bndiff, bnvarInv));
        Matrix<double> hpreact = Keep("hpreact", AddBias(ScaleColumns(bnraw, bngain), bnbias));
        Matrix<double> h = Keep("h", Activate(Activation.Tanh, hpreact));
        Matrix<double> logits = Keep("logits", AddBias(h * w2, b2));
        Vector<double> logitMaxes = KeepVector("logit_maxes", RowMaxima(logits));
        Matrix<double> normLogits = Keep("norm_logits", AddColumn(logits, -logitMaxes));
        Matrix<double> counts = Keep("counts", normLogits.PointwiseExp());
        Vector<double> countsSum = KeepVector("counts_sum", counts.RowSums());
        Vector<double> countsSumInv = KeepVector("counts_sum_inv", countsSum.PointwisePower(-1));
        Matrix<double> probs = Keep("probs", ScaleRows(counts, countsSumInv));
        Matrix<double> logprobs = Keep("logprobs", probs.PointwiseLog());
        tensors["loss"] = [-batch.Targets.Select((target, row) => logprobs[row, target]).Average()];

        // backward
        Matrix<double> dlogprobs = Keep("logprobs.grad", OneHot(batch) * (-1 / n));
        Matrix<double> dprobs = Keep("probs.grad", dlogprobs.PointwiseDivide(probs));
        Vector<double> dcountsSumInv = KeepVector("counts_sum_inv.grad", counts.PointwiseMultiply(dprobs).RowSums());
        Vector<double> dcountsSum = KeepVector("counts_sum.grad", -countsSum.PointwisePower(-2).PointwiseMultiply(dcountsSumInv));
        Matrix<double> dcounts = Keep("counts.grad", AddColumn(ScaleRows(dprobs, countsSumInv), dcountsSum));
        Matrix<double> dnormLogits = Keep("norm_logits.grad", counts.PointwiseMultiply(dcounts));
        Vector<double> dlogitMaxes = KeepVector("logit_maxes.grad", -dnormLogits.RowSums());
        Matrix<double> dlogits = Keep("logits.grad", dnormLogits + ScaleRows(LargestOfRow(logits), dlogitMaxes));
        Matrix<double> dh = Keep("h.grad", dlogits * w2.Transpose());
        Keep("W2.grad", h.Transpose() * dlogits);
        KeepVector("b2.grad", dlogits.ColumnSums());
        Matrix<double> dhpreact = Keep("hpreact.grad", ActivateBackward(Activation.Tanh, h, dh));
        KeepVector("bngain.grad", bnraw.PointwiseMultiply(dhpreact).ColumnSums());
        KeepVector("bnbias.grad", dhpreact.ColumnSums());
        Matrix<double> dbnraw = Keep("bnraw.grad", ScaleColumns(dhpreact, bngain));
        Vector<double> dbnvarInv = KeepVector("bnvar_inv.grad", bndiff.PointwiseMultiply(dbnraw).ColumnSums());
        Vector<double> dbnvar = KeepVector(
            "bnvar.grad", -0.5 * (bnvar + LectureBatch.Epsilon).PointwisePower(-1.5).PointwiseMultiply(dbnvarInv));
        Matrix<double> dbndiff2 = Keep("bndiff2.grad", AddBias(bndiff2 * 0, dbnvar / (n - 1)));
        Matrix<double> dbndiff = Keep("bndiff.grad", ScaleColumns(dbnraw, bnvarInv) + (2 * bndiff.PointwiseMultiply(dbndiff2)));
        Vector<double> dbnmeani = KeepVector("bnmeani.grad", -dbndiff.ColumnSums());
        Matrix<double> dhprebn = Keep("hprebn.grad", AddBias(dbndiff, dbnmeani / n));
        Keep("W1.grad", embcat.Transpose() * dhprebn);
        KeepVector("b1.grad", dhprebn.ColumnSums());
        Matrix<double> dembcat = Keep("embcat.grad", dhprebn * w1.Transpose());
        Matrix<double> demb = Keep("emb.grad", Reshape(dembcat, batch.Tokens.Length));
        Keep("C.grad", EmbedBackward(batch.Tokens, demb, batch.Vocabulary));
        return tensors;
    }

    static Matrix<double> ToMatrix(float[] values, int rows) =>
        Matrix<double>.Build.DenseOfRowMajor(rows, values.Length / rows, values.Select(value => (double)value));

    // The same values, row by row, in another number of rows.
    static Matrix<double> Reshape(Matrix<double> x, int rows) =>
        Matrix<double>.Build.DenseOfRowMajor(rows, x.RowCount * x.ColumnCount / rows, x.ToRowMajorArray());

    static Matrix<double> ScaleColumns(Matrix<double> x, Vector<double> scale) => x * Matrix<double>.Build.DiagonalOfDiagonalVector(scale);

    static Matrix<double> ScaleRows(Matrix<double> x, Vector<double> scale) => Matrix<double>.Build.DiagonalOfDiagonalVector(scale) * x;

    static Matrix<double> OneHot(LectureBatch batch) =>
        Matrix<double>.Build.Dense(batch.Count, batch.Vocabulary, (row, v) => v == batch.Targets[row] ? 1 : 0);

    static Matrix<double> LargestOfRow(Matrix<double> x)
    {
        int[] largest = [.. x.EnumerateRows().Select(row => row.MaximumIndex())];
        return Matrix<double>.Build.Dense(x.RowCount, x.ColumnCount, (i, j) => j == largest[i] ? 1 : 0);
    }
}
