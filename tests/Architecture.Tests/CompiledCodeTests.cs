using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.NUnit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Makemore.Gpu.Architecture.Tests;

/// <summary>
/// The order of projects and folders in the compiled code, where constants of other types are inlined: see <see cref="SourceTests"/> for
/// those.
/// </summary>
sealed class CompiledCodeTests
{
    static IEnumerable<string> Namespaces => House.Order;

    // All projects are one order: so this also holds Kernels below Model, and Model below Runner.
    [TestCaseSource(nameof(Namespaces))]
    public void A_folder_depends_on_those_before_it_alone(string folder)
    {
        string[] later = [.. House.Order.SkipWhile(name => name != folder).Skip(1)];
        if (later.Length > 0)
        {
            string pattern = string.Join('|', later).Replace(".", @"\.", StringComparison.Ordinal);
            Types().That().ResideInNamespace(folder)
                .Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($"^({pattern})$"))
                .WithoutRequiringPositiveResults()
                .Check(House.Architecture);
        }
    }

    [TestCase("Kernels")]
    [TestCase("Model")]
    [TestCase("Runner")]
    public void There_is_no_cycle_between_folders(string project) =>
        SliceRuleDefinition.Slices().Matching($"{House.Root}.{project}.(*)").Should().BeFreeOfCycles().Check(House.Architecture);

    [Test]
    public void Every_namespace_has_its_place_in_the_order()
    {
        IEnumerable<string> all = House.Architecture.Types
            .Select(type => type.Namespace.FullName)
            .Where(name => name == House.Root || name.StartsWith($"{House.Root}.", StringComparison.Ordinal));
        // Of the projects' own namespaces, one may be empty.
        Assert.That(all.Distinct(), Is.SubsetOf(House.Order).And.SupersetOf(House.Order.Except([$"{House.Root}.Model"])));
    }

    [Test]
    public void Nothing_of_the_lanes_is_public() =>
        Types().That().ResideInNamespace($"{House.Root}.Kernels.Simd").Should().NotBePublic().Check(House.Architecture);

    [Test]
    public void Of_GEMM_only_the_launcher_is_public() =>
        Types().That().ResideInNamespace($"{House.Root}.Kernels.Gemm").And().DoNotHaveName("MatMul")
            .Should().NotBePublic().Check(House.Architecture);
}
