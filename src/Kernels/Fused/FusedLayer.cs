using Makemore.Gpu.Kernels.Elementwise;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// One linear layer, what follows it, and where all of that lies: a line of the layer table. Integers of "Parameters" are offsets into the
/// buffer of parameters, those of "Scratch" offsets into the scratch of a batch, whose padded size is P.
/// </summary>
/// <param name="Inputs">Features that it takes.</param>
/// <param name="Outputs">Features that it gives.</param>
/// <param name="Weight">Parameters: W [outputs, inputs], rows padded.</param>
/// <param name="WeightRow">From a row of W to the next.</param>
/// <param name="Bias">Parameters: b [outputs]; <see cref="None"/> without one.</param>
/// <param name="Gain">
/// Parameters: the normalization's gain [outputs, padded], and behind it its bias, the running mean, and the running variance or standard
/// deviation; <see cref="None"/> without a normalization.
/// </param>
/// <param name="PaddedOutputs">From one of these to the next.</param>
/// <param name="Activation">What follows at last.</param>
/// <param name="Z">Scratch: the linear map's result [outputs, P]; normalized in place.</param>
/// <param name="PreActivation">
/// Scratch: what the activation is given [outputs, P]. It is Y itself where the activation's gradient comes from its output, which then
/// takes this place; with a normalization it lies apart from Z.
/// </param>
/// <param name="Y">Scratch: the layer's result [outputs, P].</param>
/// <param name="Rows">
/// Scratch: the transpose of Y [P, outputs], rows padded, which the next layer's dW reads; <see cref="None"/> where that reads Y.
/// </param>
/// <param name="RowStride">From a row of it to the next.</param>
/// <param name="DZ">Scratch: the gradient of Y, then of Z [outputs, P].</param>
/// <param name="InverseDeviation">Scratch: r, rstd of the batch [outputs].</param>
/// <param name="L2">The L2 loss of its parameters.</param>
/// <param name="L2Losses">
/// Scratch: that part of the loss: the bias's, the gain's, the shift's, and the weights', a value for each block of features.
/// </param>
readonly record struct FusedLayer(
    int Inputs, int Outputs, int Weight, int WeightRow, int Bias, int Gain, int PaddedOutputs, Activation Activation,
    int Z, int PreActivation, int Y, int Rows, int RowStride, int DZ, int InverseDeviation, FusedL2 L2, int L2Losses)
{
    /// <summary>The offset of what a layer does not have.</summary>
    public const int None = -1;

    /// <summary>Values of <see cref="L2Losses"/> before the weights'.</summary>
    public const int VectorL2Losses = 3;

    /// <summary>Parameters: the normalization's bias.</summary>
    public int Shift => Gain + PaddedOutputs;

    /// <summary>Parameters: the running mean.</summary>
    public int RunningMean => Gain + (2 * PaddedOutputs);

    /// <summary>Parameters: the running variance or standard deviation.</summary>
    public int RunningVariance => Gain + (3 * PaddedOutputs);
}

/// <summary>The L2 loss of a layer's parameters: the coefficient of each one's sum of squares, which the loss holds; 0 for none.</summary>
/// <param name="Weight">λ of ΣW².</param>
/// <param name="Bias">λ of Σb².</param>
/// <param name="Gain">λ of the normalization's gain.</param>
/// <param name="Shift">λ of the normalization's bias.</param>
readonly record struct FusedL2(float Weight, float Bias, float Gain, float Shift)
{
    /// <summary>1 - learning rate · 2λ: what the gradient of λ·Σw² leaves of w in a step.</summary>
    /// <param name="l2">λ.</param>
    /// <param name="learningRate">The learning rate.</param>
    internal static float Decay(float l2, float learningRate) => 1f - (2f * l2 * learningRate);
}
