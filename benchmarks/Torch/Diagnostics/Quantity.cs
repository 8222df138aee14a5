namespace Makemore.Gpu.Torch.Diagnostics;

/// <summary>A number that both programs give.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Ours">What Makemore.Gpu gives.</param>
/// <param name="Torch">What torch gives.</param>
/// <param name="Difference">How far they are apart.</param>
/// <param name="Tolerance">How far they may be apart.</param>
sealed record Quantity(string Name, double Ours, double Torch, double Difference, double Tolerance)
{
    /// <summary>Whether they are close enough; what is not a number is not.</summary>
    public bool Ok => Difference <= Tolerance;

    /// <summary>Numbers whose difference counts.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="ours">What Makemore.Gpu gives.</param>
    /// <param name="torch">What torch gives.</param>
    /// <param name="tolerance">How far they may be apart.</param>
    public static Quantity Absolute(string name, double ours, double torch, double tolerance) =>
        new(name, ours, torch, Math.Abs(ours - torch), tolerance);

    /// <summary>Numbers whose difference counts by their size.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="ours">What Makemore.Gpu gives.</param>
    /// <param name="torch">What torch gives.</param>
    /// <param name="tolerance">By which part of torch's they may be apart.</param>
    public static Quantity Relative(string name, double ours, double torch, double tolerance) =>
        new(name, ours, torch, ours == torch ? 0 : Math.Abs((ours - torch) / torch), tolerance);
}
