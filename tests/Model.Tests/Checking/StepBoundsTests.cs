using System.Text;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Reference;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Checking;

/// <summary>The bounds by which a batch is checked: honest kernels stay within, and faults do not.</summary>
[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class StepBoundsTests(string accelerator)
{
    const string Long = "it takes minutes";

    /// <summary>Gives a tensor's wrong values, from what was computed.</summary>
    delegate float[] Fault(LectureBatch batch, Func<string, IReadOnlyList<float>> computed);

    static readonly Dictionary<string, Dataset> Lists = new()
    {
        ["the embedded names"] = TestData.Embedded,
        ["500 characters"] = Characters(500),
        ["single letters"] = Dataset.Create(TestData.Names([.. "abcdefghijklmnopqrstuvwxyz".Select(letter => $"{letter}")]), context: 3),
        ["one letter alone"] = Dataset.Create(TestData.Names([.. Enumerable.Repeat("a", 30)]), context: 3),
    };

    static readonly Dictionary<string, (string Tensor, Fault Values)> Faults = new()
    {
        ["n for n - 1"] = ("bnvar", (batch, computed) => Scaled(computed("bnvar"), (batch.Count - 1f) / batch.Count)),
        ["a missing bias"] = (
            "logits", (batch, computed) => Each(computed("logits"), (i, x) => x - batch.Parameters["b2"][i % batch.Vocabulary])),
        ["a shifted target"] = ("logits.grad", (batch, computed) => Each(
            computed("logits.grad"),
            (i, x) => x + ((IsTarget(batch, i, shift: 0) ? 1f : 0) - (IsTarget(batch, i, shift: 1) ? 1f : 0)) / batch.Count)),
        ["a transposed product"] = ("W2.grad", (batch, computed) => Each(
            computed("W2.grad"),
            (i, _) => computed("W2.grad")[(i % batch.Hidden * batch.Vocabulary) + (i / batch.Hidden)])),
        ["a gradient without 1/N"] = ("logits.grad", (batch, computed) => Scaled(computed("logits.grad"), batch.Count)),
        ["a dropped term of BatchNorm's gradient"] = ("hprebn.grad", (_, computed) => [.. computed("bndiff.grad")]),
        ["the slope of tanh at the wrong point"] = ("hpreact.grad", (_, computed) => Each(
            computed("h.grad"), (i, dh) => dh * (1 - MathF.Pow(MathF.Tanh(computed("h")[i]), 2)))),
        ["another feature's gain"] = ("hpreact", (batch, computed) => Each(
            computed("bnraw"),
            (i, x) => (x * batch.Parameters["bngain"][(i + 1) % batch.Hidden]) + batch.Parameters["bnbias"][i % batch.Hidden])),
        ["an embedding's gradient one row off"] = ("C.grad", (batch, computed) =>
            [.. computed("C.grad").Skip(batch.Embedding), .. computed("C.grad").Take(batch.Embedding)]),
        ["a doubled sum"] = ("b2.grad", (_, computed) => Scaled(computed("b2.grad"), 2)),
    };

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    static IEnumerable<string> FaultNames => Faults.Keys;

    static IEnumerable<string> ListNames => Lists.Keys;

    [Test]
    [Combinatorial]
    public void Honest_kernels_raise_no_alarm(
        [ValueSource(nameof(ListNames))] string list, [Values(2, 3, 32, 150)] int examples, [Values(1, 7, 64)] int hidden)
    {
        foreach (ulong seed in (ulong[])[1, 5])
        {
            AssertNoAlarm(Draw(list, examples, hidden, seed));
        }
    }

    [Test]
    public void Honest_kernels_raise_no_alarm_over_a_thousand_examples([ValueSource(nameof(ListNames))] string list) =>
        AssertNoAlarm(Draw(list, examples: 1000, hidden: 7, seed: 2));

    [Test]
    [Explicit(Long)]
    [Combinatorial]
    public void Honest_kernels_raise_no_alarm_at_large_sizes(
        [ValueSource(nameof(ListNames))] string list, [Values(32, 5000)] int examples, [Values(64, 500)] int hidden) =>
        AssertNoAlarm(Draw(list, examples, hidden, seed: 1));

    [Test]
    [Explicit(Long)]
    public void Honest_kernels_raise_no_alarm_with_3000_characters([Values(3, 32, 1000)] int examples, [Values(7, 500)] int hidden) =>
        AssertNoAlarm(LectureBatch.Draw(Kernels, Characters(3000), Sizes(examples, hidden), Seeds.Of(1)));

    [Test]
    public void A_fault_is_found_in_every_form_that_holds_it(
        [ValueSource(nameof(FaultNames))] string name, [Values("the embedded names", "500 characters")] string list)
    {
        (string tensor, Fault values) = Faults[name];
        LectureBatch batch = Draw(list, list == "500 characters" ? 1000 : 32, 64, seed: 1);
        var forms = ComputedForms.Run(Kernels, batch);
        float[] wrong = values(batch, other => forms.SmallSteps[other].Values);
        HostTensor step = forms.SmallSteps[tensor];
        var faulty = new ComputedForms(
            new Dictionary<string, HostTensor>(forms.SmallSteps) { [tensor] = step with { Values = wrong } },
            With(forms.ClosedForm, tensor, wrong),
            With(forms.Fused, tensor, wrong));
        IReadOnlyList<TensorComparison> comparisons = faulty.Compare(batch, ReferenceStep.Run(batch));
        Assert.That(
            comparisons.Where(comparison => !comparison.Approximate).Select(comparison => comparison.Name),
            Is.SupersetOf(comparisons.Select(comparison => comparison.Name)
                .Where(other => other == tensor || other.EndsWith($" {tensor}", StringComparison.Ordinal))));
    }

    // The lecture's tolerances hold for a batch of its sizes, and the bounds of some of its steps are smaller.
    [TestCase("logits", 3e-6f, true)]
    [TestCase("logits", 1e-5f, false)]
    [TestCase("probs", 2e-6f, false)]
    public void A_batch_of_the_lectures_sizes_is_held_to_the_smaller_of_its_tolerances_and_its_bounds(string tensor, float by, bool near)
    {
        LectureBatch batch = Draw("the embedded names", 32, 64, seed: 1);
        var forms = ComputedForms.Run(Kernels, batch);
        IReadOnlyDictionary<string, double[]> reference = ReferenceStep.Run(batch);
        int largest = Enumerable.Range(0, reference[tensor].Length).MaxBy(i => Math.Abs(reference[tensor][i]));
        float[] values = Each(forms.SmallSteps[tensor].Values, (i, x) => i == largest ? (float)reference[tensor][i] + by : x);
        var changed = forms with
        {
            SmallSteps = new Dictionary<string, HostTensor>(forms.SmallSteps)
            {
                [tensor] = forms.SmallSteps[tensor] with { Values = values },
            },
        };
        Assert.That(
            changed.Compare(batch, reference).Single(comparison => comparison.Name == tensor).Approximate, Is.EqualTo(near));
    }

    void AssertNoAlarm(LectureBatch batch) => Assert.That(
        BatchCheck.AgainstReference(Kernels, batch).Comparisons.Where(comparison => !comparison.Approximate), Is.Empty);

    LectureBatch Draw(string list, int examples, int hidden, ulong seed) =>
        LectureBatch.Draw(Kernels, Lists[list], Sizes(examples, hidden), Seeds.Of(seed));

    static Recipe Sizes(int examples, int hidden) => LectureBatch.LectureRecipe with { Batch = examples, Hidden = [hidden] };

    // Names of one to five characters, in which each of so many stands once.
    static Dataset Characters(int count)
    {
        var names = new List<string>();
        for (int first = 0; first < count;)
        {
            int length = Math.Min(1 + (names.Count % 5), count - first);
            names.Add(string.Concat(Enumerable.Range(0x4E00 + first, length).Select(code => new Rune(code).ToString())));
            first += length;
        }
        return Dataset.Create(TestData.Names([.. names]), context: 3);
    }

    static Dictionary<string, IReadOnlyList<float>> With(
        IReadOnlyDictionary<string, IReadOnlyList<float>> form, string tensor, float[] wrong)
    {
        var changed = new Dictionary<string, IReadOnlyList<float>>(form);
        if (changed.ContainsKey(tensor))
        {
            changed[tensor] = wrong;
        }
        return changed;
    }

    static bool IsTarget(LectureBatch batch, int i, int shift) =>
        i % batch.Vocabulary == batch.Targets[((i / batch.Vocabulary) + shift) % batch.Count];

    static float[] Scaled(IReadOnlyList<float> values, float factor) => Each(values, (_, x) => x * factor);

    static float[] Each(IReadOnlyList<float> values, Func<int, float, float> change) => [.. values.Select((x, i) => change(i, x))];
}
