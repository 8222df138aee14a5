namespace Makemore.Gpu.Model.Training;

/// <summary>Why a loss is no longer a number.</summary>
enum DivergenceCause
{
    /// <summary>A feature did not vary over a batch, and a BatchNorm whose ε is 0 divided by 0.</summary>
    FlatFeature,

    /// <summary>The weights were drawn so large that the first losses are far above those of equal guesses.</summary>
    Scales,

    /// <summary>The L2 loss of a tensor is so large that each update makes the tensor larger.</summary>
    Penalty,

    /// <summary>The updates are too large.</summary>
    LearningRate,
}

/// <summary>The loss is no longer a number: training cannot go on. The message tells the cause and what to try.</summary>
public sealed class DivergedException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="cause">Why.</param>
    /// <param name="message">One line.</param>
    internal DivergedException(int step, DivergenceCause cause, string message)
        : base(message) => (Step, Cause) = (step, cause);

    /// <summary>The step, from 0.</summary>
    public int Step { get; }

    /// <summary>Why.</summary>
    internal DivergenceCause Cause { get; }

    /// <summary>The first value of the step, or of the one before, that was not finite; null where it was not found.</summary>
    internal NonFiniteValue? First { get; init; }
}
