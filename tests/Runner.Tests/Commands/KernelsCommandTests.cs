using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

sealed class KernelsCommandTests : CommandTests
{
    [Test]
    public void Every_operation_has_a_row_with_a_kernel_for_each_form()
    {
        Outcome outcome = Succeed("kernels", "--json");
        JsonElement[] operations = [.. outcome.Json.GetProperty("operations").EnumerateArray()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(operations, Has.Length.GreaterThanOrEqualTo(12));
            foreach (JsonElement operation in operations)
            {
                string name = operation.GetProperty("name").GetString()!;
                Assert.That(outcome.Error, Does.Contain(name));
                Assert.That(operation.GetProperty("forms").EnumerateObject().Count(), Is.EqualTo(6), name);
                Assert.That(operation.GetProperty("cuda").GetArrayLength(), Is.GreaterThan(0), name);
            }
        }
    }

    [Test]
    public void An_operation_shows_its_forms_and_the_registers_of_its_kernels()
    {
        Outcome outcome = Succeed("kernels", "bias");
        Assert.That(outcome.Output, Does.Match(@"layered: GPUs +Bias\.GpuAddKernel").And.Match(@"Bias\.GpuAddKernel<Scalar> +256 +\d"));
    }

    [Test]
    public void A_kernel_is_found_in_its_operation() => Assert.That(Succeed("kernels", "TensorCoreGemm").Output, Does.Contain("MatMul"));

    [Test]
    public void The_source_is_that_of_the_repository()
    {
        Outcome outcome = Succeed("kernels", "MatMul", "--as", "csharp", "--json");
        JsonElement[] files = [.. outcome.Json.GetProperty("files").EnumerateArray()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(files[0].GetProperty("path").GetString(), Is.EqualTo("Gemm/MatMul.cs"));
            Assert.That(files.Select(file => file.GetProperty("path").GetString()), Does.Contain("Gemm/TensorCoreGemm.cs"));
            foreach (JsonElement file in files)
            {
                string path = Documents.Path(["src", "Kernels", .. file.GetProperty("path").GetString()!.Split('/')]);
                Assert.That(file.GetProperty("text").GetString(), Is.EqualTo(File.ReadAllText(path)));
            }
        }
    }

    [Test]
    public void What_is_no_kernel_is_refused()
    {
        Refuse(["kernels", "foo"], "foo", "MatMul");
        Refuse(["kernels", "--as", "csharp"], "--as");
        Refuse(["kernels", "MatMul", "--as", "basic"], "--as", "csharp");
    }
}
