using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

sealed class ExportCommandTests : CommandTests
{
    [Test]
    public void A_model_is_written_as_ONNX_into_a_folder_that_is_made([Values("batchnorm", "deep-tanh")] string recipe)
    {
        Outcome outcome = Succeed("export", TrainedModel.Write(recipe), "--onnx", Path.Combine("new", "names.onnx"), "--json");
        byte[] onnx = File.ReadAllBytes(Path.Combine("new", "names.onnx"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(onnx, Has.Length.GreaterThan(1000));
            Assert.That(outcome.Json.GetProperty("context").GetInt32(), Is.EqualTo(3));
            Assert.That(
                string.Concat(outcome.Json.GetProperty("vocabulary").EnumerateArray().Select(token => token.GetString())),
                Is.EqualTo(SmallNames.Vocabulary));
        }
    }

    [Test]
    public void A_module_of_PyTorch_has_the_model_beside_it()
    {
        string model = TrainedModel.Write();
        Outcome outcome = Succeed("export", model, "--pytorch", "torch", "--json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Json.GetProperty("pytorch").GetString(), Is.EqualTo(Path.Combine("torch", "model.py")));
            Assert.That(File.ReadAllText(Path.Combine("torch", "model.py")), Does.Contain("def logits(contexts):"));
            Assert.That(Sample(Path.Combine("torch", "model.safetensors")), Is.EqualTo(Sample(model)));
        }
        Refuse(["export", model, "--pytorch", "torch"], "model.py", "--force");
    }

    [Test]
    public void A_file_that_is_there_is_written_over_only_by_force()
    {
        string model = TrainedModel.Write();
        Write("names.onnx", "precious");
        Refuse(["export", model, "--onnx", "names.onnx"], "names.onnx", "--force");
        Succeed("export", model, "--onnx", "names.onnx", "--force");
        Assert.That(File.ReadAllText("names.onnx"), Is.Not.EqualTo("precious"));
    }

    [Test]
    public void What_cannot_be_written_is_refused()
    {
        string model = TrainedModel.Write();
        Refuse(["export", model], "--onnx");
        Refuse(["export", model, "--onnx", ""], "--onnx");
        Refuse(["export", model, "--onnx", "."], "--onnx", "folder");
        Refuse(["export", model, "--onnx", Path.Combine(model, "names.onnx")], "names.onnx");
    }
}
