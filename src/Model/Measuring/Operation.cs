namespace Makemore.Gpu.Model.Measuring;

/// <summary>An operation at one shape, to be measured.</summary>
/// <param name="Name">Its name in the code, as <c>Tanh.Forward</c>.</param>
/// <param name="Shape">The sizes, in the field's notation.</param>
/// <param name="Prepare">Lays its operands on a bench and says how it is run.</param>
sealed record Operation(string Name, string Shape, Func<Bench, Measured> Prepare)
{
    /// <summary>What it takes; null where it is something else than a computation that is measured.</summary>
    public Cost? Cost { get; init; }

    /// <summary>How often one launch does it.</summary>
    public int TimesPerLaunch { get; init; } = 1;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Shape}";
}

/// <summary>The ways to run an operation.</summary>
/// <param name="Launch">Launches it on the accelerator and does not wait.</param>
/// <param name="Reference">Computes it on MathNet, in double; null where MathNet has nothing to compute, or is not compared.</param>
record Measured(Action Launch, Func<object>? Reference = null);
