using System.Reflection;
using System.Text.RegularExpressions;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>The table of src/Kernels/README.md that says which kernel runs where, compared with the code.</summary>
sealed partial class KernelMapTests
{
    const string Processors = "layered: processors";
    const string Gpus = "layered: GPUs";
    const string Threads = "fused: threads";
    const string Warps = "fused: warps";

    static readonly Type[] Types = typeof(KernelSet).Assembly.GetTypes();

    static string? folder;

    [OneTimeSetUp]
    public void FindSource()
    {
        folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Makemore.Gpu.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }
        if (folder is null)
        {
            Assert.Ignore("the source code lies in the repository, and these tests do not");
        }
        folder = Path.Combine(folder!, "src", "Kernels");
    }

    [Test]
    public void Every_name_is_a_type_or_a_kernel()
    {
        string[] known = [.. Types.Select(Name), .. Kernels().Select(kernel => $"{Name(kernel.DeclaringType!)}.{kernel.Name}")];
        Assert.That(Rows().SelectMany(row => row.Values).SelectMany(Names).Except(known), Is.Empty);
    }

    [Test]
    public void Every_operation_is_a_row()
    {
        IEnumerable<string> operations = typeof(KernelSet)
            .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(property => property.PropertyType.Name)
            .Where(name => Types.Any(type => type.Name == name && type.Namespace != "Makemore.Gpu.Kernels.Devices"));
        Assert.That(Rows().Select(row => Link().Match(row["operation"]).Groups[1].Value), Is.EquivalentTo(operations));
    }

    [Test]
    public void A_link_leads_to_the_launcher()
    {
        foreach (Match link in Rows().Select(row => Link().Match(row["operation"])))
        {
            Assert.That(File.Exists(Path.Combine(folder!, link.Groups[2].Value)), link.Value);
            Assert.That(Path.GetFileNameWithoutExtension(link.Groups[2].Value), Is.EqualTo(link.Groups[1].Value));
        }
    }

    [Test]
    public void Every_operation_for_workers_stands_in_the_column_of_processors() =>
        Assert.That(
            Types.Where(type => type.IsValueType && type.IsAssignableTo(typeof(IWorkerOperation))).Select(Name)
                .Except(Rows().SelectMany(row => Names(row[Processors]))),
            Is.Empty);

    // A kernel's name says for which devices it is; one without a prefix is for all of them.
    [Test]
    public void Every_layered_kernel_stands_in_the_columns_of_its_devices()
    {
        var missing = new List<string>();
        string[] others = ["Makemore.Gpu.Kernels.Devices", "Makemore.Gpu.Kernels.Fused", "Makemore.Gpu.Kernels.Measuring"];
        foreach (MethodInfo kernel in Kernels().Where(kernel => !others.Contains(kernel.DeclaringType!.Namespace)))
        {
            string type = Name(kernel.DeclaringType!);
            string[] columns = (type + kernel.Name) switch
            {
                _ when type.EndsWith("Steps", StringComparison.Ordinal) => ["the lecture's small steps"],
                _ when Has("Cpu") => [Processors],
                _ when Has("Gpu") || Has("Simt") || Has("TensorCore") || type is "ColumnSums" or "SmallGroupGemm" => [Gpus],
                _ => [Processors, Gpus],
            };
            missing.AddRange(columns
                .Where(column => !Rows().Any(row => Names(row[column]).Any(name => name == type || name == $"{type}.{kernel.Name}")))
                .Select(column => $"{type}.{kernel.Name} in column {column}"));

            bool Has(string prefix) =>
                type.StartsWith(prefix, StringComparison.Ordinal) || kernel.Name.StartsWith(prefix, StringComparison.Ordinal);
        }
        Assert.That(missing, Is.Empty);
    }

    [TestCase(Threads, "ThreadWorker")]
    [TestCase(Warps, "WarpWorker")]
    public void The_tile_operations_of_a_worker_are_those_that_it_runs(string column, string worker)
    {
        string runner = worker.Replace("Worker", "TileRunner", StringComparison.Ordinal);
        string source = Source($"Fused/{worker}") + Source($"Fused/{runner}") + Source("Fused/TileChains");
        IEnumerable<string> run = TileOperation().Matches(source).Select(match => match.Groups[1].Value).Distinct();
        string[] others = ["FusedKernels", worker, "WarpGemm", "WarpSoftmaxCrossEntropy"];
        Assert.That(Rows().SelectMany(row => Names(row[column])).Distinct().Except(others), Is.EquivalentTo(run));
    }

    [Test]
    public void A_warp_runs_a_tile_operation_its_own_way_where_the_table_says_so()
    {
        Assert.That(Source("Gemm/TileGemm"), Does.Contain("WarpGemm.Run("));
        Assert.That(Source("Losses/TileSoftmaxCrossEntropy"), Does.Contain("WarpSoftmaxCrossEntropy.Run("));
    }

    static IEnumerable<MethodInfo> Kernels() =>
        from type in Types
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where method.Name.EndsWith("Kernel", StringComparison.Ordinal) && method.ReturnType == typeof(void)
        select method;

    static string Source(string file) => File.ReadAllText(Path.Combine(folder!, $"{file}.cs"));

    static string Name(Type type) => type.Name.Split('`')[0];

    static IEnumerable<string> Names(string cell) => Code().Matches(cell).Select(match => match.Groups[1].Value);

    static IEnumerable<Dictionary<string, string>> Rows()
    {
        string[][] table =
        [
            .. File.ReadLines(Path.Combine(folder!, "README.md"))
                .SkipWhile(line => !line.StartsWith("| operation", StringComparison.Ordinal))
                .TakeWhile(line => line.StartsWith('|'))
                .Select(line => Array.ConvertAll(line.Trim('|').Split('|'), cell => cell.Trim())),
        ];
        return table.Skip(2).Select(cells => table[0].Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\[(\w+)\]\(([\w./]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"new ((?:Tile|Warp)\w+)\(")]
    private static partial Regex TileOperation();
}
