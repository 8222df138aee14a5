using System.Globalization;

namespace Makemore.Gpu.Model.Training;

/// <summary>From what is known of a loss that is no number to its cause, and to advice: nowhere else is any given.</summary>
/// <param name="Step">The step, from 0.</param>
/// <param name="Loss">Its loss.</param>
/// <param name="FirstLoss">The loss of step 0.</param>
/// <param name="Vocabulary">V.</param>
/// <param name="Flat">The features that did not vary over its batch; null where all did.</param>
readonly record struct Divergence(int Step, float Loss, float FirstLoss, int Vocabulary, FlatFeatures? Flat)
{
    // The lecture's own start without any scales, recipe naive, has 8 times the loss of equal guesses, and learns.
    const double WildStart = 10;

    const string Scales = "other scales of the weights (--gain, --hidden-scale, --output-scale)";

    /// <summary>The cause.</summary>
    public DivergenceCause Cause =>
        Flat is not null ? DivergenceCause.FlatFeature
        : Step == 0 || FirstLoss > WildStart * UniformLoss ? DivergenceCause.Scales
        : DivergenceCause.LearningRate;

    double UniformLoss => Math.Log(Vocabulary);

    string What => Step == 0
        ? string.Create(CultureInfo.InvariantCulture, $"the loss is {Loss} before the first update")
        : string.Create(CultureInfo.InvariantCulture, $"the loss became {Loss} at step {Step}");

    /// <summary>What is thrown.</summary>
    public DivergedException ToException() => new(Step, Cause, $"{What}{Advice}");

    string Advice => Cause switch
    {
        DivergenceCause.FlatFeature => AdviceFor(Flat!),
        DivergenceCause.Scales when Step == 0 => $": try {Scales}",
        DivergenceCause.Scales => string.Create(
            CultureInfo.InvariantCulture,
            $", after {FirstLoss:0.##E+0} at step 0, where equal guesses give {UniformLoss:0.00}: try {Scales}, "
            + $"or a smaller --learning-rate"),
        _ => ": try a smaller --learning-rate",
    };

    // More examples do not help where all features are the same.
    static string AdviceFor(FlatFeatures flat)
    {
        string mend = flat.Count == flat.Features
            ? Scales
            : string.Create(CultureInfo.InvariantCulture, $"a --batch larger than {flat.Examples}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $", for {flat.Count} of the {flat.Features} features of BatchNorm {flat.BatchNorm} do not vary over the {flat.Examples} "
            + $"examples and there is no epsilon: give --bn-epsilon 1e-5, or {mend}");
    }
}
