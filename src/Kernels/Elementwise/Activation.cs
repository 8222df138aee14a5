namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>What follows a linear layer, value by value: see <see cref="ActivationFunction"/>.</summary>
public enum Activation
{
    /// <summary>Nothing: y = x.</summary>
    None = 0,

    /// <summary>y = tanh(x).</summary>
    Tanh = 1,

    /// <summary>y = max(0, x).</summary>
    Relu = 2,

    /// <summary>y = 1 / (1 + e^-x).</summary>
    Sigmoid = 3,

    /// <summary>y = x·Φ(x), Φ the distribution function of the standard normal distribution.</summary>
    Gelu = 4,
}

/// <summary>What kernels, layers and the reference need to know of an activation.</summary>
static class ActivationExtensions
{
    /// <summary>Whether the slope dy/dx is computed from the input x, and not from the output y, which would not tell it.</summary>
    /// <param name="activation">The activation.</param>
    public static bool SlopeTakesInput(this Activation activation) => activation == Activation.Gelu;
}
