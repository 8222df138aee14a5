using System.Diagnostics;
using System.Text.Json.Nodes;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Data;

/// <summary>Where a model says that its names are is a hint of whoever made it.</summary>
sealed class ModelDataTests : CommandTests
{
    const string Model = "elsewhere/model.safetensors";

    [TestCase("small.txt")]
    [TestCase("./small.txt")]
    public void Names_are_found_beside_the_working_folder_and_beside_the_model(string source)
    {
        WriteModel(source);
        SmallNames.Write();
        Succeed("evaluate", "--model", Model);
        File.Move(SmallNames.FileName, Path.Combine("elsewhere", SmallNames.FileName));
        Succeed("evaluate", "--model", Model);
        File.Delete(Path.Combine("elsewhere", SmallNames.FileName));
        Refuse(["evaluate", "--model", Model], source, "--data");
    }

    [TestCase("/dev/zero")]
    [TestCase("link")]
    [TestCase("pipe")]
    [TestCase("//server/share/names.txt")]
    [TestCase(@"\\server\share\names.txt")]
    [TestCase(@"\\.\pipe\names")]
    [Platform(Exclude = "Win", Reason = "Windows has no such files")]
    public void Neither_a_device_nor_a_pipe_nor_a_network_is_opened(string source)
    {
        WriteModel(source);
        File.CreateSymbolicLink("link", "/dev/zero");
        MakePipe("pipe");
        // Not by Refuse, which reads every file of the folder.
        Run("evaluate", "--model", Model).AssertFailed(WrongCall, "--data");
        Assert.That(Run("sample", "--model", Model).ExitCode, Is.Zero);
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Windows has no such files")]
    public void A_model_that_is_a_pipe_is_refused_without_waiting()
    {
        MakePipe("pipe.safetensors");
        Run("sample", "--model", "pipe.safetensors").AssertFailed(WrongCall, "'pipe.safetensors'", "no file but a pipe");
    }

    static void MakePipe(string path)
    {
        using var process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
    }

    static void WriteModel(string source)
    {
        Directory.CreateDirectory("elsewhere");
        TensorFile.WithHeader(Model, TensorFile.WithoutNames("without.safetensors", TrainedModel.Write()), header =>
        {
            JsonNode metadata = header["__metadata__"]!;
            metadata["data_source"] = source;
        });
    }
}
