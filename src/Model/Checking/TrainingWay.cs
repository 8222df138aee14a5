namespace Makemore.Gpu.Model.Checking;

/// <summary>A way to run a training that must not change a bit of it.</summary>
/// <param name="Name">What is done.</param>
sealed record TrainingWay(string Name)
{
    /// <summary>Every way. The first is the one that the others are compared with.</summary>
    public static IReadOnlyList<TrainingWay> All { get; } =
    [
        new("as train runs it"),
        new("once more"),
        new("2 threads") { Threads = 2 },
        new("1 step a launch") { StepsPerLaunch = 1 },
        new("7 steps a launch") { StepsPerLaunch = 7 },
        new("a look every 7 steps") { LookEvery = 7 },
        new("stopped halfway, and gone on") { StopsHalfway = true, StepsPerLaunch = 7 },
        new("resumed from a checkpoint") { IsResumed = true },
    ];

    /// <summary>How many threads share a step, of which processors have a choice.</summary>
    public int Threads { get; private init; } = 1;

    /// <summary>The most steps that one launch takes; null for as many as are worth it.</summary>
    public int? StepsPerLaunch { get; private init; }

    /// <summary>Every how many steps a watch looks at the network, which ends a launch; null for never.</summary>
    public int? LookEvery { get; private init; }

    /// <summary>Whether the run is canceled after the launch that comes to half of its steps, and then goes on.</summary>
    public bool StopsHalfway { get; private init; }

    /// <summary>Whether a second run takes the second half of the steps, from a checkpoint of the first run.</summary>
    public bool IsResumed { get; private init; }
}
