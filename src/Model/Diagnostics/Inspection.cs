using System.Text.Json.Serialization;
using Makemore.Gpu.Kernels.Elementwise;

namespace Makemore.Gpu.Model.Diagnostics;

/// <summary>What a network looks like on one batch of training, with the gradients that the batch gives it.</summary>
/// <param name="Step">The steps that it was trained for; the batch is that of the next one.</param>
/// <param name="Loss">The mean loss of the batch.</param>
/// <param name="Logits">The logits of the batch.</param>
/// <param name="Layers">
/// The layers whose outputs tell how healthy the network is: the activations, or where there is none, the linear ones below the logits.
/// </param>
/// <param name="Weights">Every matrix of parameters.</param>
sealed record Inspection(
    int Step, double Loss, LogitsInspection Logits, IReadOnlyList<LayerInspection> Layers, IReadOnlyList<WeightInspection> Weights)
{
    /// <summary>What a watch would see before the next step.</summary>
    /// <param name="learningRate">The learning rate of that step.</param>
    public WatchedStep Watched(float learningRate) => new(
        Step, learningRate,
        Layers.Where(layer => layer.Saturation is not null).ToDictionary(layer => layer.Index, layer => layer.Saturation!.Share),
        Weights.ToDictionary(weight => weight.Name, weight => learningRate * weight.GradientToData));
}

/// <summary>The logits of a batch: they should start near 0, or the network is sure of wrong characters.</summary>
/// <param name="FirstExample">Those of its first example [V].</param>
/// <param name="Least">The least of all examples.</param>
/// <param name="Largest">The largest of all examples.</param>
sealed record LogitsInspection(IReadOnlyList<float> FirstExample, double Least, double Largest);

/// <summary>The output of a layer.</summary>
/// <param name="Index">The layer's index in the list of layers, from 0, as the lecture counts.</param>
/// <param name="Kind">What it is, by the lecture's name of the class.</param>
/// <param name="Input">What it is given, where it is an activation: the pre-activations.</param>
/// <param name="Output">Its output; the histogram of a bounded activation reaches from its least value to its largest.</param>
/// <param name="Gradient">The gradient of its output.</param>
/// <param name="Saturation">How much of it is saturated, where it is an activation.</param>
sealed record LayerInspection(
    int Index, string Kind, Distribution? Input, Distribution Output, Distribution Gradient, Saturation? Saturation);

/// <summary>The values of an activation where it is so flat that it lets hardly any gradient through.</summary>
/// <param name="Activation">The activation.</param>
/// <param name="Share">The part within <see cref="FlatBounds.Of"/>.</param>
/// <param name="StrongShare">The part within <see cref="FlatBounds.OfDead"/>.</param>
/// <param name="DeadUnits">Units that are within the latter for every example of the batch: they learn nothing from it.</param>
/// <param name="Values">What those bounds are of, the outputs or the inputs [N, H].</param>
sealed record Saturation(
    Activation Activation, double Share, double StrongShare, IReadOnlyList<int> DeadUnits, [property: JsonIgnore] float[,] Values)
{
    /// <summary>The lecture's table counts an output of tanh as saturated above this |t|.</summary>
    public const float Threshold = 0.97f;

    /// <summary>The lecture's map shows an output of tanh as saturated above this |t|.</summary>
    public const float StrongThreshold = 0.99f;

    /// <summary>Whether an output is above the strong threshold.</summary>
    /// <param name="example">The example.</param>
    /// <param name="unit">The unit.</param>
    public bool IsStrong(int example, int unit) => FlatBounds.OfDead(Activation).Contain(Values[example, unit]);
}

/// <summary>A matrix of parameters and its gradient.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Data">The parameters.</param>
/// <param name="Gradient">Their gradient.</param>
sealed record WeightInspection(string Name, int Rows, int Columns, Distribution Data, Distribution Gradient)
{
    /// <summary>The standard deviation of the gradient by that of the parameters.</summary>
    public double GradientToData => Gradient.StandardDeviation / Data.StandardDeviation;
}
