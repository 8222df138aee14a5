using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Algorithms;
using Makemore.Gpu.Kernels.Lanes;
using Makemore.Gpu.Kernels.Operations;
using Makemore.Gpu.Kernels.Tiles;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// A layer of a batch of one vector by a warp, four features at a time: from the product to the activation, and back, everything stays in registers.
/// A quarter of the warp has a feature, and each of its eight threads four of the examples. The mathematics is that of
/// <see cref="NormaliseForward"/>, <see cref="NormaliseBackward"/> and the other tile operations, but for the variance, which is summed from the
/// differences to the mean: they are at hand.
/// </summary>
/// <param name="Layer">The layer.</param>
/// <param name="Constants">The constants of its normalisation.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="Scratch">The scratch of the batch.</param>
/// <param name="Batch">N, at least 2 where there is a normalisation.</param>
readonly record struct WarpLayer(FusedLayer Layer, BatchNormConstants Constants, ViewMemory Parameters, ViewMemory Scratch, int Batch)
{
    const int QuarterThreads = WarpLanes.Lanes / Float4.Count;

    static int Quarter => WarpLanes.Thread / QuarterThreads;

    // The thread's first example.
    static int Example => WarpLanes.Thread % QuarterThreads * Float4.Count;

    // 1 for each of the thread's examples, and 0 for padding.
    Float4 Ones => Float4.Ones(Batch - Example);

    /// <summary>Bias, normalisation and tanh of four features.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="z">Their linear map without the bias.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Forward(int first, Float4 z)
    {
        int feature = first + Quarter;
        if (Layer.Bias != FusedLayer.None)
        {
            z += Float4.Broadcast(Parameters.Read(Layer.Bias + feature));
        }
        if (Layer.Gain != FusedLayer.None)
        {
            Float4 ones = Ones;
            float mean = SumQuarter((ones * z).Sum) * (1f / Batch);
            z -= Float4.Broadcast(mean);
            Float4 difference = ones * z;
            float variance = SumQuarter((difference * difference).Sum) * (1f / (Batch - 1));
            float inverse = 1f / XMath.Sqrt(variance + Constants.Epsilon);
            z *= Float4.Broadcast(inverse);
            Store(Layer.Z, feature, z);
            StoreStatistics(feature, mean, variance, inverse);
            z = Float4.MultiplyAdd(Parameters.Read(Layer.Gain + feature), z, Float4.Broadcast(Parameters.Read(Layer.Shift + feature)));
        }
        Store(Layer.Y, feature, Layer.HasTanh == 0 ? z : Tanh(z));
    }

    /// <summary>From the gradient of four features' results to that of their linear map; their small parameters move.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="dy">The gradient of their results, 0 in the padding.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <returns>The gradient of their linear map, 0 in the padding.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 Backward(int first, Float4 dy, float learningRate)
    {
        int feature = first + Quarter;
        if (Layer.HasTanh != 0)
        {
            Float4 y = Load(Layer.Y, feature);
            dy *= Float4.Broadcast(1f) - (y * y);
        }
        if (Layer.Gain != FusedLayer.None)
        {
            Float4 normalised = Load(Layer.Z, feature);
            float scale = Parameters.Read(Layer.Gain + feature) * Scratch.Read(Layer.InverseDeviation + feature);
            float dBias = SumQuarter(dy.Sum);
            float dGain = SumQuarter((dy * normalised).Sum);
            Float4 offset = Float4.Broadcast(scale * dBias * (-1f / Batch));
            Float4 slope = Float4.MultiplyAdd(scale * dGain * (-1f / (Batch - 1)), normalised, offset);
            dy = Ones * Float4.MultiplyAdd(scale, dy, slope);
            Move(Layer.Gain, feature, dGain, learningRate);
            Move(Layer.Shift, feature, dBias, learningRate);
        }
        if (Layer.Bias != FusedLayer.None)
        {
            Move(Layer.Bias, feature, SumQuarter(dy.Sum), learningRate);
        }
        return dy;
    }

    /// <summary>Reads four features' gradient.</summary>
    /// <param name="first">The first of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 LoadGradient(int first) => Load(Layer.DZ, first + Quarter);

    /// <summary>Writes four features' gradient.</summary>
    /// <param name="first">The first of them.</param>
    /// <param name="gradient">The gradient.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreGradient(int first, Float4 gradient) => Store(Layer.DZ, first + Quarter, gradient);

    // Over the eight threads of a quarter.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float SumQuarter(float value)
    {
        value += Warp.ShuffleXor(value, 4);
        value += Warp.ShuffleXor(value, 2);
        return value + Warp.ShuffleXor(value, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4 Tanh(Float4 x) => new(Tanh(x.X), Tanh(x.Y), Tanh(x.Z), Tanh(x.W));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float Tanh(float x) => LaneMath.Tanh(Scalar.Broadcast(x)).Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    Float4 Load(int place, int feature) => Scratch.From(place + (feature * WarpLanes.Lanes) + Example).Fours[0];

    // The rows of the padding are another's, or nobody's.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Store(int place, int feature, Float4 values)
    {
        if (feature < Layer.Outputs)
        {
            ArrayView<Float4> target = Scratch.From(place + (feature * WarpLanes.Lanes) + Example).Fours;
            target[0] = values;
        }
    }

    // One of a quarter's threads does this for all.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void StoreStatistics(int feature, float mean, float variance, float inverse)
    {
        if (Example == 0 && feature < Layer.Outputs)
        {
            float spread = Constants.Spread == RunningSpread.StandardDeviation ? XMath.Sqrt(variance) : variance;
            float rest = 1f - Constants.Momentum;
            Scratch.Write(Layer.InverseDeviation + feature, inverse);
            Parameters.Write(Layer.Mean + feature, (rest * Parameters.Read(Layer.Mean + feature)) + (Constants.Momentum * mean));
            Parameters.Write(Layer.Spread + feature, (rest * Parameters.Read(Layer.Spread + feature)) + (Constants.Momentum * spread));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Move(int place, int feature, float gradient, float learningRate)
    {
        // The quarter's other threads may still have to read it.
        Warp.Barrier();
        if (Example == 0 && feature < Layer.Outputs)
        {
            Parameters.Write(place + feature, Parameters.Read(place + feature) - (learningRate * gradient));
        }
    }
}
