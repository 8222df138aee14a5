namespace Makemore.Gpu.Model;

/// <summary>The form of a step. The mathematics is the same in both.</summary>
public enum StepForm
{
    /// <summary>The faster one of the two, by the sizes of the network and the device.</summary>
    Auto,

    /// <summary>A launch for each operation.</summary>
    Layered,

    /// <summary>Many steps in one launch.</summary>
    Fused,
}

/// <summary>How a model is trained, where it is not as its recipe says.</summary>
public sealed record TrainingOptions
{
    /// <summary>
    /// The step to train to, counted from the model's first; null for the lectures' 200,000, or 40 passes over the examples where that is
    /// fewer.
    /// </summary>
    public int? Steps { get; init; }

    /// <summary>The first step at the recipe's final learning rate; null for its part of the steps that it takes by default.</summary>
    public int? DropAt { get; init; }

    /// <summary>The form of a step.</summary>
    public StepForm Form { get; init; }

    /// <summary>Every how many steps the loss of the dev split is measured; null for never.</summary>
    public int? EvaluateEvery { get; init; }
}

/// <summary>How far a training is. Each report is an object of its own, and may be kept.</summary>
/// <param name="StepsDone">The steps that are done.</param>
/// <param name="Steps">The step at which training ends.</param>
/// <param name="Losses">The losses of the steps since the last report, each the mean over its batch.</param>
/// <param name="LearningRate">The learning rate of these steps.</param>
/// <param name="DevLoss">The loss of the dev split before these steps; null where it was not measured.</param>
/// <param name="StepsPerSecond">The speed so far; 0 before the second launch.</param>
public sealed record TrainingProgress(
    int StepsDone, int Steps, IReadOnlyList<float> Losses, float LearningRate, double? DevLoss, double StepsPerSecond);

/// <summary>What a training has given.</summary>
/// <param name="StepsDone">The steps that the model was trained for, in all its trainings.</param>
/// <param name="Losses">The losses of the steps of this training.</param>
/// <param name="StepsPerSecond">The speed, without the first launch, which compiles.</param>
public sealed record TrainingResult(int StepsDone, IReadOnlyList<float> Losses, double StepsPerSecond);

/// <summary>The mean losses of a model over the three splits of its names.</summary>
/// <param name="Train">Of what it was trained on.</param>
/// <param name="Dev">Of what settings are chosen by.</param>
/// <param name="Test">Of what is evaluated in the end.</param>
public sealed record SplitLosses(double Train, double Dev, double Test);
