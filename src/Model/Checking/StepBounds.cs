using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Model.Checking;

/// <summary>
/// How far the tensors of a checked batch may be from what is expected. A tensor answers for its own step alone: what its operands are off
/// is measured where they are in memory, so that the errors of earlier steps neither raise an alarm in later ones nor hide their faults.
/// </summary>
/// <param name="batch">The parameters and the examples.</param>
/// <param name="expected">What every tensor should be, by name.</param>
sealed class StepBounds(LectureBatch batch, IReadOnlyDictionary<string, double[]> expected)
{
    // The persistent kernel's own values are not in memory. They are off as those of another form are, whose largest deviation in a tensor
    // may by luck be smaller than its own, but hardly by more than this factor; or by more than 1/σ, with which BatchNorm multiplies what
    // it is given, where that is larger than the lecture's 2.
    const double Likeness = 16;
    const double LectureInverse = 2;

    readonly int[] occurrences = RoundingBounds.Occurrences(batch);

    /// <summary>The bounds of a form whose tensors are in memory.</summary>
    /// <param name="actual">Its tensors, by name.</param>
    public IReadOnlyDictionary<string, double[]> Of(IReadOnlyDictionary<string, IReadOnlyList<float>> actual) =>
        RoundingBounds.Of(batch, (name, computed) => actual.TryGetValue(name, out IReadOnlyList<float>? values)
            ? Operand(name, computed, (i, off) => double.IsFinite(Deviation(name, values, i)) ? Deviation(name, values, i) : off)
            : computed);

    /// <summary>The bounds of the persistent kernel, which writes the loss and updates the parameters, and keeps nothing else.</summary>
    /// <param name="alike">The tensors of another form of the same batch, by name.</param>
    /// <param name="bounds">That form's bounds.</param>
    /// <param name="learningRate">The learning rate of the step from whose updates the gradients are taken.</param>
    public IReadOnlyDictionary<string, double[]> OfFused(
        IReadOnlyDictionary<string, IReadOnlyList<float>> alike, IReadOnlyDictionary<string, double[]> bounds, float learningRate)
    {
        double likeness = Likeness * Math.Max(1, expected["bnvar_inv"].Where(double.IsFinite).DefaultIfEmpty().Max() / LectureInverse);

        // Where a batch does not vary, what is expected of the embeddings' gradient is nothing but rounding, and so is what it is off.
        Rounded Like(string name, Rounded computed)
        {
            if (!alike.TryGetValue(name, out IReadOnlyList<float>? values) || name == TensorNames.Gradient("embcat"))
            {
                return computed;
            }
            double most = Enumerable.Range(0, values.Count).Select(i => Deviation(name, values, i)).Where(double.IsFinite)
                .DefaultIfEmpty().Max();
            return Operand(name, computed, (i, _) => bounds[name][i] + (likeness * most));
        }
        var fused = new Dictionary<string, double[]>(RoundingBounds.Of(batch, Like));
        foreach (string parameter in LectureBatch.ParameterNames)
        {
            string name = TensorNames.Gradient(parameter);
            fused[name] = [.. fused[name].Select((off, i) => off + OfUpdate(
                Updates(parameter, i), batch.Parameters[parameter][i], expected[name][i]))];
        }
        return fused;

        // The parameter less the rate times the gradient is rounded, and so is its difference from the parameter over the rate.
        double OfUpdate(int updates, double parameter, double gradient) =>
            (Rounded.Gamma(updates) * Math.Abs(parameter) / learningRate) + (Rounded.Gamma(updates + 2) * Math.Abs(gradient));
    }

    // A row of the embedding table is updated for one occurrence of its token after the other, all other parameters once.
    int Updates(string parameter, int i) => parameter == "C" ? Math.Max(1, occurrences[i / batch.Embedding]) : 1;

    double Deviation(string name, IReadOnlyList<float> actual, int i) => Math.Abs(actual[i] - expected[name][i]);

    // Where what is expected is not finite, what was computed stays.
    Rounded Operand(string name, Rounded computed, Func<int, double, double> off)
    {
        double[] values = expected[name];
        int columns = computed.Value.ColumnCount;
        return new Rounded(
            computed.Value.MapIndexed(
                (i, j, value) => double.IsFinite(values[(i * columns) + j]) ? values[(i * columns) + j] : value, Zeros.Include),
            computed.Bound.MapIndexed((i, j, bound) => off((i * columns) + j, bound), Zeros.Include));
    }
}
