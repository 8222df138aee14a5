using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Runs;

/// <summary>Which model a call means.</summary>
sealed class FoundModelTests : CommandTests
{
    static readonly string First = Path.Combine("runs", "first");
    static readonly string Second = Path.Combine("runs", "second");

    [Test]
    public void A_run_folder_a_file_and_the_name_of_a_run_mean_the_same_model()
    {
        Train("--run", First);
        string[] names = Sample(Path.Combine(First, TrainedModel.FileName));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Sample(First), Is.EqualTo(names));
            Assert.That(Sample("first"), Is.EqualTo(names));
            Assert.That(Json("sample", First).GetProperty("names").EnumerateArray().Select(name => name.GetString()), Is.EqualTo(names));
            Assert.That(Json("evaluate", First).ToString(), Is.EqualTo(Json("evaluate", "--model", First).ToString()));
            Assert.That(Json("score", "anna", "--model", First).GetProperty("scores").GetArrayLength(), Is.EqualTo(1));
        }
    }

    [TestCase("sample")]
    [TestCase("evaluate")]
    [TestCase("score", "anna")]
    [TestCase("inspect")]
    public void Without_one_the_latest_run_is_taken_and_told(params string[] call)
    {
        Train("--run", First);
        Train("--run", Second);
        Directory.CreateDirectory(Path.Combine("runs", "of-nothing"));
        Assert.That(Succeed(call).ErrorLines, Is.EqualTo([$"note: the latest run is taken, {Second}"]));
        File.SetLastWriteTimeUtc(Path.Combine(First, TrainedModel.FileName), DateTime.UtcNow.AddMinutes(1));
        Assert.That(Succeed(call).ErrorLines, Is.EqualTo([$"note: the latest run is taken, {First}"]));
    }

    [Test]
    public void A_run_that_has_not_come_to_its_end_gives_its_checkpoint()
    {
        Train("--run", First);
        File.Delete(Path.Combine(First, TrainedModel.FileName));
        Assert.That(Succeed("sample", "--model", First).Error, Does.Contain("has not come to its end"));
    }

    [Test]
    public void A_folder_without_a_model_is_refused()
    {
        Directory.CreateDirectory(First);
        Refuse(["sample", First], $"'{First}'", "model.safetensors", "--model");
        Refuse(["inspect", First], $"'{First}'", "model.safetensors", "--run");
        Refuse(["sample", "nowhere"], "'nowhere'");
        Refuse(["sample", "one", "--model", "two"], "'one'", "'two'", "--model");
    }

    [Test]
    public void Inspect_trains_where_a_network_is_asked_for()
    {
        Train("--run", First);
        Outcome outcome = Succeed("inspect", "--data", SmallNames.Write(), "--recipe", "naive", "--hidden", "8", "--steps", "1");
        Assert.That(outcome.Output, Does.Contain("step 0").And.Contain(Path.Combine("runs", "naive-1")));
    }

    static System.Text.Json.JsonElement Json(params string[] call) => Succeed([.. call, "--accelerator", "cpu", "--json"]).Json;
}
