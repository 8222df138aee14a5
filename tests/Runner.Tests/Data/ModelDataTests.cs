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

    [Test]
    public void Neither_a_model_nor_its_settings_hold_a_path_of_the_machine()
    {
        SmallNames.Write();
        Train("--data", Path.GetFullPath(SmallNames.FileName), "--run", Path.Combine("runs", "deep", "below"));
        string run = Path.Combine("runs", "deep", "below");
        using (Assert.EnterMultipleScope())
        {
            foreach (string file in Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories))
            {
                string text = File.ReadAllText(file, System.Text.Encoding.Latin1);
                Assert.That(text, Does.Not.Contain(Folder), file);
                Assert.That(text.Contains("../../../small.txt", StringComparison.Ordinal), Is.EqualTo(text.Contains("data_source")), file);
            }
        }
        Succeed("evaluate", "--model", run);
    }

    [Test]
    public void Names_are_found_from_the_folder_of_the_run_wherever_it_is_moved_with_them()
    {
        Directory.CreateDirectory("project");
        File.Move(SmallNames.Write(), Path.Combine("project", SmallNames.FileName));
        Train("--data", Path.Combine("project", SmallNames.FileName), "--run", Path.Combine("project", "run"));
        Directory.Move("project", "moved");
        File.Delete(SmallNames.FileName);
        Succeed("evaluate", "--model", Path.Combine("moved", "run"));
        File.Delete(Path.Combine("moved", "run", "model.safetensors"));
        Succeed("evaluate", "--model", Path.Combine("moved", "run"));
        File.Delete(Path.Combine("moved", SmallNames.FileName));
        Refuse(["evaluate", "--model", Path.Combine("moved", "run", "checkpoints", "step-10.safetensors")], SmallNames.FileName, "--data");
    }

    [Test]
    public void Another_file_of_the_same_name_is_passed_over()
    {
        WriteModel("../small.txt");
        Write(Path.Combine("elsewhere", SmallNames.FileName), [0, 1, 2]);
        SmallNames.Write();
        Succeed("evaluate", "--model", Model);
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
