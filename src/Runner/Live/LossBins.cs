using System.Runtime.InteropServices;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Runner.Live;

/// <summary>Neighboring steps of a run together.</summary>
/// <param name="Step">The first of them.</param>
/// <param name="Count">How many they are.</param>
/// <param name="Sum">The sum of their losses.</param>
/// <param name="Low">The lowest loss.</param>
/// <param name="High">The highest loss.</param>
readonly record struct LossBin(int Step, int Count, double Sum, float Low, float High)
{
    /// <summary>The mean loss.</summary>
    public double Mean => Sum / Count;

    /// <summary>Where a mean stands on the axis of steps.</summary>
    public double Middle => Step + ((Count - 1) / 2.0);

    /// <summary>Both together.</summary>
    /// <param name="next">The bin of the steps that follow.</param>
    public LossBin With(LossBin next) =>
        new(Step, Count + next.Count, Sum + next.Sum, Math.Min(Low, next.Low), Math.Max(High, next.High));
}

/// <summary>The losses of a run however long, in bins of as many steps as leave a thousand bins at most.</summary>
sealed class LossBins
{
    const int Most = 1000;

    readonly List<LossBin> bins = [];
    int width = 1;

    /// <summary>The bins.</summary>
    public LossBin[] ToArray() => [.. bins];

    /// <summary>Adds the losses of some steps. Those that are not finite are left out.</summary>
    /// <param name="results">The steps.</param>
    public void Add(IReadOnlyList<StepResult> results)
    {
        foreach (StepResult result in results)
        {
            if (float.IsFinite(result.Loss))
            {
                Add(new LossBin(result.Step, 1, result.Loss, result.Loss, result.Loss));
            }
        }
    }

    void Add(LossBin step)
    {
        if (bins.Count > 0 && bins[^1].Count < width)
        {
            CollectionsMarshal.AsSpan(bins)[^1] = bins[^1].With(step);
            return;
        }
        if (bins.Count == Most)
        {
            LossBin[] joined = [.. bins.Chunk(2).Select(pair => pair[0].With(pair[1]))];
            bins.Clear();
            bins.AddRange(joined);
            width *= 2;
        }
        bins.Add(step);
    }
}
