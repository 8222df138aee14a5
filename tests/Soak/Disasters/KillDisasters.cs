using System.Diagnostics;
using System.Globalization;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Soak.Disasters;

/// <summary>
/// Kills by SIGKILL at any moment of a training: the run goes on by <c>--resume</c>, is killed again and again, and ends with the very
/// files of a run that nobody killed.
/// </summary>
static class KillDisasters
{
    const string Whole = "whole";
    const string Killed = "killed";

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    // So many steps that training takes some seconds, and a checkpoint often.
    static readonly IReadOnlyDictionary<string, (int Steps, int Every)> LengthOf = new Dictionary<string, (int, int)>
    {
        ["fused"] = (40_000, 1_000),
        ["layered"] = (4_000, 100),
    };

    /// <summary>Kills runs of both forms on the CPU accelerator, and fused ones on every other that there is.</summary>
    /// <param name="count">How often for each.</param>
    public static IReadOnlyList<Disaster> Run(int count)
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        (string Name, string Strategy)[] forms =
        [
            .. from device in catalog.Devices
               from strategy in LengthOf.Keys
               where device.Kind == "cpu" || strategy == "fused"
               select (device.Name, strategy),
        ];
        return [.. forms.Select(form => Run(form.Name, form.Strategy, count))];
    }

    static Disaster Run(string accelerator, string strategy, int count)
    {
        using var folder = new SoakFolder();
        (int steps, int every) = LengthOf[strategy];
        string[] training =
        [
            "train", "--accelerator", accelerator, "--strategy", strategy, "--hidden", "20", "--steps", Text(steps),
            "--checkpoint-every", Text(every), "--log-every", "10", "--run",
        ];
        var clock = Stopwatch.StartNew();
        string? fault = End([.. training, Whole]);
        if (fault is not null)
        {
            throw new InvalidOperationException($"a run that nobody kills fails: {fault}");
        }
        TimeSpan duration = clock.Elapsed;
        var expected = FinishedFiles.Read(Whole);
        var random = new Random(1);
        int kills = 0, lost = 0, runs = 0;
        while (kills < count)
        {
            SoakFolder.Delete(Killed);
            int before = kills;
            string? loss = null;
            bool isDone = false;
            while (!isDone && loss is null)
            {
                // Without settings there is no run yet, and the call is made again.
                string[] call = File.Exists(Path.Combine(Killed, "config.json"))
                    ? ["train", "--resume", Killed]
                    : [.. training, Killed, "--force"];
                using var program = BuiltProgram.Start(call);
                TimeSpan moment = kills < count ? random.NextDouble() * duration : Limit;
                int? exitCode = program.WaitForEnd(moment);
                if (exitCode is null && kills < count)
                {
                    exitCode = program.Kill();
                    if (exitCode is null)
                    {
                        kills++;
                        continue;
                    }
                }
                isDone = exitCode == 0;
                loss = isDone ? null : program.Error;
            }
            loss ??= FinishedFiles.Read(Killed) == expected ? null : "another model or other losses came of it";
            runs++;
            if (loss is not null)
            {
                lost += kills - before;
                Log.Write($"{strategy} on {accelerator}, killed {kills - before} times: {loss}");
            }
        }
        Log.Write($"{strategy} on {accelerator}: {kills} kills in {runs} runs of {duration.TotalSeconds:0.0} seconds each");
        return new Disaster(
            $"killed while it trains, {strategy} on `{accelerator}`", kills, kills - lost, $"{Text(runs)} runs", ThisMachine.Today);
    }

    // What went wrong with a call; null for nothing.
    static string? End(string[] call)
    {
        using var program = BuiltProgram.Start(call);
        return program.WaitForEnd(Limit) == 0 ? null : program.Error;
    }

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
