using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

sealed class ImportCommandTests : CommandTests
{
    [Test]
    public void What_is_imported_with_its_names_has_the_losses_and_the_names_of_the_model(
        [Values("kaiming", "batchnorm", "deep-batchnorm")] string recipe)
    {
        string model = TrainedModel.Write(recipe);
        SmallNames.Write();
        Outcome outcome = Succeed("import", Stripped(model), "--data", SmallNames.FileName, "--run", "imported", "--json");
        string imported = Path.Combine("imported", "model.safetensors");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Json.GetProperty("model").GetString(), Is.EqualTo(imported));
            Assert.That(outcome.Json.GetProperty("recipe").GetString(), Is.EqualTo(recipe));
            Assert.That(Evaluate("imported"), Is.EqualTo(Evaluate(model)));
            Assert.That(Sample("imported", "--new-only"), Is.EqualTo(Sample(model, "--new-only")));
        }
    }

    [Test]
    public void A_model_without_names_has_the_lectures_tokens_and_draws_names()
    {
        File.WriteAllText("letters.txt", "abcdefghijklm\nnopqrstuvwxyz\n" + SmallNames.Text);
        Train("--data", "letters.txt", "--run", "trained");
        Outcome outcome = Succeed("import", Stripped(Path.Combine("trained", "model.safetensors")));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Does.Contain("a to z").And.Contain("--data"));
            Assert.That(Sample("imported-1"), Is.EqualTo(Sample("trained")));
            Assert.That(
                Run("evaluate", "imported-1", "--data", "letters.txt", "--accelerator", "cpu").ExitCode, Is.EqualTo(Done));
        }
        Refuse(["evaluate", "imported-1", "--accelerator", "cpu"], "--data");
    }

    [Test]
    public void What_cannot_be_imported_is_refused()
    {
        string model = TrainedModel.Write();
        string stripped = Stripped(model);
        Refuse(["import", model], "needs no import");
        Refuse(["import", "nowhere.safetensors"], "nowhere.safetensors");
        Refuse(["import", stripped], "--data");
        Refuse(["import", stripped, "--column", "1"], "--column", "--data");
        Refuse(["import", stripped, "--recipe", "x"], "x");
        Refuse(["import", stripped, "--bn-epsilon", "-1"], "--bn-epsilon");
        Directory.CreateDirectory("there");
        Refuse(["import", stripped, "--run", "there"], "there", "--force");
        Write(Path.Combine("there", "metrics.jsonl"), "");
        Refuse(["import", stripped, "--run", "there", "--force"], "there", "--run");
    }

    static string Evaluate(string model) =>
        Succeed("evaluate", model, "--accelerator", "cpu", "--json").Json.GetProperty("losses").ToString();

    // As PyTorch writes it: no metadata.
    static string Stripped(string model)
    {
        (SafeTensors.Read(model) with { Metadata = new Dictionary<string, string>() }).Write("torch.safetensors");
        return "torch.safetensors";
    }
}
