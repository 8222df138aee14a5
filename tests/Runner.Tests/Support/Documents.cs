using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Support;

/// <summary>The documents of the repository.</summary>
static class Documents
{
    /// <summary>The repository, or null where the tests run outside it.</summary>
    public static string? Repository { get; } = Find();

    /// <summary>The path of a file in the repository. A test that asks for it is skipped outside the repository.</summary>
    public static string Path(params string[] parts)
    {
        if (Repository is null)
        {
            Assert.Ignore("the documents are not beside the tests: run them in the repository");
        }
        return System.IO.Path.Combine([Repository!, .. parts]);
    }

    static string? Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Makemore.Gpu.sln")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName;
    }
}
