using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Support;

/// <summary>The names that tests train on.</summary>
static class SmallNames
{
    public const string FileName = "small.txt";

    const string LectureVariable = "MAKEMORE_NAMES";

    public static IReadOnlyList<string> All { get; } =
    [
        "anna", "ben", "carla", "dora", "emil", "fritz", "greta", "hanna", "ida", "jonas", "karl", "lena", "mara", "nils", "otto", "paula",
        "rosa", "sara", "tom", "uwe", "vera", "willi", "xenia", "yann", "zoe", "alma", "bela", "clara", "dana", "elsa", "finn", "gustav",
    ];

    public static string Text => string.Join('\n', All) + "\n";

    /// <summary>The characters of the names as a model file holds them.</summary>
    public static string Vocabulary => "." + string.Concat(All.SelectMany(name => name).Distinct().Order());

    /// <summary>Writes the names into the working folder, and gives the file's name.</summary>
    public static string Write()
    {
        File.WriteAllText(FileName, Text);
        return FileName;
    }

    /// <summary>The path of the lectures' names.txt. A test that asks for it is skipped where nobody says where it lies.</summary>
    public static string LecturePath()
    {
        string? path = Environment.GetEnvironmentVariable(LectureVariable);
        if (string.IsNullOrEmpty(path))
        {
            Assert.Ignore($"set {LectureVariable} to the path of makemore's names.txt");
        }
        return path!;
    }
}
