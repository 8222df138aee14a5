namespace Makemore.Gpu.Benchmarks.Comparisons;

/// <summary>A training that both programs do. The steps are as many as take some seconds.</summary>
/// <param name="Name">The name by which it is chosen.</param>
/// <param name="Work">What it is, for people.</param>
/// <param name="Steps">The steps of Makemore.Gpu, of each network.</param>
/// <param name="TorchSteps">The steps of TorchSharp, of each process.</param>
sealed record Workload(string Name, string Work, int Steps, int TorchSteps)
{
    /// <summary>The name of the program that is compared.</summary>
    public const string Makemore = "Makemore.Gpu";

    /// <summary>The name of the program that it is compared with.</summary>
    public const string TorchSharp = "TorchSharp";

    /// <summary>Every workload.</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        new("batchnorm", "recipe batchnorm", Steps: 60_000, TorchSteps: 8_000),
        new("backprop", "recipe backprop", Steps: 60_000, TorchSteps: 8_000) { Recipe = "backprop" },
        new("deep-batchnorm", "recipe deep-batchnorm", Steps: 15_000, TorchSteps: 3_000) { Recipe = "deep-batchnorm" },
        new("wide", "recipe batchnorm, batch 256, hidden 512", Steps: 3_000, TorchSteps: 1_200)
        {
            Sizes = ["--batch", "256", "--hidden", "512"],
        },
        new("layered", "recipe batchnorm, Makemore.Gpu layered", Steps: 20_000, TorchSteps: 8_000) { Strategy = "layered" },
        new("large", "recipe batchnorm, batch 1024, hidden 2048", Steps: 600, TorchSteps: 400) { Sizes = Large, Strategy = "auto" },
        new("large-layered", "recipe batchnorm, batch 1024, hidden 2048, Makemore.Gpu layered", Steps: 400, TorchSteps: 400)
        {
            Sizes = Large,
            Strategy = "layered",
        },
        new("large-deep", "recipe deep-batchnorm, batch 1024, hidden 3 x 1024", Steps: 60, TorchSteps: 220)
        {
            Recipe = "deep-batchnorm",
            Sizes = ["--batch", "1024", "--hidden", "1024,1024,1024"],
            Strategy = "auto",
        },
        new("networks", "16 networks of recipe batchnorm at once", Steps: 6_000, TorchSteps: 8_000) { Networks = 16 },
        new("deep-networks", "16 networks of recipe deep-batchnorm at once", Steps: 1_500, TorchSteps: 3_000)
        {
            Recipe = "deep-batchnorm",
            Networks = 16,
        },
        new("opencl", "recipe batchnorm", Steps: 25_000, TorchSteps: 8_000) { Accelerator = "opencl" },
        new("avx2", "recipe batchnorm, Makemore.Gpu without AVX-512", Steps: 40_000, TorchSteps: 8_000)
        {
            Environment = new Dictionary<string, string> { ["DOTNET_EnableAVX512"] = "0" },
        },
    ];

    static IReadOnlyList<string> Large => ["--batch", "1024", "--hidden", "2048"];

    /// <summary>How Makemore.Gpu runs a step.</summary>
    public string Strategy { get; init; } = "fused";

    /// <summary>The recipe.</summary>
    public string Recipe { get; init; } = "batchnorm";

    /// <summary>The options of other sizes than the recipe's.</summary>
    public IReadOnlyList<string> Sizes { get; init; } = [];

    /// <summary>Where Makemore.Gpu runs.</summary>
    public string Accelerator { get; init; } = "cpu";

    /// <summary>What the environment of Makemore.Gpu holds besides.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// How many networks Makemore.Gpu trains at once, while TorchSharp trains one in each of as many processes as there are cores. Null
    /// where each program trains one.
    /// </summary>
    public int? Networks { get; init; }

    /// <summary>All that is to be measured: Makemore.Gpu, and TorchSharp with both backward passes, each on one core and on all.</summary>
    /// <param name="data">The names.</param>
    /// <param name="runFolder">Where Makemore.Gpu may leave its files.</param>
    public IEnumerable<ITraining> Trainings(string data, string runFolder) =>
        [Own(data, runFolder), .. Torch(data, "autograd"), .. Torch(data, "manual")];

    ITraining Own(string data, string runFolder)
    {
        if (Networks is { } count)
        {
            return new OwnNetworks($"{count} at once", Model.Recipes.Recipe.Named(Recipe), count, Steps, Accelerator, data);
        }
        string[] makemore =
        [
            "train", .. Common(data), "--steps", $"{Steps}", "--accelerator", Accelerator, "--strategy", Strategy,
            "--run", runFolder, "--force", "--log-every", $"{Steps}",
        ];
        return new TrainingProgram(Makemore, Strategy, "src/Runner/bin/Release/net10.0/makemore.dll", makemore)
        {
            Environment = Environment,
        };
    }

    IEnumerable<ITraining> Torch(string data, string backward)
    {
        string[] torch = ["train", .. Common(data), "--steps", $"{TorchSteps}", "--backward", backward, "--threads"];
        int cores = System.Environment.ProcessorCount;
        if (Networks is not null)
        {
            yield return Program($"{backward}, {Number(cores, "process", "es")}", [.. torch, "1", "--wait"]) with { Processes = cores };
            yield break;
        }
        foreach (int threads in new[] { 1, cores }.Distinct())
        {
            yield return Program($"{backward}, {Number(threads, "thread", "s")}", [.. torch, $"{threads}"]);
        }
    }

    string[] Common(string data) => ["--recipe", Recipe, "--data", data, .. Sizes, "--json"];

    static TrainingProgram Program(string variant, string[] arguments) =>
        new(TorchSharp, variant, "benchmarks/Torch/bin/Release/net10.0/Makemore.Gpu.Torch.dll", arguments);

    static string Number(int count, string noun, string ending) => $"{count} {noun}{(count == 1 ? "" : ending)}";
}
