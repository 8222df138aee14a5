using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Training;

/// <summary>How often the dev loss is measured in a run, and on how many examples.</summary>
/// <param name="Every">Every how many steps.</param>
/// <param name="Examples">On how many examples of the dev split.</param>
sealed record DevPlan(int Every, int Examples)
{
    // Enough for a curve.
    const int Measurements = 20;

    // Of examples passed forward for each that is trained on. A forward pass takes about a third of a step, so that this is 3% of the time.
    const double Share = 0.09;

    // Fewer examples tell too little: the mean of so many is off by about 0.05.
    const int FewestExamples = 256;

    /// <summary>Every how many steps to measure so that a run has a curve.</summary>
    /// <param name="steps">The steps of the run.</param>
    public static int EveryFor(int steps) => Math.Max(1, steps / Measurements);

    /// <summary>Measurements that cost about 3% of the training; null where that is too little for one.</summary>
    /// <param name="configuration">The settings of the run.</param>
    /// <param name="devExamples">The examples of the dev split.</param>
    public static DevPlan? Cheap(Configuration configuration, int devExamples)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        double affordable = Share * configuration.Steps * configuration.Recipe.Batch;
        int examples = (int)Math.Min(devExamples, Math.Max(FewestExamples, affordable / Measurements));
        double measurements = Math.Min(Measurements, affordable / examples);
        return measurements < 1 ? null : new DevPlan((int)Math.Ceiling(configuration.Steps / measurements), examples);
    }
}
