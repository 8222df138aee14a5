using System.Globalization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Training;

/// <summary>From what is known of a loss that is no number to its cause, and to advice: nowhere else is any given.</summary>
/// <param name="Step">The step, from 0.</param>
/// <param name="Loss">Its loss.</param>
/// <param name="FirstLoss">The loss of step 0.</param>
/// <param name="Shape">The sizes of the network.</param>
/// <param name="Recipe">The settings of the network and its training.</param>
/// <param name="Flat">The features that did not vary over its batch; null where all did.</param>
/// <param name="First">The first value that was not finite; null where it was not found.</param>
readonly record struct Divergence(
    int Step, float Loss, float FirstLoss, NetworkShape Shape, Recipe Recipe, FlatFeatures? Flat, NonFiniteValue? First)
{
    // The lecture's own start without any scales, recipe naive, has 8 times the loss of equal guesses, and learns.
    const double WildStart = 10;

    // A scale counts as larger than the recipe's own from here on.
    const double Larger = 1.01;

    static string Scales => $"other scales of the weights ({SettingName.Gain}, {SettingName.HiddenScale}, {SettingName.OutputScale})";

    /// <summary>The cause.</summary>
    public DivergenceCause Cause =>
        Flat is not null ? DivergenceCause.FlatFeature
        : UnstablePenalty is not null ? DivergenceCause.Penalty
        : Step == 0 || FirstLoss > WildStart * UniformLoss || HasLargerScales ? DivergenceCause.Scales
        : DivergenceCause.LearningRate;

    double UniformLoss => Math.Log(Shape.Vocabulary);

    string What => Step == 0
        ? string.Create(CultureInfo.InvariantCulture, $"the loss is {Loss} before the first update")
        : string.Create(CultureInfo.InvariantCulture, $"the loss became {Loss} at step {Step}");

    /// <summary>What is thrown.</summary>
    public DivergedException ToException() => new(Step, Cause, $"{What}{Advice}{Origin}") { First = First };

    string Advice => Cause switch
    {
        DivergenceCause.FlatFeature => AdviceFor(Flat!),
        DivergenceCause.Penalty => AdviceFor(UnstablePenalty!.Value),
        DivergenceCause.Scales when Step == 0 => $": try {Scales}",
        DivergenceCause.Scales when FirstLoss > WildStart * UniformLoss => string.Create(
            CultureInfo.InvariantCulture,
            $", after {FirstLoss:0.##E+0} at step 0, where equal guesses give {UniformLoss:0.00}: try {Scales}, "
            + $"or a smaller {SettingName.LearningRate}"),
        DivergenceCause.Scales =>
            $", and the weights were drawn larger than recipe {Recipe.Name} does: try {Scales}, or a smaller {SettingName.LearningRate}",
        _ => $": try a smaller {SettingName.LearningRate}",
    };

    string Origin => First is null || Flat is not null
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $"; the first value that is not finite is in {First.Name}, at step {First.Step}");

    // A step multiplies each weight by 1 - 2·rate·λ/n, which is below -1 where rate·λ is above n: it then grows from step to step.
    (string Tensor, double Most)? UnstablePenalty
    {
        get
        {
            double rate = Recipe.LearningRate;
            foreach (TensorShape tensor in Shape.Parameters)
            {
                double values = tensor.Sizes.Aggregate(1.0, (product, size) => product * size);
                if (Recipe.L2.GetValueOrDefault(tensor.Name) * rate > values)
                {
                    return (tensor.Name, values / rate);
                }
            }
            return null;
        }
    }

    bool HasLargerScales
    {
        get
        {
            Recipe recipe = Recipe;
            if (Recipe.All.FirstOrDefault(own => own.Name == recipe.Name) is not { } lecture)
            {
                return false;
            }
            int inputs = Shape.EmbeddedWidth, hidden = recipe.Hidden[^1];
            return IsLarger(recipe.HiddenWeight, lecture.HiddenWeight, inputs)
                || IsLarger(recipe.OutputWeight, lecture.OutputWeight, hidden)
                || IsLarger(recipe.HiddenBias, lecture.HiddenBias, inputs)
                || IsLarger(recipe.OutputBias, lecture.OutputBias, hidden);
        }
    }

    static bool IsLarger(Draw? draw, Draw? own, int fanIn) =>
        draw is not null && Math.Abs(draw.ScaleFor(fanIn)) > Larger * Math.Abs(own?.ScaleFor(fanIn) ?? 0);

    // More examples do not help where all features are the same.
    static string AdviceFor(FlatFeatures flat)
    {
        string mend = flat.Count == flat.Features
            ? Scales
            : string.Create(CultureInfo.InvariantCulture, $"a {SettingName.Batch} larger than {flat.Examples}");
        return string.Create(
            CultureInfo.InvariantCulture,
            $", for {flat.Count} of the {flat.Features} features of BatchNorm {flat.BatchNorm} do not vary over the {flat.Examples} "
            + $"examples and there is no epsilon: give {SettingName.BatchNormEpsilon} 1e-5, or {mend}");
    }

    static string AdviceFor((string Tensor, double Most) penalty) => string.Create(
        CultureInfo.InvariantCulture,
        $", for the L2 loss of {penalty.Tensor} makes it larger with each step: give {SettingName.L2} {penalty.Tensor}=N with N far below "
        + $"{penalty.Most:0.#E+0}, or a smaller {SettingName.LearningRate}");
}
