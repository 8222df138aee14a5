using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// A layer by a group of four warps, for a batch that fits the lanes of one warp. The group computes the GEMM of four features; then each
/// warp has one feature and each thread one example, which stays in a register from the GEMM to the activation, and back.
/// </summary>
/// <remarks>
/// The mathematics is that of <see cref="TileBatchNormForward"/>, <see cref="TileBatchNormBackward"/> and the other tile operations. The
/// variance alone is summed from the differences to the mean, in two passes: they are in registers.
/// </remarks>
/// <param name="Layer">The layer.</param>
/// <param name="Feature">The warp's feature; beyond the layer's, nothing is written.</param>
/// <param name="Constants">The constants of the normalization.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="Scratch">The scratch of the batch.</param>
/// <param name="Shape">The sizes; N is at least 2 where there is a normalization.</param>
readonly record struct WarpGroupLayer(
    FusedLayer Layer, int Feature, BatchNormConstants Constants, ViewMemory Parameters, ViewMemory Scratch, FusedShape Shape)
{
    /// <summary>Warps of a group, and features that it computes at a time.</summary>
    public const int Warps = 4;

    bool IsWithin => Feature < Layer.Outputs;

    // 1 for an example, 0 for padding.
    float One => WarpLanes.Thread < Shape.Batch ? 1f : 0f;

    /// <summary>
    /// What a forward pass needs of the feature's parameters. Loaded before the GEMM, which hides their latency.
    /// </summary>
    /// <param name="Bias">The linear map's bias, or 0.</param>
    /// <param name="Gain">The normalization's gain.</param>
    /// <param name="Shift">Its bias.</param>
    /// <param name="RunningMean">The running mean.</param>
    /// <param name="RunningVariance">The running variance or standard deviation.</param>
    public readonly record struct ForwardValues(float Bias, float Gain, float Shift, float RunningMean, float RunningVariance);

    /// <summary>What a backward pass needs of what the forward pass left.</summary>
    /// <param name="Source">What the slope of the thread's activation comes from.</param>
    /// <param name="Normalized">Its normalized value.</param>
    /// <param name="Inverse">r, the reciprocal of its deviation.</param>
    /// <param name="Gain">The normalization's gain.</param>
    /// <param name="Shift">Its bias.</param>
    /// <param name="Bias">The linear map's bias.</param>
    public readonly record struct BackwardValues(float Source, float Normalized, float Inverse, float Gain, float Shift, float Bias);

    /// <summary>Reads what <see cref="Forward"/> needs.</summary>
    public ForwardValues LoadForward() => new(
        Parameter(Layer.Bias, Layer.Bias), Parameter(Layer.Gain, Layer.Gain), Parameter(Layer.Gain, Layer.Shift),
        Parameter(Layer.Gain, Layer.RunningMean), Parameter(Layer.Gain, Layer.RunningVariance));

    /// <summary>Bias, normalization and activation.</summary>
    /// <param name="z">The linear map without the bias.</param>
    /// <param name="own">The feature's parameters.</param>
    public void Forward(float z, ForwardValues own)
    {
        z += own.Bias;
        if (Layer.Gain != FusedLayer.None)
        {
            float mean = WarpLanes.SumThreads(One * z) * Shape.MeanFactor;
            z -= mean;
            Scalar variance = Scalar.Broadcast(WarpLanes.SumThreads(One * z * z) * Shape.VarianceFactor);
            float inverse = Constants.InverseDeviation(variance).First;
            z *= inverse;
            Store(Layer.Z, z);
            StoreStatistics(own, mean, variance, inverse);
            z = (own.Gain * z) + own.Shift;
        }
        if (Layer.PreActivation != Layer.Y)
        {
            Store(Layer.PreActivation, z);
        }
        Store(Layer.Y, ActivationMath.Value(Layer.Activation, Scalar.Broadcast(z)).First);
    }

    /// <summary>Reads what <see cref="Backward"/> needs.</summary>
    public BackwardValues LoadBackward()
    {
        bool isNormalized = Layer.Gain != FusedLayer.None;
        return new(
            Layer.Activation == Activation.None ? 0f : Scratch.Read(Index(Layer.PreActivation)),
            isNormalized ? Scratch.Read(Index(Layer.Z)) : 0f,
            isNormalized ? Scratch.Read(Layer.InverseDeviation + Feature) : 0f, Parameter(Layer.Gain, Layer.Gain),
            Parameter(Layer.Gain, Layer.Shift), Parameter(Layer.Bias, Layer.Bias));
    }

    /// <summary>
    /// From the gradient of the feature's result to that of its linear map; applies the gradients of its small parameters.
    /// </summary>
    /// <param name="dy">The gradient of the result, 0 in the padding.</param>
    /// <param name="own">What the forward pass left.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <returns>The gradient of the linear map, 0 in the padding.</returns>
    public float Backward(float dy, BackwardValues own, float learningRate)
    {
        if (Layer.Activation != Activation.None)
        {
            dy *= ActivationMath.Slope(Layer.Activation, Scalar.Broadcast(own.Source)).First;
        }
        if (Layer.Gain != FusedLayer.None)
        {
            float dBias = WarpLanes.SumThreads(dy);
            float dGain = WarpLanes.SumThreads(dy * own.Normalized);
            float scale = own.Gain * own.Inverse;
            float offset = -scale * dBias * Shape.MeanFactor;
            float slope = -scale * dGain * Shape.VarianceFactor * Constants.SlopeFactor(Scalar.Broadcast(own.Inverse)).First;
            dy = One * ((scale * dy) + ((slope * own.Normalized) + offset));
            ApplyGradient(Layer.Gain, own.Gain, dGain, Layer.L2.Gain, learningRate);
            ApplyGradient(Layer.Shift, own.Shift, dBias, Layer.L2.Shift, learningRate);
        }
        if (Layer.Bias != FusedLayer.None)
        {
            ApplyGradient(Layer.Bias, own.Bias, WarpLanes.SumThreads(dy), Layer.L2.Bias, learningRate);
        }
        return dy;
    }

    /// <summary>Reads the thread's gradient.</summary>
    public float LoadGradient() => Scratch.Read(Index(Layer.DZ));

    /// <summary>Writes the thread's gradient.</summary>
    /// <param name="gradient">The gradient.</param>
    public void StoreGradient(float gradient) => Store(Layer.DZ, gradient);

    int Index(int matrix) => matrix + (Feature * WarpLanes.Lanes) + WarpLanes.Thread;

    float Parameter(int group, int offset) => group == FusedLayer.None ? 0f : Parameters.Read(offset + Feature);

    void Store(int matrix, float value)
    {
        if (IsWithin)
        {
            Scratch.Write(Index(matrix), value);
        }
    }

    // One thread writes for all.
    void StoreStatistics(ForwardValues own, float mean, Scalar variance, float inverse)
    {
        if (WarpLanes.Thread == 0 && IsWithin)
        {
            float statistic = Constants.ToStored(variance).First;
            float rest = 1f - Constants.Momentum;
            Scratch.Write(Layer.InverseDeviation + Feature, inverse);
            Parameters.Write(Layer.RunningMean + Feature, (rest * own.RunningMean) + (Constants.Momentum * mean));
            Parameters.Write(Layer.RunningVariance + Feature, (rest * own.RunningVariance) + (Constants.Momentum * statistic));
        }
    }

    void ApplyGradient(int offset, float parameter, float gradient, float l2, float learningRate)
    {
        if (WarpLanes.Thread == 0 && IsWithin)
        {
            Parameters.Write(offset + Feature, (FusedL2.Decay(l2, learningRate) * parameter) - (learningRate * gradient));
        }
    }
}
