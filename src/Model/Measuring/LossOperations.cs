using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Measuring;

/// <summary>The loss of a batch with its gradient, its mean, and the penalty for large weights.</summary>
static class LossOperations
{
    const float Coefficient = 0.01f;

    // Two exponentials; the maximum, two differences, a sum and two quotients.
    const int SoftmaxCost = (2 * ElementaryCosts.Exp) + 6;

    /// <summary>The loss of each example, and the gradient of its logits.</summary>
    /// <param name="n">N, the batch.</param>
    /// <param name="v">V, the vocabulary.</param>
    public static Operation LossAndGradient(int n, int v) =>
        new("SoftmaxCrossEntropy.LossAndGradient", $"[{n}, {v}]", bench =>
        {
            Operand<float> logits = bench.Input(n, v);
            Operand<int> targets = bench.Indices(n, below: v);
            Operand<float> losses = bench.Output(n), dLogits = bench.Output(n, v);
            return new(
                () => bench.Kernels.SoftmaxCrossEntropy.LossAndGradient(logits.View, targets.View, v, losses.View, dLogits.View),
                () => ReferenceOperations.SoftmaxCrossEntropy(logits.Matrix, targets.Values));
        })
        {
            Cost = new((double)SoftmaxCost * n * v, (2.0 * n * v) + (2.0 * n), $"{SoftmaxCost}·N·V", "2·N·V + 2·N"),
        };

    /// <summary>The mean loss of a batch.</summary>
    /// <param name="n">N, the batch.</param>
    public static Operation Mean(int n) =>
        new("SoftmaxCrossEntropy.Mean", $"[{n}]", bench =>
        {
            Operand<float> losses = bench.Input(n), record = bench.Output(1);
            Operand<StepState> state = bench.State();
            return new(
                () => bench.Kernels.SoftmaxCrossEntropy.Mean(losses.View, state.View, record.View),
                () => losses.Vector.Sum() / n);
        })
        {
            Cost = new(n, n + 1.0, "N", "N + 1"),
        };

    /// <summary>The penalty of weights, added to the loss.</summary>
    /// <param name="w">W, the weights.</param>
    public static Operation Penalty(int w) =>
        new("L2Penalty.Add", $"[{w}]", bench =>
        {
            Operand<float> weights = bench.Input(w), record = bench.InPlace(1);
            Operand<StepState> state = bench.State();
            return new(() => bench.Kernels.L2Penalty.Add(weights.View, Coefficient, state.View, record.View));
        })
        {
            Cost = new(2.0 * w, w + 2.0, "2·W", "W + 2"),
        };

    /// <summary>The gradient of the penalty, added to that of the weights.</summary>
    /// <param name="w">W, the weights.</param>
    public static Operation PenaltyGradient(int w) =>
        new("L2Penalty.AddGradient", $"[{w}]", bench =>
        {
            Operand<float> weights = bench.Input(w), dWeights = bench.InPlace(w);
            return new(() => bench.Kernels.L2Penalty.AddGradient(weights.View, Coefficient, dWeights.View));
        })
        {
            Cost = new(2.0 * w, 3.0 * w, "2·W", "3·W"),
        };
}
