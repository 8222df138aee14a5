using System.Text.RegularExpressions;

namespace Makemore.Gpu.Architecture.Tests;

/// <summary>The documents of the repository.</summary>
sealed partial class DocumentTests
{
    static string Root => Path.GetDirectoryName(House.Source!)!;

    [Test]
    public void Every_link_leads_to_a_file()
    {
        if (House.Source is null)
        {
            Assert.Ignore("the documents lie in the repository, and these tests do not");
        }
        string[] documents =
        [
            .. Directory.GetFiles(Root, "*.md"), .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md"),
            .. Directory.GetFiles(House.Source!, "*.md", SearchOption.AllDirectories),
        ];
        Assert.That(documents, Has.Length.GreaterThan(5));
        IEnumerable<string> broken =
            from document in documents
            from Match link in Link().Matches(File.ReadAllText(document))
            let target = Path.Combine(Path.GetDirectoryName(document)!, link.Groups[1].Value)
            where !File.Exists(target) && !Directory.Exists(target)
            select $"{Path.GetRelativePath(Root, document)}: {link.Groups[1].Value}";
        Assert.That(broken, Is.Empty);
    }

    // A link to a place in this repository, without its anchor.
    [GeneratedRegex(@"\]\(((?!https?:|#|mailto:)[^)#\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
