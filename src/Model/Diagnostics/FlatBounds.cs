using System.Globalization;
using Makemore.Gpu.Kernels.Elementwise;

namespace Makemore.Gpu.Model.Diagnostics;

/// <summary>Where an activation is so flat that hardly any gradient passes: beyond two bounds.</summary>
/// <param name="Low">It is flat below.</param>
/// <param name="High">It is flat above.</param>
/// <param name="AreOfInput">Whether the bounds are those of its input x, and not of its output.</param>
/// <param name="Condition">The condition, in a few signs.</param>
sealed record FlatBounds(float Low, float High, bool AreOfInput, string Condition)
{
    const float SmallestNormal = 1.17549435e-38f;

    /// <summary>Whether a value is beyond the bounds.</summary>
    /// <param name="value">The value.</param>
    public bool Contain(float value) => value < Low || value > High;

    /// <summary>
    /// Where an activation counts as saturated: of tanh where |t| is above 0.97 as in the lecture's table, and so where its slope is below
    /// 6 % of its steepest; of sigmoid at the same slope; of relu where its output is 0; of gelu where its input is below -2, where its
    /// slope is below 9 %.
    /// </summary>
    /// <param name="activation">The activation.</param>
    public static FlatBounds Of(Activation activation) => activation switch
    {
        Activation.Tanh => OfTanh(Saturation.Threshold),
        Activation.Sigmoid => OfSigmoid(Saturation.Threshold),
        Activation.Gelu => new(-2, float.PositiveInfinity, AreOfInput: true, "x < -2"),
        _ => OfRelu,
    };

    /// <summary>
    /// Where it counts as dead, if that holds for every example: of tanh where |t| is above 0.99 as in the lecture's map, of sigmoid at the
    /// same slope, of relu where its output is 0, and of gelu where its input is below -3.
    /// </summary>
    /// <param name="activation">The activation.</param>
    public static FlatBounds OfDead(Activation activation) => activation switch
    {
        Activation.Tanh => OfTanh(Saturation.StrongThreshold),
        Activation.Sigmoid => OfSigmoid(Saturation.StrongThreshold),
        Activation.Gelu => new(-3, float.PositiveInfinity, AreOfInput: true, "x < -3"),
        _ => OfRelu,
    };

    /// <summary>The least and the largest output of an activation; null where it is not bounded.</summary>
    /// <param name="activation">The activation.</param>
    public static (float Low, float High)? RangeOf(Activation activation) => activation switch
    {
        Activation.Tanh => (-1, 1),
        Activation.Sigmoid => (0, 1),
        _ => null,
    };

    static FlatBounds OfRelu => new(SmallestNormal, float.PositiveInfinity, AreOfInput: false, "y = 0");

    static FlatBounds OfTanh(float threshold) =>
        new(-threshold, threshold, AreOfInput: false, string.Create(CultureInfo.InvariantCulture, $"|t| > {threshold}"));

    // s = (1 + tanh(x/2)) / 2.
    static FlatBounds OfSigmoid(float threshold)
    {
        (float low, float high) = ((1 - threshold) / 2, (1 + threshold) / 2);
        return new(
            low, high, AreOfInput: false, string.Create(CultureInfo.InvariantCulture, $"s < {low:0.###} or s > {high:0.###}"));
    }
}
