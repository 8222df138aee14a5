using System.Diagnostics;
using Makemore.Gpu.Soak.Mutations;

var material = Material.Make();
using var folder = new TrialFolder(material, TimeSpan.FromSeconds(double.Parse(args[1])));
foreach (string kind in args.Length > 2 ? args[2].Split(',') : [.. Trial.Kinds])
{
    var clock = Stopwatch.StartNew();
    var codes = new Dictionary<int, int>();
    int n = int.Parse(args[0]);
    var slow = new List<(double, string)>();
    for (int seed = 0; seed < n; seed++)
    {
        var trial = Trial.Of(material, kind, seed);
        var c = Stopwatch.StartNew();
        Outcome outcome = folder.Run(trial);
        slow.Add((c.Elapsed.TotalMilliseconds, $"{trial} -> {outcome.ExitCode}"));
        codes[outcome.ExitCode] = codes.GetValueOrDefault(outcome.ExitCode) + 1;
        if (outcome.Fault is not null)
        {
            Console.WriteLine($"FAULT {trial}: {outcome.Fault}\n{outcome.Error[..Math.Min(outcome.Error.Length, 1500)]}");
        }
    }
    Console.WriteLine($"{kind}: {clock.Elapsed.TotalMilliseconds / n:0.0} ms each; {string.Join(", ", codes)}");
    foreach (var x in slow.OrderByDescending(x => x.Item1).Take(3)) { Console.WriteLine("   " + x); }
}
