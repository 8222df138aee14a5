using System.Diagnostics;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>What a sweep would take, told before it: its time by a short trial of each size of network.</summary>
static class SweepTrial
{
    static readonly TimeSpan Trial = TimeSpan.FromSeconds(0.5);

    /// <summary>Shows it.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="session">Where to show it.</param>
    public static int Show(SweepPlan plan, Session session)
    {
        IReadOnlyList<int>[] waves = [.. plan.Waves(plan.Settings.Numbers)];
        double steps = 0;
        double seconds = 0;
        long memory = 0;
        int most = 0;
        // A wave of one size is a trial for all of that size.
        foreach (var alike in waves.GroupBy(wave => (BytesOf(plan, wave[0]), plan.Network(wave[0]).Configuration.Recipe.Batch)))
        {
            IReadOnlyList<int> first = alike.First();
            double stepsOfSize = alike.Sum(wave => wave.Sum(number => StepsOf(plan, number)));
            steps += stepsOfSize;
            seconds += stepsOfSize / StepsPerSecond(plan, first, session.Cancellation) / plan.Accelerators.Count;
            Configuration configuration = plan.Network(first[0]).Configuration;
            memory = Math.Max(
                memory, plan.Accelerators[0].Trainer().MemoryOf(first.Count, configuration, plan.DataOf(configuration.Recipe.Context)));
            most = Math.Max(most, first.Count);
        }
        session.Tell("names", plan.NamesDescription);
        session.Tell("accelerator", $"{plan.Settings.Machine.Accelerator}, {plan.Settings.Machine.Device}");
        int networks = plan.Settings.Numbers.Count();
        session.Fact("networks", $"{Format.Count(networks)}, up to {Format.Count(most)} at once{DiskSpace(plan)}");
        session.Fact("steps", Format.Count((long)steps));
        session.Fact("memory", $"{Format.Bytes(memory)} on the accelerator");
        string time = Format.Duration(seconds);
        session.Fact("time", $"about {time} of training, by a short trial");
        session.Result(new
        {
            Networks = plan.Settings.Numbers.Count(),
            AtOnce = most,
            Steps = (long)steps,
            MemoryBytes = memory,
            ExpectedSeconds = seconds,
            ModelBytes = plan.Settings.Keep == KeptModels.None ? 0 : ModelBytes(plan),
        });
        return 0;
    }

    /// <summary>The space on the disk of all models, where all are kept, as the end of a line.</summary>
    /// <param name="plan">The sweep.</param>
    public static string DiskSpace(SweepPlan plan) => plan.Settings.Keep == KeptModels.All
        ? $", whose models take {Format.Bytes(ModelBytes(plan))} of the disk"
        : "";

    static long ModelBytes(SweepPlan plan) => plan.Settings.Keep == KeptModels.Best
        ? BytesOf(plan, 0)
        : plan.Settings.Numbers.Sum(number => BytesOf(plan, number));

    static long BytesOf(SweepPlan plan, int number)
    {
        (Configuration configuration, int vocabulary) = plan.SettingsOf(number);
        var shape = NetworkShape.Of(configuration.Recipe, vocabulary);
        return (long)(sizeof(float) * shape.Parameters.Concat(shape.Statistics).Sum(tensor => tensor.Length));
    }

    static double StepsOf(SweepPlan plan, int number)
    {
        int steps = plan.Network(number).Configuration.Steps;
        if (!plan.Settings.IsHalving)
        {
            return steps;
        }
        int settings = plan.Grid.Count / (plan.Settings.Request.Seeds ?? 1);
        return steps * SuccessiveHalving.Trainings(settings) / settings;
    }

    static double StepsPerSecond(SweepPlan plan, IReadOnlyList<int> wave, CancellationToken cancellation)
    {
        Configuration[] settings = [.. wave.Select(number => plan.Network(number).Configuration)];
        Dataset data = plan.DataOf(settings[0].Recipe.Context);
        SweepAccelerator accelerator = plan.Accelerators[0];
        NetworkRun[] runs = [.. settings.Select(own => NetworkRun.Draw(accelerator.Kernels, own, data.Vocabulary.Count))];
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        long steps = 0;
        var clock = new Stopwatch();
        // The first launch compiles the kernels.
        accelerator.Trainer(new Listener(more =>
        {
            if (clock.IsRunning)
            {
                steps += more;
            }
            else
            {
                end.CancelAfter(Trial);
                clock.Start();
            }
        })).Train(runs, data, until: null, end.Token);
        double seconds = clock.Elapsed.TotalSeconds;
        Array.ForEach(runs, run => run.Dispose());
        cancellation.ThrowIfCancellationRequested();
        return Math.Max(steps, runs.Length) / seconds;
    }

    sealed class Listener(Action<int> listen) : IProgress<int>
    {
        public void Report(int value) => listen(value);
    }
}
