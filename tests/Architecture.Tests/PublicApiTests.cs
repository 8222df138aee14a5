using System.Reflection;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model;
using PublicApiGenerator;

namespace Makemore.Gpu.Architecture.Tests;

/// <summary>
/// What others can call is written down in the folder PublicApi: each change of it is seen there and approved. RENEW_PUBLIC_API=1 writes it
/// anew.
/// </summary>
sealed class PublicApiTests
{
    // Enough for one reader.
    const int MostTypes = 45;

    static readonly Assembly[] Libraries = [typeof(ComputeDevice).Assembly, typeof(LanguageModel).Assembly];

    [TestCaseSource(nameof(Libraries))]
    public void The_public_surface_is_the_approved_one(Assembly library)
    {
        if (House.Source is not { } source)
        {
            Assert.Ignore("the approved surface lies in the repository");
            return;
        }
        string file = Path.Combine(source, "..", "tests", "Architecture.Tests", "PublicApi", $"{library.GetName().Name}.txt");
        string actual = library.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("RENEW_PUBLIC_API") == "1")
        {
            File.WriteAllText(file, actual);
        }
        Assert.That(actual.Split('\n'), Is.EqualTo(File.ReadAllText(file).ReplaceLineEndings("\n").Split('\n')));
    }

    [Test]
    public void It_is_small() =>
        Assert.That(Libraries.SelectMany(library => library.GetExportedTypes()).Count(), Is.LessThanOrEqualTo(MostTypes));
}
