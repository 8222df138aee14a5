namespace Makemore.Gpu.Soak.Mutations;

/// <summary>A call of the program on files of which some are damaged: what a seed makes of the material.</summary>
/// <param name="Kind">What is damaged.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Args">The call.</param>
/// <param name="Damaged">The files that are not as they should be, by their paths.</param>
sealed record Trial(string Kind, int Seed, string[] Args, IReadOnlyDictionary<string, byte[]> Damaged)
{
    // What a call is refused for as soon as it has read a run.
    const string StepsDone = "5";
    static readonly string[] Unread = ["--data", "nowhere.txt"];

    static readonly Dictionary<string, string[]> FilesOf = new()
    {
        ["model"] = [Material.Model],
        ["checkpoint"] = ["run/checkpoints/step-20.safetensors", "run/checkpoints/step-10.safetensors", "run/best.safetensors"],
        ["settings"] = ["run/config.json"],
        ["losses"] = ["run/metrics.jsonl"],
        ["looks"] = ["run/diagnostics.jsonl"],
        ["list"] = [Material.Names],
        ["table"] = ["names.csv", "names.tsv"],
        ["compressed list"] = ["names.txt.gz"],
        ["encoded list"] = ["utf-16.txt", "latin.txt", "letters.txt"],
        ["call"] = [],
    };

    static readonly string[][] Calls =
    [
        ["sample", "--model", Material.Model, "--accelerator", "cpu", "--count", "3", "--temperature", "0.8", "--top-k", "5"],
        ["sample", "--model", Material.Model, "--prompt", "an", "--min-length", "3", "--unique", "--top-p", "0.9", "--seed", "7", "--json"],
        ["score", "anna", "zoe", "--model", Material.Model, "--accelerator", "cpu"],
        ["evaluate", "--model", Material.Model, "--accelerator", "cpu", "--statistics", "own", "--fold"],
        ["data", "--describe", "--data", "names.csv", "--column", "first name", "--context", "3", "--name", "anna"],
        ["data", "--describe", "--data", "names.tsv", "--column", "2", "--separator", "tab", "--tokens", "word", "--skip-bad"],
        ["train", "--resume", Material.Run, "--steps", "22", "--accelerator", "cpu"],
        Material.Training("--steps", "2", "--run", "new", "--seed", "5", "--learning-rate", "0.1", "--l2", "C=0.1,W1=0.01"),
        Material.Training("--steps", "2", "--recipe", "deep-tanh", "--normalization", "group:2", "--activation", "gelu", "--gain", "1.5"),
        Material.Training("--steps", "2", "--strategy", "layered", "--drop-at", "1", "--final-rate", "0.01", "--checkpoint-every", "1"),
        ["explore", "saturation", "--data", Material.Names, "--recipe", "naive", "--bins", "5", "--run", "new"],
        ["explore", "fan-in", "--fan-in", "4", "--scales", "0.2,1,5", "--bins", "7", "--accelerator", "cpu"],
        ["check", "--data", Material.Names, "--batch", "4", "--hidden", "5", "--show", "Yb,logits", "--accelerator", "cpu"],
        ["inspect", "--run", Material.Run, "--accelerator", "cpu"],
        ["devices"],
    ];

    /// <summary>What can be damaged.</summary>
    public static IReadOnlyCollection<string> Kinds => FilesOf.Keys;

    /// <summary>What a seed makes.</summary>
    /// <param name="material">The files that are as they should be.</param>
    /// <param name="kind">What is damaged.</param>
    /// <param name="seed">The seed.</param>
    public static Trial Of(Material material, string kind, int seed)
    {
        // Neighboring seeds of one kind, and the same seed of two, have nothing in common.
        var random = new Random(unchecked((seed * 397) ^ kind.Aggregate(17, (hash, c) => (hash * 31) + c)));
        if (kind == "call")
        {
            string[] args = CallMutations.Mutate(random, Calls[random.Next(Calls.Length)]);
            return new Trial(kind, seed, Harmless(material, args), new Dictionary<string, byte[]>());
        }
        string[] files = FilesOf[kind];
        string file = files[random.Next(files.Length)];
        return new Trial(kind, seed, CallOn(random, file), new Dictionary<string, byte[]> { [file] = Damage(random, material, file) });
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Kind} {Seed}: makemore {string.Join(' ', Args.Select(arg => arg.Length is 0 or > 200 ? $"'{arg.Length} characters'" : arg))}";

    static byte[] Damage(Random random, Material material, string file)
    {
        byte[] bytes = file == Material.Model && random.Next(2) == 0 ? material.ModelWithoutChecksum : material.Files[file];
        if (file.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            return ByteMutations.MutateTensors(random, bytes, material.Files["run/checkpoints/step-10.safetensors"]);
        }
        byte[] other = material.Files.ElementAt(random.Next(material.Files.Count)).Value;
        return file.EndsWith(".gz", StringComparison.Ordinal) && random.Next(2) == 0
            ? Material.Compress(ByteMutations.Mutate(random, Material.Unpack(bytes), other))
            : ByteMutations.Mutate(random, bytes, other);
    }

    // A call that reads the file. Those that train on or draw a report take long: most end when they have read it.
    static string[] CallOn(Random random, string file)
    {
        if (Material.Lists.TryGetValue(file, out string[]? options))
        {
            string[] skip = random.Next(3) == 0 ? ["--skip-bad"] : [];
            return random.Next(8) == 0
                ? [.. Material.Training("--steps", "1", "--run", "new"), "--data", file, .. options, .. skip]
                : ["data", "--describe", "--data", file, .. options, .. skip];
        }
        if (file == Material.Model)
        {
            return random.Next(3) switch
            {
                0 => ["evaluate", "--model", file, "--data", Material.Names, "--accelerator", "cpu"],
                1 => ["score", "anna", "--model", file, "--accelerator", "cpu"],
                _ => ["sample", "--model", file, "--count", "3", "--accelerator", "cpu", "--json"],
            };
        }
        bool isWhole = random.Next(100) == 0;
        return file.EndsWith(".jsonl", StringComparison.Ordinal)
            ? ["inspect", "--run", Material.Run, "--accelerator", "cpu", .. isWhole ? [] : Unread]
            : ["train", "--resume", Material.Run, "--accelerator", "cpu", "--steps", isWhole ? "21" : StepsDone];
    }

    // Nothing is to wait for standard input, to fetch from the network, or to write beside the trial's folder.
    static string[] Harmless(Material material, string[] args)
    {
        string[] local = [.. args
            .Where(arg => arg != "-" && !arg.EndsWith("=-", StringComparison.Ordinal) && !arg.EndsWith(":-", StringComparison.Ordinal))
            .Select(arg => material.Files.ContainsKey(arg) ? arg : arg.Replace('/', '_'))];
        return local switch
        {
            ["data", ..] when !local.Contains("--describe") => [.. local, "--describe"],
            ["score", ..] => [.. local, "anna"],
            _ => local,
        };
    }
}
