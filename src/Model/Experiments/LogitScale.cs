namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// What the size of logits does to the loss of a wrong guess: the same four logits, drawn once, times growing factors. Softmax turns
/// differences of logits into ratios of probabilities, so that large logits are certainty, deserved or not.
/// </summary>
/// <param name="Logits">The logits that are scaled.</param>
/// <param name="Rows">What comes of them, a row for each factor.</param>
public sealed record LogitScale(IReadOnlyList<float> Logits, IReadOnlyList<ScaledLogits> Rows)
{
    /// <summary>The classes of the lecture's example.</summary>
    public const int Classes = 4;

    /// <summary>The factors.</summary>
    public static IReadOnlyList<float> Scales { get; } = [0, 1, 10, 50];

    /// <summary>Draws logits and scales them.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    public static LogitScale Run(ExperimentContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        float[] logits = context.CreateGenerator().RandN(Classes);
        float[] scaled = [.. Scales.SelectMany(scale => logits.Select(logit => scale * logit))];
        float[][] losses = Softmax.Losses(context.Kernels, scaled, Classes);
        return new LogitScale(logits, [.. Scales.Zip(losses, (scale, row) => new ScaledLogits(scale, row))]);
    }
}

/// <summary>Logits times a factor.</summary>
/// <param name="Scale">The factor.</param>
/// <param name="Losses">The loss for each class as the target.</param>
public sealed record ScaledLogits(float Scale, IReadOnlyList<float> Losses)
{
    /// <summary>The probability of each class.</summary>
    public IReadOnlyList<double> Probabilities => [.. Losses.Select(loss => Math.Exp(-loss))];

    /// <summary>The loss where the class with the largest logit is the target.</summary>
    public float LossOfLikeliest => Losses.Min();

    /// <summary>The loss where the class with the least logit is the target.</summary>
    public float LossOfUnlikeliest => Losses.Max();

    /// <summary>The mean loss where every class is as often the target: what an untrained network must expect.</summary>
    public double MeanLoss => Losses.Average(loss => (double)loss);
}
