using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Suite;

/// <summary>
/// The parts of the suite. Each runs in programs of its own, so that one that fails, hangs or takes the device with it does not stop the
/// others, and each has a limit of its own within that of the whole.
/// </summary>
/// <param name="bundle">The programs.</param>
/// <param name="device">The device under test.</param>
/// <param name="names">The lectures' names.txt; null where it is not there.</param>
/// <param name="python">The Python that may have PyTorch.</param>
/// <param name="quick">Small sizes and few tests.</param>
/// <param name="folder">Where results go.</param>
/// <param name="temporary">Where goes what nobody keeps.</param>
sealed partial class Parts(Bundle bundle, FoundDevice device, string? names, string python, bool quick, string folder, string temporary)
{
    const string GoldenLosses = "The_losses_of_recipe_batchnorm_are_libtorchs";

    // The loss of a guess is ln 27 = 3.3.
    const double LearntLoss = 2.8;

    // How many times its limit a part has where the suite itself is tried: compilers for processors are slow, and do not matter.
    const int Patience = 4;

    readonly Log machine = new(Path.Combine(folder, "machine.txt"));
    readonly Log tests = new(Path.Combine(folder, "tests.log"));
    readonly Log checks = new(Path.Combine(folder, "checks.log"));
    readonly Log measurements = new(Path.Combine(folder, "measurements.log"));
    readonly List<WorkResult> works = [];
    string? driver;
    string? torchVersion;

    string? KernelTests => quick ? "FullyQualifiedName~Elementwise.ActivationFunctionTests" : null;

    /// <summary>Runs the parts.</summary>
    /// <param name="whole">How long all of them may take on a GPU.</param>
    /// <param name="only">The names of those that are wanted; none for all.</param>
    /// <exception cref="InvalidRequestException">There is no such part.</exception>
    public GpuResults Run(TimeSpan whole, string[] only)
    {
        using var makemore = new Contestant(bundle.Start("Makemore.Gpu.Benchmarks", ["measure", "turns"]), measurements);
        using var torch = new Contestant(bundle.StartTorch(python, "turns"), measurements);
        // The parts of a stage run side by side: tests share a GPU well enough, and nothing is timed meanwhile.
        Part[][] stages =
        [
            [new("device", 15, LookAtMachine)],
            [new("check", 20, CheckBatch)],
            [new("golden-losses", 40, limit => names is null
                ? (Outcome.Skipped, "no names.txt: give it by --data FILE")
                : Test(
                    bundle, device.Name, "Model", $"Name~{GoldenLosses}{(quick ? "&FullyQualifiedName~layered" : "")}", limit,
                    "each within 5e-6 of libtorch's; "))],
            [
                new("kernel-tests", 80, limit => Test(bundle, device.Name, "Kernels", KernelTests, limit)),
                new("opencl-tests", 80, TestOpenCL),
                new("model-tests", 110, limit => Test(
                    bundle, device.Name, "Model", quick ? "FullyQualifiedName~BatchCheckTests" : $"Name!~{GoldenLosses}", limit)),
            ],
            [new("training", 60, Train)],
            [new("PyTorch", 30, LookForTorch)],
            .. Work.All(quick).Select(work => new Part[]
            {
                new(work.Name, work.Seconds, limit => Compare(work, makemore, torch, limit)),
            }),
            [new("networks", 60, MeasureNetworks)],
            [new("operations", 150, MeasureOperations)],
        ];
        string[] all = [.. stages.SelectMany(stage => stage).Select(part => part.Name)];
        if (only.Except(all).FirstOrDefault() is { } unknown)
        {
            throw new InvalidRequestException($"there is no part '{unknown}': use {string.Join(", ", all)}");
        }
        var clock = Stopwatch.StartNew();
        int patience = quick ? Patience : 1;
        var done = new List<Check>();
        foreach (Part[] stage in stages)
        {
            TimeSpan left = (patience * whole) - clock.Elapsed;
            IEnumerable<Part> wanted = stage.Where(part => only.Length == 0 || only.Contains(part.Name));
            done.AddRange(Task.WhenAll(wanted.Select(part => Task.Run(() => part.Run(patience, left)))).GetAwaiter().GetResult());
        }
        return new GpuResults(
            ThisMachine.Name, device.Description, driver, ThisMachine.OperatingSystem, ThisMachine.Runtime, ThisMachine.Ilgpu, torchVersion,
            ThisMachine.Today, quick, done, works);
    }

    (Outcome, string) LookAtMachine(TimeSpan limit)
    {
        driver = Child.Run(bundle.StartNative("nvidia-smi", ["--query-gpu=driver_version", "--format=csv,noheader"]), limit, machine) is
        { Succeeded: true, Output: var version } ? version.Split('\n')[0].Trim() : null;
        Child.Run(bundle.StartNative("nvidia-smi", []), limit, machine);
        Ended devices = Child.Run(bundle.Start("makemore", ["devices", "--json"]), limit, machine);
        return Of(devices, $"{device.Name}: {device.Description}");
    }

    (Outcome, string) CheckBatch(TimeSpan limit)
    {
        Ended check = Child.Run(
            bundle.Start("makemore", ["check", "--accelerator", device.Name, "--against", Bundle.GoldenBatch]), limit, checks);
        return Of(check, check.Output.TrimEnd().Split('\n')[^1].Replace(Bundle.GoldenBatch, "libtorch", StringComparison.Ordinal));
    }

    // NVIDIA's OpenCL is another compiler for the same kernels.
    (Outcome, string) TestOpenCL(TimeSpan limit)
    {
        if (device.Kind != "cuda")
        {
            return (Outcome.Skipped, "for CUDA's devices, which have two compilers");
        }
        var clock = Stopwatch.StartNew();
        return NvidiaOpenCL.Find(bundle, limit, machine, out string reason) is { } found
            ? Test(found.Bundle, found.Accelerator, "Kernels", KernelTests, limit - clock.Elapsed)
            : (Outcome.Skipped, reason);
    }

    (Outcome, string) Test(Bundle programs, string accelerator, string project, string? filter, TimeSpan limit, string passed = "")
    {
        string[] filtered = filter is null ? [] : ["--filter", filter];
        Ended run = Child.Run(
            programs.Start(
                $"Makemore.Gpu.{project}.Tests", ["--no-progress", "--no-ansi", "--results-directory", temporary, .. filtered],
                accelerator),
            limit, tests);
        var counts = Count().Matches(run.Output).ToDictionary(count => count.Groups[1].Value, count => count.Groups[2].Value);
        string summary = counts.Count == 0
            ? run.LastWords
            : $"{string.Join(", ", counts.Select(count => $"{count.Value} {count.Key}"))} on {accelerator}";
        string? first = FailedTest().Match(run.Output) is { Success: true } failed ? $"; the first: {failed.Groups[1].Value.Trim()}" : null;
        return Of(run, (run.Succeeded ? passed : "") + summary + first);
    }

    // Every strategy, as a user trains.
    (Outcome, string) Train(TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        var losses = new List<string>();
        foreach (string recipe in quick ? ["batchnorm"] : new[] { "batchnorm", "deep-batchnorm" })
        {
            foreach (string strategy in new[] { "fused", "layered" })
            {
                string[] data = names is null ? [] : ["--data", names];
                Ended run = Child.Run(
                    bundle.Start("makemore",
                    [
                        "train", "--recipe", recipe, "--strategy", strategy, "--steps", quick ? "300" : "10000",
                        "--accelerator", device.Name, "--run", Path.Combine(temporary, "run"), "--force", "--json", .. data,
                    ]),
                    limit - clock.Elapsed, checks);
                if (!run.Succeeded)
                {
                    return Of(run, $"{recipe}, {strategy}: {run.LastWords}");
                }
                double loss = JsonDocument.Parse(run.Output).RootElement.GetProperty("losses").GetProperty("dev").GetDouble();
                losses.Add(string.Create(CultureInfo.InvariantCulture, $"{recipe} {strategy} {loss:0.0000}"));
                if (!(loss < LearntLoss))
                {
                    return (Outcome.Failed, $"{losses[^1]} is not below {LearntLoss.ToString(CultureInfo.InvariantCulture)}");
                }
            }
        }
        return (Outcome.Passed, "losses of the dev split: " + string.Join(", ", losses));
    }

    (Outcome, string) LookForTorch(TimeSpan limit)
    {
        Ended about = Child.Run(bundle.StartTorch(python, "about", "--device", TorchDevice), limit, machine);
        torchVersion = about.Succeeded ? JsonDocument.Parse(about.Output).RootElement.GetProperty("pytorch").GetString() : null;
        return about.Succeeded ? (Outcome.Passed, $"{torchVersion} on {TorchDevice}") : (Outcome.Skipped, about.LastWords);
    }

    string TorchDevice => device.Kind == "cuda" ? "cuda" : "cpu";

    // Round by round, each variant of both programs in turn: what else the machine does falls on all alike.
    (Outcome, string) Compare(Work work, Contestant makemore, Contestant torch, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        (string Program, string Variant, string Call)[] turns =
        [
            .. work.Turns(device.Name, TorchDevice, quick ? 0.02 : 0.3)
                .Where(turn => turn.Program == Work.Makemore || torchVersion is not null),
        ];
        var rounds = turns.ToDictionary(turn => turn, _ => new List<double>());
        var ended = new Dictionary<(string Program, string Variant, string Call), Answer>();
        for (int round = 0; round < (quick ? 2 : 5); round++)
        {
            foreach ((string Program, string Variant, string Call) turn in turns.Where(turn => !ended.ContainsKey(turn)))
            {
                TimeSpan left = limit - clock.Elapsed;
                Answer answer = left <= TimeSpan.Zero
                    ? new Answer(Refused: "no time was left")
                    : (turn.Program == Work.Makemore ? makemore : torch).Measure(turn.Call, left < limit / 2 ? left : limit / 2);
                if (answer.PerSecond is { } rate)
                {
                    rounds[turn].Add(Math.Round(work.InUnit(rate), 6));
                }
                else
                {
                    ended[turn] = answer;
                }
            }
        }
        var result = new WorkResult(work.Name, work.Description, work.Unit, work.Required,
        [
            .. turns.Select(turn => new Rates(
                turn.Program, turn.Variant, rounds[turn],
                ended.GetValueOrDefault(turn) is { } answer ? answer.Error ?? answer.Refused : null)),
        ]);
        works.Add(result);
        IEnumerable<string> own = result.Rates.Where(rates => rates.Program == Work.Makemore && rates.Median is not null)
            .Select(rates => $"{rates.Variant} {GpuTable.Number(rates.Median!.Value)} {work.Unit}");
        IEnumerable<string> faults = result.Rates.Where(rates => rates.Fault is not null)
            .Select(rates => $"{rates.Program}, {rates.Variant}: {rates.Fault}");
        bool failed = ended.Any(end => end.Key.Program == Work.Makemore && end.Value.Error is not null);
        Outcome outcome = failed ? Outcome.Failed : result.Best(Work.Makemore) is null ? Outcome.Skipped : Outcome.Passed;
        return (outcome, string.Join("; ", own.Concat(faults)));
    }

    (Outcome, string) MeasureNetworks(TimeSpan limit)
    {
        string path = Path.Combine(folder, NetworksResults.Kind + ".json");
        string[] sizes = quick ? ["--rounds", "1", "--seconds", "0.02", "--most", "8", "--only", "batchnorm"] : ["--seconds", "0.3"];
        Ended run = Child.Run(
            bundle.Start("Makemore.Gpu.Benchmarks", ["networks", "--accelerator", device.Name, "--out", path, .. sizes]),
            limit, measurements);
        return Of(run, $"in {Path.GetFileName(path)}");
    }

    (Outcome, string) MeasureOperations(TimeSpan limit)
    {
        string path = Path.Combine(folder, OperationResults.Kind + ".json");
        Ended run = Child.Run(
            bundle.Start("Makemore.Gpu.Benchmarks", ["operations", quick ? "*Tanh*" : "*", path], device.Name), limit, measurements);
        return Of(run, $"in {Path.GetFileName(path)}");
    }

    static (Outcome, string) Of(Ended ended, string summary) => ended switch
    {
        { Succeeded: true } => (Outcome.Passed, summary),
        { TimedOut: true } => (Outcome.TimedOut, "it was ended for its time"),
        { ExitCode: null } => (Outcome.Failed, ended.LastWords),
        _ => (Outcome.Failed, $"exit code {ended.ExitCode}: {(summary.Length > 0 ? summary : ended.LastWords)}"),
    };

    [GeneratedRegex(@"^\s*(failed|succeeded|skipped): (\d+)", RegexOptions.Multiline)]
    private static partial Regex Count();

    [GeneratedRegex(@"^\s*failed (?!:)(.+)", RegexOptions.Multiline)]
    private static partial Regex FailedTest();

    /// <summary>A part.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Seconds">How long it may take.</param>
    /// <param name="Do">Does it within a limit, and says how it ended and what it found.</param>
    sealed record Part(string Name, int Seconds, Func<TimeSpan, (Outcome Outcome, string Summary)> Do)
    {
        /// <summary>Runs it.</summary>
        /// <param name="patience">How many times its limit it may take.</param>
        /// <param name="left">What is left of the whole suite's time.</param>
        public Check Run(int patience, TimeSpan left)
        {
            TimeSpan limit = TimeSpan.FromSeconds(Math.Min(patience * Seconds, left.TotalSeconds));
            var clock = Stopwatch.StartNew();
            (Outcome outcome, string summary) = (Outcome.TimedOut, "no time was left");
            if (limit > TimeSpan.Zero)
            {
                try
                {
                    (outcome, summary) = Do(limit);
                }
                catch (Exception fault)
                {
                    // Whatever it is, the other parts are still worth running.
                    (outcome, summary) = (Outcome.Failed, fault.Message);
                }
            }
            var check = new Check(Name, outcome, Math.Round(clock.Elapsed.TotalSeconds, 1), summary);
            Console.WriteLine($"{Name}: {GpuTable.InWords(outcome)}, {summary} ({check.Seconds:0} s)");
            return check;
        }
    }
}
