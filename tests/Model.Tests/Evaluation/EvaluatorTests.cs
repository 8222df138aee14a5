using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Evaluation;

[TestFixtureSource(typeof(Forms), nameof(Forms.Evaluation))]
sealed class EvaluatorTests(string accelerator, string strategyName, FusedForm form)
{
    readonly Strategy strategy = new(strategyName, Form: form);

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    [Test]
    public void The_loss_is_the_references_whatever_the_last_batch_is(
        [Values("batchnorm", "backprop")] string recipe,
        [Values(1, 2, Evaluator.Batch - 1, Evaluator.Batch, Evaluator.Batch + 1, 2500)] int count)
    {
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named(recipe) with { Hidden = [20] });
        using var evaluator = new Evaluator(Kernels, network, strategy);
        Split split = First(count);
        Close.Assert("loss", [evaluator.Loss(split)], [new ReferenceNetwork(network).Loss(split)], Tolerance.Forward);
    }

    [TestCaseSource(typeof(Networks), nameof(Networks.Cases))]
    public void The_loss_of_any_network_is_the_references(Recipe recipe)
    {
        using Mlp network = Networks.WithStatistics(Kernels, recipe);
        using var evaluator = new Evaluator(Kernels, network, strategy);
        Close.Assert("loss", [evaluator.Loss(First(1100))], [new ReferenceNetwork(network).Loss(First(1100))], Tolerance.Forward);
    }

    // Some twice, and more than the split has.
    [Test]
    public void The_loss_of_chosen_examples_is_the_mean_of_theirs()
    {
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named("batchnorm") with { Hidden = [20] });
        using var evaluator = new Evaluator(Kernels, network, strategy);
        Split split = First(700);
        int[] examples = [.. Enumerable.Range(0, Evaluator.Batch + 1).Select(i => i * i % split.Count)];
        Close.Assert(
            "loss", [evaluator.Loss(split, examples)], [new ReferenceNetwork(network).Loss(split, examples)], Tolerance.Forward);
    }

    [Test]
    public void Evaluation_changes_nothing()
    {
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named("batchnorm") with { Hidden = [20] });
        Dictionary<string, float[]> before = Networks.Values(network);
        using var evaluator = new Evaluator(Kernels, network, strategy);
        double first = evaluator.Loss(First(1500));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(evaluator.Loss(First(1500)), Is.EqualTo(first));
            Assert.That(Networks.Values(network), Is.EqualTo(before));
        }
    }

    [Test]
    public void Progress_tells_of_every_example_once()
    {
        var told = new Total();
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named("batchnorm") with { Hidden = [20] });
        using var evaluator = new Evaluator(Kernels, network, strategy) { Progress = told };
        evaluator.Losses(TestData.Embedded);
        Assert.That(told.Sum, Is.EqualTo(TestData.Embedded.Splits.Sum(part => part.Split.Count)));
    }

    [Test]
    public void All_splits_are_reported_by_name()
    {
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named("batchnorm") with { Hidden = [20] });
        using var evaluator = new Evaluator(Kernels, network, strategy);
        Dataset data = TestData.Embedded;
        Assert.That(evaluator.Losses(data), Is.EqualTo(new Dictionary<string, double>
        {
            ["train"] = evaluator.Loss(data.Train),
            ["dev"] = evaluator.Loss(data.Dev),
            ["test"] = evaluator.Loss(data.Test),
        }));
    }

    [Test]
    public void The_loss_of_new_names_leaves_out_the_test_names_that_are_trained_on()
    {
        string[] names = [.. TestData.Embedded.File.Names.Take(120)];
        Dataset data = Dataset.Create(TestData.Names([.. names, .. names[..80]]), context: 3);
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named("batchnorm") with { Hidden = [20] }, data.Vocabulary.Count);
        using var evaluator = new Evaluator(Kernels, network, strategy);
        Split expected = NotTrainedOn(data);
        Assert.That(expected.Count, Is.InRange(1, data.Test.Count - 1));
        Close.Assert(
            "loss", [evaluator.LossOfNewTestNames(data)!.Value], [new ReferenceNetwork(network).Loss(expected)], Tolerance.Forward);
    }

    [TestCase("anna", "ben", "carla", "dora", "emil", "fritz")]
    [TestCase("emma", "emma", "emma", "emma", "emma", "emma")]
    public void Where_all_test_names_are_new_or_none_there_is_no_other_loss(params string[] names)
    {
        Dataset data = Dataset.Create(TestData.Names(names), context: 3);
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named("batchnorm") with { Hidden = [20] }, data.Vocabulary.Count);
        using var evaluator = new Evaluator(Kernels, network, strategy);
        Assert.That(evaluator.LossOfNewTestNames(data), Is.Null);
    }

    [Test]
    public void A_canceled_evaluation_gives_no_loss()
    {
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named("batchnorm") with { Hidden = [20] });
        using var evaluator = new Evaluator(Kernels, network, strategy);
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.That(() => evaluator.Losses(TestData.Embedded, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    // From the tokens alone: a name ends with a target of 0.
    static Split NotTrainedOn(Dataset data)
    {
        HashSet<string> trainedOn = [.. data.Vocabulary.Decode(data.Train.Tokens).Split('.')];
        var tokens = new List<int>();
        int first = 0;
        foreach (int end in Enumerable.Range(1, data.Test.Count).Where(end => data.Test.Tokens[end - 1] == 0))
        {
            if (!trainedOn.Contains(data.Vocabulary.Decode(data.Test.Tokens[first..(end - 1)])))
            {
                tokens.AddRange(data.Test.Tokens[first..end]);
            }
            first = end;
        }
        return new Split([.. tokens], data.Test.Context);
    }

    static Split First(int count) => TestData.Embedded.Train.First(count);

    sealed class Total : IProgress<int>
    {
        public int Sum { get; private set; }

        public void Report(int value) => Sum += value;
    }
}
