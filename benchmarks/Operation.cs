namespace Makemore.Gpu.Benchmarks;

/// <summary>An operation at one shape: what a row of the results is about.</summary>
/// <param name="Name">Its name in the code, as <c>Tanh.Forward</c>.</param>
/// <param name="Shape">The sizes, in the field's notation.</param>
/// <param name="Prepare">Lays its operands on a bench and says how it is run.</param>
public sealed record Operation(string Name, string Shape, Func<Bench, Measured> Prepare)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Shape}";
}

/// <summary>The ways to run an operation.</summary>
/// <param name="Launch">Launches it on the accelerator and does not wait.</param>
/// <param name="Reference">Computes it on MathNet, in double; null where MathNet has nothing to compute.</param>
/// <param name="Algorithms">Launches what ILGPU.Algorithms has in its place; null where it is not compared with it.</param>
public sealed record Measured(Action Launch, Func<object>? Reference = null, Action? Algorithms = null);
