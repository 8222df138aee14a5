using System.Globalization;
using System.Text;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests;

/// <summary>The data that tests share, each read once.</summary>
static class TestData
{
    const string NamesVariable = "MAKEMORE_NAMES";

    static readonly Lazy<Dataset> EmbeddedNames = new(() => Dataset.Create(NamesFile.Embedded(), context: 3));
    static readonly Lazy<SafeTensors> Dump = new(() => SafeTensors.Read(Golden("one_batch.safetensors")));
    static readonly Lazy<float[]> Losses = new(ReadLosses);
    static Dataset? lectureNames;

    /// <summary>The embedded list, with the lectures' context of 3.</summary>
    public static Dataset Embedded => EmbeddedNames.Value;

    /// <summary>One batch of the lecture on manual backprop with all intermediates and gradients, made by libtorch.</summary>
    public static SafeTensors GoldenBatch => Dump.Value;

    /// <summary>The losses of the first steps of recipe batchnorm on the lectures' names, made by libtorch.</summary>
    public static float[] GoldenLosses => Losses.Value;

    /// <summary>The lectures' names.txt. A test that asks for it is skipped where nobody says where it lies.</summary>
    public static Dataset Lecture => lectureNames ??= Dataset.Create(NamesFile.Read(LectureNamesPath()), context: 3);

    /// <summary>A list of names, as a file would give it.</summary>
    public static NamesFile Names(params string[] names) => Names(names, format: null);

    public static NamesFile Names(string[] names, NamesFormat? format) =>
        NamesFile.Parse("a list", Encoding.UTF8.GetBytes(string.Join('\n', names)), format);

    static string Golden(string file) => Path.Combine(AppContext.BaseDirectory, "Golden", file);

    static float[] ReadLosses() =>
    [
        .. File.ReadLines(Golden("batchnorm_losses.csv")).Skip(1)
            .Select(line => float.Parse(line.Split(',')[1], CultureInfo.InvariantCulture)),
    ];

    static string LectureNamesPath()
    {
        string? path = Environment.GetEnvironmentVariable(NamesVariable);
        if (string.IsNullOrEmpty(path))
        {
            Assert.Ignore($"set {NamesVariable} to the path of makemore's names.txt");
        }
        return path!;
    }
}
