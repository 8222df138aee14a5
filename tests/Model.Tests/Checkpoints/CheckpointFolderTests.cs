using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Checkpoints;

/// <summary>The files of checkpoints: which are kept, and that damage is found.</summary>
sealed class CheckpointFolderTests
{
    readonly List<string> told = [];

    TemporaryFolder folder = null!;

    CheckpointFolder Checkpoints => new(folder.Path);

    [SetUp]
    public void MakeFolder()
    {
        folder = new TemporaryFolder();
        told.Clear();
    }

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [Test]
    public void The_last_two_are_kept()
    {
        foreach (int step in (int[])[0, 5, 90, 100])
        {
            Checkpoints.Write(At(step));
        }
        Assert.That(Names, Is.EqualTo(new[] { "step-100.safetensors", "step-90.safetensors" }));
        Assert.That(Checkpoints.ReadNewest(told.Add).Step, Is.EqualTo(100));
        Assert.That(told, Is.Empty);
    }

    [Test]
    public void What_a_kill_has_left_and_later_ones_go_with_the_next_and_nothing_else()
    {
        foreach (string file in (string[])["step-7.safetensors.partial", "step-900.safetensors", "step-x.safetensors", "mine.txt"])
        {
            File.WriteAllText(Path.Combine(folder.Path, file), "");
        }
        Checkpoints.Write(At(8));
        Assert.That(
            Directory.GetFiles(folder.Path).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "step-8.safetensors", "step-x.safetensors", "mine.txt" }));
    }

    [Test]
    public void The_state_of_training_comes_back()
    {
        ModelFile checkpoint = At(12);
        Checkpoints.Write(checkpoint);
        Assert.That(Checkpoints.ReadNewest(told.Add).Training, Is.EqualTo(checkpoint.Training));
    }

    [Test]
    public void A_model_is_no_checkpoint()
    {
        Checkpoints.Write(At(3) with { Training = null });
        Refusal.AssertOneLine(Assert.Throws<InvalidRequestException>(() => Checkpoints.ReadNewest(told.Add))!);
        Assert.That(told, Has.Some.Contains("is no checkpoint"));
    }

    // In the length, the names, the numbers, the padding, the values: everywhere.
    [Test]
    public void One_bit_that_is_flipped_anywhere_is_found()
    {
        Checkpoints.Write(At(1));
        Checkpoints.Write(At(2));
        string newest = Checkpoints.Files[0];
        byte[] bytes = File.ReadAllBytes(newest);
        var random = new MersenneTwister(1u);
        for (int i = 0; i < 200; i++)
        {
            byte[] damaged = [.. bytes];
            int bit = (int)(random.Next32() % (8 * bytes.Length));
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(newest, damaged);
            told.Clear();
            Assert.That(Checkpoints.ReadNewest(told.Add).Step, Is.EqualTo(1), $"bit {bit}");
            Assert.That(told, Has.Count.EqualTo(1), $"bit {bit}");
        }
    }

    IEnumerable<string?> Names => Checkpoints.Files.Select(Path.GetFileName);

    static ModelFile At(int step)
    {
        Recipe recipe = Recipe.Default with { Hidden = [5] };
        Dataset data = TestData.Embedded;
        var configuration = Configuration.Resolve(recipe, data.Train.Count, 100);
        using var network = new Mlp(Accelerators.Kernels("cpu:0"), recipe, data.Vocabulary.Count);
        TorchGenerator generator = network.Draw(configuration.Seeds);
        var point = new DevPoint(step, 2.5, 2.25);
        return ModelFile.Of(network, configuration, data, step) with
        {
            KnownNames = null,
            Training = new TrainingState(step, generator.ToText(), 3.25f, 7.5, 3, new DevProgress(point, point, 0)),
        };
    }
}
