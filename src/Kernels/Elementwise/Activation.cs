namespace Makemore.Gpu.Kernels.Elementwise;

/// <summary>What follows a linear layer, value by value.</summary>
public enum Activation
{
    /// <summary>Nothing: y = x.</summary>
    None = 0,

    /// <summary>y = tanh(x): see <see cref="Elementwise.Tanh"/>.</summary>
    Tanh = 1,
}
