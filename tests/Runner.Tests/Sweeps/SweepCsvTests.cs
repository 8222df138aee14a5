using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Sweeps;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

sealed class SweepCsvTests
{
    string folder = "";

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("makemore-tests-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Each_network_is_a_row_with_all_digits()
    {
        string path = Path.Combine(folder, "new", "sweep.csv");
        SweepCsv.Write(
            path,
            [
                SomeResults.Trained(0, 2.0 / 3, "hidden=100,100", "seed=18446744073709551615"),
                SomeResults.Dropped(1, 2.5, 100, "hidden=50", "seed=2"),
                SomeResults.Diverged(2, 7, "hidden=50", "seed=3"),
            ]);
        string[] lines = File.ReadAllLines(path);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines[0], Is.EqualTo("number,hidden,seed,state,steps_done,train_loss,dev_loss,test_loss,seconds"));
            Assert.That(lines[1], Does.StartWith("0,\"100,100\",18446744073709551615,trained,1000,").And.Contain(",0.6666666666666666,"));
            Assert.That(lines[2..], Is.EqualTo(new[] { "1,50,2,dropped,100,,2.5,,0.25", "2,50,3,diverged,7,,,,0.125" }));
        }
    }

    [Test]
    public void No_networks_are_a_heading()
    {
        string path = Path.Combine(folder, "sweep.csv");
        SweepCsv.Write(path, []);
        Assert.That(File.ReadAllLines(path), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_file_that_cannot_be_written_is_named()
    {
        string path = Path.Combine(folder, "sweep.csv");
        Directory.CreateDirectory(path);
        Assert.That(
            () => SweepCsv.Write(path, []), Throws.TypeOf<InvalidRequestException>().With.Message.Contains($"'{path}' cannot be written"));
    }
}
