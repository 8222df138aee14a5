using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Losses;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Checking;

/// <summary>
/// One batch forward and backward on the accelerator in the small steps of the lecture on manual backprop ("exercise 1"). Each tensor
/// has the lecture's name, and its gradient stands beside it.
/// </summary>
static class LectureSteps
{
    /// <summary>Runs the batch.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="batch">The parameters and the examples.</param>
    /// <returns>All tensors by name, in the lecture's shapes; gradients as <c>name.grad</c>.</returns>
    public static IReadOnlyDictionary<string, HostTensor> Run(KernelSet kernels, LectureBatch batch)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(batch);
        (int n, int v, int h, int width) = (batch.Count, batch.Vocabulary, batch.Hidden, batch.EmbeddedWidth);
        const float epsilon = (float)LectureBatch.Epsilon;
        var softmax = new SoftmaxCrossEntropySteps(kernels.Launcher);
        var batchNorm = new BatchNormSteps(kernels.Launcher);

        using var store = new TensorStore(kernels.Launcher, withGradients: true);
        Tensor table = store.Add("C", v, batch.Embedding), w1 = store.Add("W1", width, h), b1 = store.Add("b1", h);
        Tensor w2 = store.Add("W2", h, v), b2 = store.Add("b2", v), gain = store.Add("bngain", 1, h), bias = store.Add("bnbias", 1, h);
        Tensor emb = store.Add("emb", n, batch.Context, batch.Embedding), embcat = store.Add("embcat", n, width);
        Tensor hprebn = store.Add("hprebn", n, h);
        Tensor mean = store.Add("bnmeani", 1, h), difference = store.Add("bndiff", n, h), squares = store.Add("bndiff2", n, h);
        Tensor variance = store.Add("bnvar", 1, h), inverse = store.Add("bnvar_inv", 1, h), raw = store.Add("bnraw", n, h);
        Tensor hpreact = store.Add("hpreact", n, h), activation = store.Add("h", n, h), logits = store.Add("logits", n, v);
        Tensor maxes = store.Add("logit_maxes", n, 1), normLogits = store.Add("norm_logits", n, v), counts = store.Add("counts", n, v);
        Tensor countsSum = store.Add("counts_sum", n, 1), countsSumInverse = store.Add("counts_sum_inv", n, 1);
        Tensor probs = store.Add("probs", n, v), logprobs = store.Add("logprobs", n, v);
        using var results = new TensorStore(kernels.Launcher, withGradients: false);
        Tensor losses = results.Add("losses", n), loss = results.Add("loss");
        foreach ((string name, float[] parameter) in batch.Parameters)
        {
            store.Tensors.Single(tensor => tensor.Name == name).Set(parameter);
        }
        using MemoryBuffer1D<int, Stride1D.Dense> tokens = kernels.Accelerator.Allocate1D(kernels.Stream, batch.Tokens);
        using MemoryBuffer1D<int, Stride1D.Dense> targets = kernels.Accelerator.Allocate1D(kernels.Stream, batch.Targets);
        using MemoryBuffer1D<StepState, Stride1D.Dense> state = kernels.Accelerator.Allocate1D(kernels.Stream, new StepState[1]);

        // forward
        kernels.Embedding.Forward(table.Data, tokens.View, batch.Embedding, emb.Data);
        embcat.Data.CopyFrom(kernels.Stream, emb.Data);
        kernels.MatMul.Multiply(embcat.Data, w1.Data, n, width, h, hprebn.Data);
        kernels.Bias.Add(b1.Data, n, h, hprebn.Data);
        var normValues = new BatchNormIntermediates(mean.Data, difference.Data, squares.Data, variance.Data, inverse.Data, raw.Data);
        batchNorm.Forward(hprebn.Data, gain.Data, bias.Data, epsilon, n, h, normValues, hpreact.Data);
        kernels.Tanh.Forward(hpreact.Data, activation.Data);
        kernels.MatMul.Multiply(activation.Data, w2.Data, n, h, v, logits.Data);
        kernels.Bias.Add(b2.Data, n, v, logits.Data);
        var values = new SoftmaxIntermediates(
            maxes.Data, normLogits.Data, counts.Data, countsSum.Data, countsSumInverse.Data, probs.Data, logprobs.Data);
        softmax.Forward(logits.Data, targets.View, v, values, losses.Data);
        kernels.SoftmaxCrossEntropy.Mean(losses.Data, state.View, loss.Data);

        // backward
        var gradients = new SoftmaxIntermediates(
            maxes.Gradient, normLogits.Gradient, counts.Gradient, countsSum.Gradient, countsSumInverse.Gradient,
            probs.Gradient, logprobs.Gradient);
        softmax.Backward(logits.Data, targets.View, values, v, gradients, logits.Gradient);
        kernels.MatMul.MultiplyRightTransposed(logits.Gradient, w2.Data, n, v, h, activation.Gradient);
        kernels.MatMul.MultiplyLeftTransposed(activation.Data, logits.Gradient, h, n, v, w2.Gradient);
        kernels.Bias.ColumnSums(logits.Gradient, n, v, b2.Gradient);
        kernels.Tanh.Backward(activation.Data, activation.Gradient, hpreact.Gradient);
        var normGradients = new BatchNormIntermediates(
            mean.Gradient, difference.Gradient, squares.Gradient, variance.Gradient, inverse.Gradient, raw.Gradient);
        batchNorm.Backward(
            normValues, gain.Data, hpreact.Gradient, epsilon, n, h, normGradients, hprebn.Gradient, gain.Gradient, bias.Gradient);
        kernels.MatMul.MultiplyLeftTransposed(embcat.Data, hprebn.Gradient, width, n, h, w1.Gradient);
        kernels.Bias.ColumnSums(hprebn.Gradient, n, h, b1.Gradient);
        kernels.MatMul.MultiplyRightTransposed(hprebn.Gradient, w1.Data, n, h, width, embcat.Gradient);
        emb.Gradient.CopyFrom(kernels.Stream, embcat.Gradient);
        kernels.Embedding.Backward(tokens.View, emb.Gradient, batch.Embedding, table.Gradient);

        HostTensor[] tensors =
            [HostTensor.Of(loss), .. store.Tensors.Select(HostTensor.Of), .. store.Tensors.Select(HostTensor.GradientOf)];
        return tensors.ToDictionary(tensor => tensor.Name);
    }
}
