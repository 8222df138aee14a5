using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;
using Pass = Makemore.Gpu.Model.Network.Pass;

namespace Makemore.Gpu.Torch.Diagnostics;

/// <summary>What <see cref="Inspector"/> measures, by torch's own functions.</summary>
/// <param name="network">The network.</param>
/// <param name="step">What gives the gradients.</param>
sealed class TorchInspector(Network network, AutogradStep step)
{
    /// <summary>The bins of the histograms that are compared, as in the lectures' <c>plt.hist(h.view(-1).tolist(), 50)</c>.</summary>
    public const int Bins = 50;

    IEnumerable<Tensor> Matrices => network.Parameters.Where(parameter => parameter.dim() == 2);

    /// <summary>Runs a batch forward and backward, and measures everything.</summary>
    /// <param name="tokens">The contexts of the batch [N·T].</param>
    /// <param name="targets">The tokens to predict [N].</param>
    /// <param name="like">Which layers and matrices to look at.</param>
    public Inspection Inspect(Tensor tokens, Tensor targets, Inspection like)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor loss, IReadOnlyList<Tensor> outputs) = step.ComputeGradients(tokens, targets, Pass.Diagnosis);
        using IDisposable noGradient = no_grad();
        return like with
        {
            Loss = loss.item<float>(),
            Logits = InspectLogits(outputs[^1]),
            Layers = [.. like.Layers.Select(layer => InspectLayer(layer, outputs))],
            Weights =
            [
                .. like.Weights.Zip(Matrices, (weight, matrix) => weight with { Data = Measure(matrix), Gradient = Measure(matrix.grad!) }),
            ],
        };
    }

    /// <summary>
    /// log10 of the next update's standard deviation by that of the values, for each matrix, after <see cref="Inspect"/>.
    /// </summary>
    /// <param name="learningRate">The learning rate.</param>
    public IEnumerable<double> UpdateToData(float learningRate)
    {
        using IDisposable noGradient = no_grad();
        foreach (Tensor matrix in Matrices)
        {
            using DisposeScope scope = NewDisposeScope();
            yield return (learningRate * matrix.grad!.std() / matrix.std()).log10().item<float>();
        }
    }

    static LogitsInspection InspectLogits(Tensor logits) =>
        new([.. logits[0].data<float>()], logits.min().item<float>(), logits.max().item<float>());

    static LayerInspection InspectLayer(LayerInspection like, IReadOnlyList<Tensor> outputs)
    {
        Tensor output = outputs[like.Index];
        Activation? activation = like.Saturation?.Activation;
        return like with
        {
            Input = activation is null ? null : Measure(outputs[like.Index - 1]),
            Output = Measure(output, activation is { } kind ? FlatBounds.RangeOf(kind) : null),
            Gradient = Measure(output.grad!),
            Saturation = activation is { } saturating ? SaturationOf(saturating, like.Index, outputs) : null,
        };
    }

    static Distribution Measure(Tensor x, (double Low, double High)? range = null)
    {
        (Tensor counts, Tensor edges) = histogram(x, Bins, range);
        return new Distribution(
            x.mean().item<float>(), x.std().item<float>(),
            new Histogram(edges[0].item<float>(), edges[-1].item<float>(), [.. counts.data<float>().Select(count => (int)count)]));
    }

    static Saturation SaturationOf(Activation activation, int layer, IReadOnlyList<Tensor> outputs)
    {
        (FlatBounds bounds, FlatBounds dead) = (FlatBounds.Of(activation), FlatBounds.OfDead(activation));
        Tensor source = outputs[dead.AreOfInput ? layer - 1 : layer];
        Tensor isDead = IsFlat(source, dead);
        Tensor deadUnits = isDead.all(0).nonzero().flatten();
        var values = new float[source.shape[0], source.shape[1]];
        Buffer.BlockCopy(source.data<float>().ToArray(), 0, values, 0, sizeof(float) * values.Length);
        return new Saturation(
            activation,
            IsFlat(source, bounds).to_type(ScalarType.Float64).mean().item<double>(),
            isDead.to_type(ScalarType.Float64).mean().item<double>(),
            [.. deadUnits.data<long>().Select(unit => (int)unit)],
            values);
    }

    static Tensor IsFlat(Tensor source, FlatBounds bounds) => source.lt(bounds.Low).logical_or(source.gt(bounds.High));
}
