using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Reference;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Reference;

sealed class LectureBatchTests
{
    /// <summary>The examples of the lectures' training split, from which the dump's batch was drawn.</summary>
    const int LectureExamples = 182_625;

    // Draws in 32 bits differ from torch's by no more than this.
    const float DrawDifference = 5e-7f;

    [Test]
    public void Parameters_and_then_indices_are_drawn_as_libtorch_drew_them()
    {
        Recipe recipe = Recipe.Named("backprop") with { Hidden = [LectureBatch.LectureHidden] };
        using var network = new Mlp(Accelerators.Cpu, recipe, vocabulary: 27);
        TorchGenerator generator = network.Draw(new Seeds(Seeds.LectureSeed, Normalization: null));
        var indices = new int[32];
        generator.RandInt(0, LectureExamples, indices);
        using (Assert.EnterMultipleScope())
        {
            foreach (Tensor tensor in network.Parameters.Tensors)
            {
                Assert.That(
                    tensor.ToArray(), Is.EqualTo(TestData.GoldenBatch.Tensors[tensor.Name].ToFloats()).Within(DrawDifference), tensor.Name);
            }
            Assert.That(indices, Is.EqualTo(TestData.GoldenBatch.Tensors["ix"].ToLongs()));
        }
    }

    [Test]
    public void The_lectures_names_are_the_dumps_examples()
    {
        Split examples = TestData.Lecture.Train;
        var dumped = LectureBatch.From(TestData.GoldenBatch);
        int[] indices = Array.ConvertAll(TestData.GoldenBatch.Tensors["ix"].ToLongs(), index => (int)index);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(examples.ContextsOf(indices), Is.EqualTo(dumped.Tokens));
            Assert.That(examples.TargetsOf(indices), Is.EqualTo(dumped.Targets));
        }
    }

    // Printed in the notebook of manual backprop, which draws gain and bias from a generator of their own.
    [Test]
    public void The_lectures_names_give_the_notebooks_batch()
    {
        var drawn = LectureBatch.Draw(Accelerators.Cpu, TestData.Lecture);
        var dumped = LectureBatch.From(TestData.GoldenBatch);
        int[] targets = [8, 14, 15, 22, 0, 19, 9, 14, 5, 1, 20, 3, 8, 14, 12, 0, 11, 0, 26, 9, 25, 0, 1, 1, 7, 18, 9, 3, 5, 9, 0, 18];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(drawn.Targets, Is.EqualTo(targets));
            foreach (string name in LectureBatch.ParameterNames.SkipLast(2))
            {
                Assert.That(drawn.Parameters[name], Is.EqualTo(dumped.Parameters[name]).Within(DrawDifference), name);
            }
        }
    }

    // Version 0.1 drew gain and bias from the generator of the batches, and so did who made the dump: inspect finds an old run's batch.
    [Test]
    public void A_run_without_a_seed_of_its_normalizations_has_the_dumps_batch()
    {
        Recipe recipe = Recipe.Named("backprop") with { Hidden = [LectureBatch.LectureHidden] };
        Dataset data = TestData.Lecture;
        Configuration old = Configuration.Resolve(recipe, data.Train.Count) with { NormalizationSeed = null };
        int[] batch = BatchSequence.BatchAfter(Accelerators.Cpu, Configuration.FromJson(old.ToJson()), data, steps: 0);
        Assert.That(batch, Is.EqualTo(TestData.GoldenBatch.Tensors["ix"].ToLongs()));
    }

    // With the notebook's 200 hidden units in training more numbers are drawn before the batch.
    [Test]
    public void The_lectures_names_give_the_first_batch_of_the_notebooks_training()
    {
        Split examples = TestData.Lecture.Train;
        int[] batch = BatchSequence.BatchAfter(
            Accelerators.Cpu, Configuration.Resolve(Recipe.Named("backprop"), examples.Count), TestData.Lecture, steps: 0);
        Assert.That(examples.TargetsOf(batch[..12]), Is.EqualTo([1, 12, 0, 5, 9, 18, 9, 16, 1, 0, 0, 1]));
    }

    [Test]
    public void A_batch_has_the_context_of_the_data()
    {
        var batch = LectureBatch.Draw(Accelerators.Cpu, Dataset.Create(TestData.Embedded.File, context: 5));
        Assert.That((batch.Context, batch.EmbeddedWidth, batch.Count), Is.EqualTo((5, 50, 32)));
    }

    [Test]
    public void Sizes_and_seeds_can_be_others()
    {
        Recipe recipe = LectureBatch.LectureRecipe with { Batch = 5, Hidden = [7] };
        LectureBatch Draw(ulong seed) => LectureBatch.Draw(Accelerators.Cpu, TestData.Embedded, recipe, Seeds.Of(seed));
        LectureBatch batch = Draw(1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((batch.Count, batch.Hidden, batch.Tokens.Length), Is.EqualTo((5, 7, 15)));
            Assert.That(batch.Parameters["W2"], Has.Length.EqualTo(7 * batch.Vocabulary));
            Assert.That(Draw(1).Parameters["bngain"], Is.EqualTo(batch.Parameters["bngain"]));
            Assert.That(Draw(2).Parameters["bngain"], Is.Not.EqualTo(batch.Parameters["bngain"]));
            Assert.That(Draw(2).Tokens, Is.Not.EqualTo(batch.Tokens));
        }
    }

    [Test]
    public void Sizes_come_from_the_dump()
    {
        var batch = LectureBatch.From(TestData.GoldenBatch);
        Assert.That(
            (batch.Count, batch.Context, batch.Vocabulary, batch.Embedding, batch.Hidden, batch.EmbeddedWidth),
            Is.EqualTo((32, 3, 27, 10, 64, 30)));
    }

    [TestCase("Xb")]
    [TestCase("Yb")]
    [TestCase("C")]
    [TestCase("W1")]
    [TestCase("b1")]
    [TestCase("W2")]
    [TestCase("b2")]
    [TestCase("bngain")]
    [TestCase("bnbias")]
    public void A_dump_without_a_tensor_or_with_one_of_another_size_or_type_is_refused(string name)
    {
        StoredTensor stored = TestData.GoldenBatch.Tensors[name];
        string otherType = stored.Type == "F32" ? "I64" : "F32";
        int size = stored.Bytes.Length / stored.Shape[0];
        StoredTensor shorter = stored with { Shape = [stored.Shape[0] - 1, .. stored.Shape.Skip(1)], Bytes = stored.Bytes[size..] };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Refusal.Of(() => LectureBatch.From(Without(name))), Does.Contain($"no tensor {name}"));
            Assert.That(
                Refusal.Of(() => LectureBatch.From(With(name, stored with { Type = otherType }))),
                Does.Contain(name).And.Contains(otherType));
            Assert.That(Refusal.Of(() => LectureBatch.From(With(name, shorter))), Does.Contain("the dump"));
        }
    }

    [Test]
    public void Weights_lying_the_other_way_round_are_refused()
    {
        StoredTensor turned = TestData.GoldenBatch.Tensors["W2"] with { Shape = [27, 64] };
        Assert.That(Refusal.Of(() => LectureBatch.From(With("W2", turned))), Does.Contain("W2"));
    }

    [TestCase("Xb", 27)]
    [TestCase("Xb", -1)]
    [TestCase("Yb", 27)]
    [TestCase("Yb", long.MaxValue)]
    public void Tokens_beyond_the_rows_of_C_are_refused(string name, long token)
    {
        StoredTensor stored = TestData.GoldenBatch.Tensors[name];
        byte[] bytes = [.. stored.Bytes];
        BitConverter.TryWriteBytes(bytes.AsSpan(8), token);
        Assert.That(
            Refusal.Of(() => LectureBatch.From(With(name, stored with { Bytes = bytes }))), Does.Contain(name).And.Contains("0 … 26"));
    }

    [Test]
    public void A_batch_of_one_example_is_refused()
    {
        SafeTensors dump = With("Xb", new StoredTensor("I64", [1, 3], new byte[24]));
        Assert.That(Refusal.Of(() => LectureBatch.From(dump)), Does.Contain("at least 2 examples"));
    }

    static SafeTensors With(string name, StoredTensor tensor) =>
        TestData.GoldenBatch with { Tensors = new Dictionary<string, StoredTensor>(TestData.GoldenBatch.Tensors) { [name] = tensor } };

    static SafeTensors Without(string name) =>
        TestData.GoldenBatch with { Tensors = TestData.GoldenBatch.Tensors.Where(pair => pair.Key != name).ToDictionary() };
}
