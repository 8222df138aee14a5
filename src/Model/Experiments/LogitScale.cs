namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// What the size of logits does to the loss of a wrong guess: the same few logits times growing factors. Softmax turns differences of
/// logits into ratios of probabilities, so that large logits are certainty, deserved or not.
/// </summary>
/// <param name="Logits">The logits that are scaled.</param>
/// <param name="Target">The class that is right; null where none was given.</param>
/// <param name="Rows">What comes of them, a row for each factor.</param>
sealed record LogitScale(IReadOnlyList<float> Logits, int? Target, IReadOnlyList<ScaledLogits> Rows)
{
    /// <summary>The classes of the lecture's example.</summary>
    public const int Classes = 4;

    /// <summary>The factors of the lecture.</summary>
    public static IReadOnlyList<double> Scales { get; } = [0, 1, 10, 50];

    /// <summary>Scales logits.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="logits">The logits, at least one; null for <see cref="Classes"/> that are drawn.</param>
    /// <param name="uniform">Whether the drawn ones are uniform from 0 to 1, and not normal.</param>
    /// <param name="target">The class that is right, from 0; null for none.</param>
    /// <param name="scales">The factors; null for <see cref="Scales"/>.</param>
    public static LogitScale Run(
        ExperimentContext context, IReadOnlyList<double>? logits = null, bool uniform = false, int? target = null,
        IReadOnlyList<double>? scales = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        float[] values = logits is { } given ? [.. given.Select(logit => (float)logit)]
            : uniform ? context.CreateGenerator().Rand(Classes)
            : context.CreateGenerator().RandN(Classes);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(target ?? 0, values.Length, nameof(target));
        float[] factors = [.. (scales ?? Scales).Select(scale => (float)scale)];
        float[][] losses = Softmax.Losses(
            context.Kernels, [.. factors.SelectMany(factor => values.Select(value => factor * value))], values.Length);
        return new LogitScale(values, target, [.. factors.Zip(losses, (factor, row) => new ScaledLogits(factor, row))]);
    }
}

/// <summary>Logits times a factor.</summary>
/// <param name="Scale">The factor.</param>
/// <param name="Losses">The loss for each class as the target.</param>
sealed record ScaledLogits(float Scale, IReadOnlyList<float> Losses)
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
