using System.Globalization;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Soak;
using Makemore.Gpu.Soak.Disasters;

// scripts/soak says what the arguments are.
switch (args)
{
    case ["trial", string kind, string seed]:
        return MutationDisasters.Show(kind, int.Parse(seed, CultureInfo.InvariantCulture));
    case ["mutations" or "kills" or "disks" or "bits"]:
        return Run(args[0], count: null);
    case [string name, string count]:
        return Run(name, int.Parse(count, CultureInfo.InvariantCulture));
    default:
        Console.Error.WriteLine("soak: use mutations, kills, disks or bits, each with a number of cases or without; or trial KIND SEED");
        return 2;
}

static int Run(string name, int? count)
{
    IReadOnlyList<Disaster> disasters = name switch
    {
        "mutations" => MutationDisasters.Run(count ?? 100_000),
        "kills" => KillDisasters.Run(count ?? 200),
        "disks" => DiskDisasters.Run(count ?? 30),
        _ => BitDisasters.Run(count ?? 1_000),
    };
    foreach (Disaster disaster in disasters)
    {
        Log.Write($"{disaster.Name}: {disaster.Cases} cases, {disaster.Survived} survived, {disaster.Lost} lost. {disaster.Remark}");
    }
    if (count is null && disasters.Count > 0)
    {
        ResultsFile.Save(ThisMachine.Name, ReliabilityResults.Kind, ReliabilityResults.With(disasters));
    }
    return disasters.Any(disaster => disaster.Lost > 0) ? 1 : 0;
}
