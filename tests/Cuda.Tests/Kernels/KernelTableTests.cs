using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Kernels;

/// <summary>The committed table of figures.</summary>
sealed class KernelTableTests : CudaTests
{
    [Test]
    public void The_table_shows_the_kernels_as_they_are()
    {
        Assembler.Require();
        if (KernelTable.Path is not { } path)
        {
            Assert.Ignore("the table lies in the repository, and these tests do not");
            return;
        }
        string table = KernelTable.Write();
        if (Environment.GetEnvironmentVariable(KernelTable.RenewVariable) is not null)
        {
            File.WriteAllText(path, table);
        }
        string committed = File.Exists(path) ? File.ReadAllText(path) : "";
        if (KernelTable.VersionOf(committed) is { } version && version != Assembler.Version)
        {
            Assert.Ignore($"the table is for ptxas {version}, and this is {Assembler.Version}: only the limits are checked");
        }
        string[] now = table.Split('\n'), then = committed.Split('\n');
        IEnumerable<string> differences =
            [.. then.Except(now).Select(line => $"- {line}"), .. now.Except(then).Select(line => $"+ {line}")];
        Assert.That(differences, Is.Empty, $"renew the table, and look at what has changed: {KernelTable.RenewCommand}");
    }
}
