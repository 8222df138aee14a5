using System.Text.RegularExpressions;

namespace Makemore.Gpu.Architecture.Tests;

/// <summary>The order of projects and folders in the source code: its namespaces and using lines.</summary>
sealed partial class SourceTests
{
    static IEnumerable<string> Files => House.Source is null
        ? []
        : Directory.EnumerateFiles(House.Source, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(House.Source, file).Replace('\\', '/'))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    [SetUp]
    public void RequireSource()
    {
        if (House.Source is null)
        {
            Assert.Ignore("the source code lies in the repository, and these tests do not");
        }
    }

    [Test]
    public void A_namespace_is_its_folder() => Assert.That(
        Files.Where(file => NamespaceOf(file) is { } name && name != FolderOf(file)), Is.Empty);

    [Test]
    public void A_file_uses_folders_before_its_own_alone()
    {
        var faults = new List<string>();
        foreach (string file in Files)
        {
            int own = IndexOf(NamespaceOf(file));
            faults.AddRange(UsedBy(file).Where(name => IndexOf(name) > own).Select(name => $"{file} uses {name}"));
        }
        Assert.That(faults, Is.Empty);
    }

    static int IndexOf(string? name) => name is null ? int.MaxValue : House.Order.ToList().IndexOf(name);

    static string Text(string file) => File.ReadAllText(Path.Combine(House.Source!, file));

    static string? NamespaceOf(string file) => Namespace().Match(Text(file)) is { Success: true } match ? match.Groups[1].Value : null;

    static string FolderOf(string file) => $"{House.Root}.{string.Join('.', file.Split('/')[..^1])}";

    static IEnumerable<string> UsedBy(string file) =>
        Using().Matches(Text(file)).Select(match => match.Groups[1].Value).Where(House.Order.Contains);

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
