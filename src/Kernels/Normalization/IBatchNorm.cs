using ILGPU;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>One form of the kernels of <see cref="BatchNorm"/>, which says what the methods do and has checked their arguments.</summary>
interface IBatchNorm
{
    /// <summary><see cref="BatchNorm.Forward"/>.</summary>
    void Forward(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, BatchNormConstants constants, int batch, int features,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> runningMean, ArrayView<float> runningSpread);

    /// <summary><see cref="BatchNorm.ForwardFixed"/>.</summary>
    void ForwardFixed(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> spread,
        BatchNormConstants constants, int batch, int features, ArrayView<float> y);

    /// <summary><see cref="BatchNorm.Backward"/>.</summary>
    void Backward(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain, ArrayView<float> dy, int batch, int features,
        ArrayView<float> dx, ArrayView<float> dGain, ArrayView<float> dBias);

    /// <summary><see cref="BatchNorm.Moments"/>.</summary>
    void Moments(ArrayView<float> x, int batch, int features, ArrayView<float> mean, ArrayView<float> squares);
}
