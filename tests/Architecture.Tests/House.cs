using ArchUnitNET.Loader;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Runner;

namespace Makemore.Gpu.Architecture.Tests;

/// <summary>The order of projects and folders: each depends on those before it, and on no other.</summary>
static class House
{
    public const string Root = "Makemore.Gpu";

    /// <summary>The projects.</summary>
    public static readonly string[] Projects = ["Kernels", "Model", "Runner"];

    /// <summary>The folders of each project. The project's own namespace comes last.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Folders = new Dictionary<string, string[]>
    {
        ["Kernels"] =
        [
            "Devices", "Tensors", "Simd", "Numerics", "Reductions", "Elementwise", "Gemm", "Normalization", "Losses", "Embeddings", "Fused",
            "Measuring",
        ],
        ["Model"] =
        [
            "Text", "Random", "Recipes", "Data", "Network", "Execution", "Checkpoints", "Reference", "Evaluation", "Export", "Diagnostics",
            "Training", "Sweeps", "Checking", "Experiments", "Measuring",
        ],
        ["Runner"] =
        [
            "Output", "Pages", "Display.Plots", "Display.Web", "Display", "Live", "Data", "Options", "Runs", "Sweeps", "Sweeps.Cluster",
            "Inspect", "History", "Explore", "Check", "Bench", "Help", "Commands",
        ],
    };

    /// <summary>The compiled code of all projects.</summary>
    public static ArchUnitNET.Domain.Architecture Architecture { get; } =
        new ArchLoader().LoadAssemblies(typeof(KernelSet).Assembly, typeof(Mlp).Assembly, typeof(Program).Assembly).Build();

    /// <summary>Every namespace of the source code, from the lowest to the highest.</summary>
    public static IReadOnlyList<string> Order { get; } =
        [.. Projects.SelectMany(project => Folders[project].Select(folder => $"{Root}.{project}.{folder}").Append($"{Root}.{project}"))];

    /// <summary>The folder of the source code, where these tests run in the repository; else null.</summary>
    public static string? Source { get; } = FindSource();

    static string? FindSource()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Makemore.Gpu.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        return folder is null ? null : Path.Combine(folder, "src");
    }
}
