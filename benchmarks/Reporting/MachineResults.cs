using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using BenchmarkDotNet.Environments;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Perfolizer.Helpers;
using Perfolizer.Models;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>What one run measured on one machine, as it is kept in <c>benchmarks/results</c>.</summary>
/// <param name="Machine">The processor, how many cores, and the GPUs.</param>
/// <param name="OperatingSystem">The operating system.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="Ilgpu">The version of ILGPU.</param>
/// <param name="Date">The day of the run.</param>
/// <param name="Accelerators">What each accelerator is, by name.</param>
/// <param name="Rows">The measurements, in the order in which they were made.</param>
public sealed partial record MachineResults(
    string Machine, string OperatingSystem, string Runtime, string Ilgpu, DateOnly Date,
    IReadOnlyDictionary<string, string> Accelerators, IReadOnlyList<Row> Rows)
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new RowOnOneLine() },
        WriteIndented = true,
    };

    static string Folder => Path.Combine(Repository.Root, "benchmarks", "results");

    /// <summary>The results of a run that has just ended on this machine.</summary>
    /// <param name="rows">The measurements.</param>
    public static MachineResults Of(IReadOnlyList<Row> rows)
    {
        CpuInfo processor = HostEnvironmentInfo.GetCurrent().Cpu.Value;
        string name = processor.ToShortBrandName().Replace(" Processor", "", StringComparison.Ordinal).Replace(" CPU", "", StringComparison.Ordinal);
        int cores = Math.Min(processor.PhysicalCoreCount ?? int.MaxValue, Environment.ProcessorCount);
        IReadOnlyList<FoundDevice> devices = Benchmarks.Accelerators.Devices;
        IEnumerable<string> gpus = devices.Where(device => !LaunchShape.IsProcessor(device.Device)).Select(device => device.Device.Name).Distinct();
        return new MachineResults(
            string.Join(", ", gpus.Prepend($"{name}, {cores} cores")),
            RuntimeInformation.OSDescription,
            RuntimeInformation.FrameworkDescription,
            typeof(ILGPU.Context).Assembly.GetName().Version!.ToString(3),
            DateOnly.FromDateTime(DateTime.UtcNow),
            devices.ToDictionary(device => device.Name, device => device.Description),
            rows);
    }

    /// <summary>All results that are kept, by the names of their files.</summary>
    /// <exception cref="InvalidRequestException">A file cannot be understood.</exception>
    public static IEnumerable<MachineResults> Kept() =>
        Directory.Exists(Folder) ? Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal).Select(Load) : [];

    /// <summary>Keeps the results in place of the machine's earlier ones.</summary>
    /// <returns>The file.</returns>
    public string Save()
    {
        string path = Path.Combine(Folder, NotOfAName().Replace(Machine.ToLowerInvariant(), "-").Trim('-') + ".json");
        Directory.CreateDirectory(Folder);
        File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");
        return path;
    }

    static MachineResults Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<MachineResults>(File.ReadAllText(path), Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException fault)
        {
            throw new InvalidRequestException($"'{path}' does not hold results: {fault.Message}", fault);
        }
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotOfAName();

    /// <summary>A hundred rows of six values read better, and compare better, a row to a line.</summary>
    sealed class RowOnOneLine : JsonConverter<Row>
    {
        static readonly JsonSerializerOptions Compact = new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };

        public override Row? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<Row>(ref reader, Compact);

        public override void Write(Utf8JsonWriter writer, Row value, JsonSerializerOptions options) =>
            writer.WriteRawValue("\n    " + JsonSerializer.Serialize(value, Compact));
    }
}
