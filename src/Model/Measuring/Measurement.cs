namespace Makemore.Gpu.Model.Measuring;

/// <summary>How long an operation takes.</summary>
/// <param name="Name">Its name in the code, as <c>Tanh.Forward</c>.</param>
/// <param name="Shape">The sizes, in the field's notation.</param>
/// <param name="Cost">What it takes.</param>
/// <param name="Seconds">The median time of one of many launches in a row, operands and results staying on the accelerator.</param>
sealed record Measurement(string Name, string Shape, Cost Cost, double Seconds)
{
    /// <summary>Billions of floating-point operations a second.</summary>
    public double Gigaflops => Cost.Flops / Seconds / 1e9;

    /// <summary>Billions of bytes a second.</summary>
    public double Gigabytes => Cost.Bytes / Seconds / 1e9;
}
