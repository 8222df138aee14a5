using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Numerics;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>The activation that is chosen while the kernel runs, the same for all threads.</summary>
static class ActivationMath
{
    /// <summary>y from x.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="x">x.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(Activation activation, T x)
        where T : unmanaged, ILanes<T> => activation switch
        {
            Activation.Tanh => Tanh.Value(x),
            Activation.Relu => Relu.Value(x),
            Activation.Sigmoid => Sigmoid.Value(x),
            Activation.Gelu => Gelu.Value(x),
            _ => x,
        };

    /// <summary>dy/dx.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="source">The output y; or the input x, where <see cref="ActivationExtensions.SlopeTakesInput"/> says so.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(Activation activation, T source)
        where T : unmanaged, ILanes<T> => activation switch
        {
            Activation.Tanh => Tanh.Slope(source),
            Activation.Relu => Relu.Slope(source),
            Activation.Sigmoid => Sigmoid.Slope(source),
            Activation.Gelu => Gelu.Slope(source),
            _ => T.Broadcast(1f),
        };
}

/// <summary>y = tanh(x), dy/dx = 1 - y².</summary>
static class Tanh
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(T x)
        where T : unmanaged, ILanes<T> => LaneMath.Tanh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T source)
        where T : unmanaged, ILanes<T> => T.Broadcast(1f) - (source * source);
}

/// <summary>y = max(0, x), dy/dx = 1 where y is above 0, else 0. NaN stays NaN, and gets no gradient, as in PyTorch.</summary>
static class Relu
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(T x)
        where T : unmanaged, ILanes<T> => T.Max(default, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T source)
        where T : unmanaged, ILanes<T> => T.Select(default(T) - source, default, T.Broadcast(1f), default);
}

/// <summary>y = 1 / (1 + e^-x), dy/dx = y·(1 - y).</summary>
static class Sigmoid
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(T x)
        where T : unmanaged, ILanes<T>
    {
        T one = T.Broadcast(1f);
        return one / (one + LaneMath.Exp(default(T) - x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T source)
        where T : unmanaged, ILanes<T> => source * (T.Broadcast(1f) - source);
}

/// <summary>
/// y = x·Φ(x) with Φ(x) = (1 + erf(x/√2)) / 2, and dy/dx = Φ(x) + x·e^(-x²/2)/√(2π) (D. Hendrycks and K. Gimpel, "Gaussian error linear
/// units", 2016).
/// </summary>
static class Gelu
{
    const float Root = 0.707106781f;
    const float Density = 0.398942280f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value<T>(T x)
        where T : unmanaged, ILanes<T> => x * Distribution(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Slope<T>(T source)
        where T : unmanaged, ILanes<T>
    {
        // Beyond 15 the density is 0, and infinity times it would be NaN.
        T x = T.Clamp(source, T.Broadcast(-15f), T.Broadcast(15f));
        T density = T.Broadcast(Density) * LaneMath.Exp(T.Broadcast(-0.5f) * x * x);
        return T.MultiplyAdd(x, density, Distribution(x));
    }

    static T Distribution<T>(T x)
        where T : unmanaged, ILanes<T> => T.MultiplyAdd(LaneMath.Erf(x * T.Broadcast(Root)), T.Broadcast(0.5f), T.Broadcast(0.5f));
}
