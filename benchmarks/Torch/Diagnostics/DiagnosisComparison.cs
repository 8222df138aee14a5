using Makemore.Gpu.Model.Diagnostics;

namespace Makemore.Gpu.Torch.Diagnostics;

/// <summary>
/// Every number of two diagnoses side by side. Single precision and another order of sums part the two trainings by some 1e-7 in a loss;
/// the tolerances allow for that and for no wrong formula. Recipe naive exceeds them: it is ill-conditioned, and rounding alone parts its
/// runs.
/// </summary>
static class DiagnosisComparison
{
    const double StepLossTolerance = 5e-6;
    const double LossTolerance = 1e-5;
    const double OutputTolerance = 1e-5;

    // Of a standard deviation.
    const double GradientTolerance = 1e-4;

    // Of a histogram's range, for the mean over all values: a value that rounding brings over an edge lies a fiftieth further.
    const double HistogramTolerance = 1e-4;

    /// <summary>Compares two diagnoses.</summary>
    /// <param name="ours">What Makemore.Gpu says.</param>
    /// <param name="torch">What torch says, of as many steps and the same layers and matrices.</param>
    public static IEnumerable<Quantity> Of(Diagnosis ours, Diagnosis torch) =>
    [
        WorstStep(ours.StepLosses, torch.StepLosses),
        Quantity.Absolute("loss of the next batch", ours.Inspection.Loss, torch.Inspection.Loss, StepLossTolerance),
        .. OfLogits(ours.Inspection.Logits, torch.Inspection.Logits),
        .. ours.Inspection.Layers.Zip(torch.Inspection.Layers, OfLayer).SelectMany(quantities => quantities),
        .. ours.Inspection.Weights.Zip(torch.Inspection.Weights, OfWeight).SelectMany(quantities => quantities),
        .. ours.Inspection.Weights.Select((weight, i) => Quantity.Absolute(
            $"{weight.Name}: update to data, log10", ours.UpdateToData[i], torch.UpdateToData[i], GradientTolerance)),
        .. ours.Losses.Select(loss => Quantity.Absolute($"{loss.Key} loss", loss.Value, torch.Losses[loss.Key], LossTolerance)),
    ];

    static Quantity WorstStep(IReadOnlyList<float> ours, IReadOnlyList<float> torch)
    {
        int worst = Enumerable.Range(0, torch.Count).MaxBy(step => Math.Abs(ours[step] - torch[step]));
        return Quantity.Absolute($"loss of step {worst}, the worst", ours[worst], torch[worst], StepLossTolerance);
    }

    static IEnumerable<Quantity> OfLogits(LogitsInspection ours, LogitsInspection torch) =>
    [
        Quantity.Absolute("least logit", ours.Least, torch.Least, OutputTolerance),
        Quantity.Absolute("largest logit", ours.Largest, torch.Largest, OutputTolerance),
    ];

    static IEnumerable<Quantity> OfLayer(LayerInspection ours, LayerInspection torch)
    {
        string layer = $"layer {ours.Index} {ours.Kind}";
        yield return Quantity.Absolute($"{layer}: mean", ours.Output.Mean, torch.Output.Mean, OutputTolerance);
        yield return Quantity.Absolute($"{layer}: std", ours.Output.StandardDeviation, torch.Output.StandardDeviation, OutputTolerance);
        yield return OfHistogram($"{layer}: histogram", ours.Output.Histogram, torch.Output.Histogram);
        if (ours.Saturation is { } saturation)
        {
            (Distribution given, Distribution torchGiven) = (ours.Input!, torch.Input!);
            yield return Quantity.Absolute(
                $"{layer}: mean of input", given.Mean, torchGiven.Mean, OutputTolerance * torchGiven.StandardDeviation);
            yield return Quantity.Relative(
                $"{layer}: std of input", given.StandardDeviation, torchGiven.StandardDeviation, OutputTolerance);
            // A value that is no further from a bound than its tolerance may be on either side of it. 0 is exact.
            FlatBounds bounds = FlatBounds.Of(saturation.Activation);
            int close = torch.Saturation!.Values.Cast<float>().Count(value =>
                value != 0 && Math.Min(Math.Abs(value - bounds.Low), Math.Abs(value - bounds.High)) <= OutputTolerance);
            yield return Quantity.Absolute(
                $"{layer}: saturated share", saturation.Share, torch.Saturation.Share, (double)close / torch.Saturation.Values.Length);
            yield return Quantity.Absolute($"{layer}: dead units", saturation.DeadUnits.Count, torch.Saturation.DeadUnits.Count, 0);
        }
        foreach (Quantity quantity in OfGradient($"{layer}: gradient", ours.Gradient, torch.Gradient))
        {
            yield return quantity;
        }
    }

    static IEnumerable<Quantity> OfWeight(WeightInspection ours, WeightInspection torch) =>
    [
        Quantity.Relative($"{ours.Name}: std", ours.Data.StandardDeviation, torch.Data.StandardDeviation, GradientTolerance),
        .. OfGradient($"{ours.Name}: gradient", ours.Gradient, torch.Gradient),
        Quantity.Relative($"{ours.Name}: gradient to data", ours.GradientToData, torch.GradientToData, GradientTolerance),
    ];

    static IEnumerable<Quantity> OfGradient(string name, Distribution ours, Distribution torch) =>
    [
        Quantity.Absolute($"{name} mean", ours.Mean, torch.Mean, GradientTolerance * torch.StandardDeviation),
        Quantity.Relative($"{name} std", ours.StandardDeviation, torch.StandardDeviation, GradientTolerance),
        OfHistogram($"{name} histogram", ours.Histogram, torch.Histogram),
    ];

    // How far the values would have to be shifted to make one histogram of the other: the sum of the differences between all cumulative
    // counts.
    static Quantity OfHistogram(string name, Histogram ours, Histogram torch)
    {
        (int before, double distance) = (0, 0);
        foreach ((int left, int right) in ours.Counts.Zip(torch.Counts))
        {
            before += left - right;
            distance += Math.Abs(before);
        }
        int count = torch.Counts.Sum();
        return new Quantity(name, ours.Counts.Sum(), count, distance / (torch.Counts.Count * (double)count), HistogramTolerance);
    }
}
