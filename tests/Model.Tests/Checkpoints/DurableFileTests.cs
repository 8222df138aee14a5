using Makemore.Gpu.Model.Checkpoints;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Checkpoints;

/// <summary>Files that are whole or not there.</summary>
sealed class DurableFileTests
{
    TemporaryFolder folder = null!;

    string File1 => Path.Combine(folder.Path, "file");

    [SetUp]
    public void MakeFolder() => folder = new TemporaryFolder();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [Test]
    public void A_file_takes_the_name_of_an_older_one()
    {
        File.WriteAllText(File1, "older and longer");
        DurableFile.Write(File1, file => file.Write("new"u8));
        Assert.That(File.ReadAllText(File1), Is.EqualTo("new"));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void Where_writing_fails_the_older_one_stays_and_nothing_beside_it()
    {
        File.WriteAllText(File1, "older");
        Assert.Throws<IOException>(() => DurableFile.Write(File1, file =>
        {
            file.Write("new"u8);
            throw new IOException("the disk is full");
        }));
        Assert.That(File.ReadAllText(File1), Is.EqualTo("older"));
        Assert.That(Directory.GetFiles(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_link_under_the_other_name_is_not_followed()
    {
        string target = Path.Combine(folder.Path, "target");
        File.WriteAllText(target, "somebody's");
        File.CreateSymbolicLink(File1 + DurableFile.PartialEnding, target);
        DurableFile.Write(File1, file => file.Write("new"u8));
        Assert.That(File.ReadAllText(target), Is.EqualTo("somebody's"));
        Assert.That(File.ReadAllText(File1), Is.EqualTo("new"));
    }
}
