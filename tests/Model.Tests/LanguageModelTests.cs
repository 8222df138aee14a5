using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests;

/// <summary>The model as a caller uses it, by a small network.</summary>
sealed class LanguageModelTests
{
    const int Steps = 40;

    static readonly Recipe Small = Recipe.Default with { Hidden = [8], Embedding = 2, Batch = 8 };

    static IEnumerable<DeviceKind> Kinds => ComputeDevice.List().Select(found => found.Kind)
        .Where(kind => Accelerators.Names.Any(name => name.StartsWith($"{kind}", StringComparison.OrdinalIgnoreCase))).Distinct();

    [TestCaseSource(nameof(Kinds))]
    public void It_learns_evaluates_samples_and_comes_back_from_its_file(DeviceKind kind)
    {
        using var folder = new TemporaryFolder();
        using var device = ComputeDevice.Open(kind);
        using var model = new LanguageModel(device, NameList.Embedded, Small);
        double before = model.Evaluate().Dev;
        TrainingResult result = model.Train(new TrainingOptions { Steps = Steps });
        SplitLosses losses = model.Evaluate();
        model.Save(folder.File("model.safetensors"));
        using var again = LanguageModel.Load(device, folder.File("model.safetensors"));
        Assert.That(() => again.Evaluate(), Throws.InvalidOperationException.With.Message.Contain(nameof(LanguageModel.Names)));
        again.Names = NameList.Embedded;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((result.StepsDone, result.Losses.Count, model.StepsDone), Is.EqualTo((Steps, Steps, Steps)));
            Assert.That(losses.Dev, Is.LessThan(before));
            Assert.That(again.Evaluate(), Is.EqualTo(losses));
            Assert.That(again.Sample(5), Is.EqualTo(model.Sample(5)).And.Count.EqualTo(5));
            Assert.That(Bits(again), Is.EqualTo(Bits(model)));
        }
    }

    [Test]
    public void Training_in_parts_gives_the_bits_of_training_at_once()
    {
        using var folder = new TemporaryFolder();
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        using var whole = new LanguageModel(device, NameList.Embedded, Small);
        using var parts = new LanguageModel(device, NameList.Embedded, Small);
        whole.Train(new TrainingOptions { Steps = Steps });
        parts.Train(new TrainingOptions { Steps = 15 });
        parts.Save(folder.File("part.safetensors"));
        using var loaded = LanguageModel.Load(device, folder.File("part.safetensors"));
        loaded.Names = NameList.Embedded;
        parts.Train(new TrainingOptions { Steps = Steps });
        loaded.Train(new TrainingOptions { Steps = Steps });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Bits(parts), Is.EqualTo(Bits(whole)));
            Assert.That(Bits(loaded), Is.EqualTo(Bits(whole)));
        }
    }

    [Test]
    public void Each_report_of_progress_is_an_object_of_its_own()
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        using var model = new LanguageModel(device, NameList.Embedded, Small);
        var reports = new List<TrainingProgress>();
        TrainingResult result = model.Train(new TrainingOptions { Steps = Steps, EvaluateEvery = 10 }, new Listener(reports.Add));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(reports.SelectMany(report => report.Losses), Is.EqualTo(result.Losses));
            Assert.That(reports.Select(report => report.StepsDone), Is.Ordered.And.Unique);
            Assert.That(reports[^1], Has.Property(nameof(TrainingProgress.StepsDone)).EqualTo(Steps));
            Assert.That(reports.Count(report => report.DevLoss is not null), Is.EqualTo(3));
        }
    }

    [Test]
    public void A_training_that_is_stopped_can_go_on()
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        using var model = new LanguageModel(device, NameList.Embedded, Small);
        using var whole = new LanguageModel(device, NameList.Embedded, Small);
        using var stop = new CancellationTokenSource();
        var options = new TrainingOptions { Steps = Steps };
        Assert.That(
            () => model.Train(options, new Listener(_ => stop.Cancel()), stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(model.StepsDone, Is.InRange(1, Steps - 1));
        model.Train(options);
        whole.Train(options);
        Assert.That(Bits(model), Is.EqualTo(Bits(whole)));
    }

    [TestCase(StepForm.Layered)]
    [TestCase(StepForm.Fused)]
    public void Statistics_are_calibrated_where_the_recipe_says_so(StepForm form)
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        using var model = new LanguageModel(device, NameList.Embedded, Recipe.Named("backprop") with { Hidden = [8] });
        model.Train(new TrainingOptions { Steps = 5, Form = form });
        Tensor mean = model.Tensors.Single(tensor => tensor.Name == "bnmean_running");
        // After 5 steps at momentum 0.001, running means would still be near 0.
        Assert.That(mean.ToArray().Max(Math.Abs), Is.GreaterThan(0.1));
    }

    [Test]
    public void Names_of_ones_own_are_learned_and_faulty_ones_are_told()
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        var cities = new NameList(["london", "paris", "rome", "oslo", "bern", "madrid", "vienna", "prague"]);
        using var model = new LanguageModel(device, cities, Small);
        model.Train(new TrainingOptions { Steps = 5 });
        string name = model.Sample(1, new SamplingSettings { Prompt = "be" })[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(name, Does.StartWith("be"));
            Assert.That(() => new NameList(["a\nb"]), Throws.ArgumentException);
            Assert.That(() => new LanguageModel(device, new NameList(["a", "b"])), Throws.TypeOf<InvalidRequestException>());
            Assert.That(() => model.Names = NameList.Embedded, Throws.TypeOf<InvalidRequestException>());
        }
    }

    [Test]
    public void Names_are_read_from_a_column_of_a_table()
    {
        using var folder = new TemporaryFolder();
        string path = folder.With("people.csv", "id;name\n1;anna\n2;ben\n"u8);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(NameList.Read(path, column: "name").Names, Is.EqualTo(new[] { "anna", "ben" }));
            Assert.That(Message(() => NameList.Read(path)), Does.Contain("looks like a table").And.Contain("give column with"));
        }
    }

    [Test]
    public void Faulty_settings_are_told_in_the_librarys_words()
    {
        using var device = ComputeDevice.Open(DeviceKind.Cpu);
        using var model = new LanguageModel(device, NameList.Embedded, Small);
        model.Train(new TrainingOptions { Steps = 2 });
        string[] messages =
        [
            Message(() => _ = new LanguageModel(device, NameList.Embedded, Small with { Hidden = [0] })),
            Message(() => _ = new LanguageModel(device, NameList.Embedded, Small with { Batch = 1 })),
            Message(() => _ = new LanguageModel(device, NameList.Embedded, Small with { LearningRate = -1 })),
            Message(() => _ = new LanguageModel(device, NameList.Embedded, Small with { Context = 2000 })),
            Message(() => model.Train(new TrainingOptions { Steps = 1 })),
            Message(() => model.Train(new TrainingOptions { Steps = -1 })),
        ];
        Assert.That(messages, Has.None.Contain("--"));
        Assert.That(messages[0], Does.StartWith("Hidden is 0"));
        Assert.That(messages[2], Does.StartWith("LearningRate is -1"));
    }

    [TestCaseSource(nameof(Kinds))]
    public void A_model_may_end_before_or_after_its_device(DeviceKind kind)
    {
        var device = ComputeDevice.Open(kind);
        var before = new LanguageModel(device, NameList.Embedded, Small);
        var after = new LanguageModel(device, NameList.Embedded, Small);
        before.Dispose();
        Assert.That(() => before.Sample(1), Throws.TypeOf<ObjectDisposedException>());
        device.Dispose();
        Assert.That(() => after.Evaluate(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(after.Dispose, Throws.Nothing);
    }

    static string Message(Action call)
    {
        try
        {
            call();
        }
        catch (InvalidRequestException fault)
        {
            return fault.Message;
        }
        throw new AssertionException("nothing was refused");
    }

    static float[][] Bits(LanguageModel model) => [.. model.Tensors.Select(tensor => tensor.ToArray())];

    // Progress<T> would report on another thread.
    sealed class Listener(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
