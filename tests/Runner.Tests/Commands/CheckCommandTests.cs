using System.Text.Json;
using System.Text.RegularExpressions;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

sealed class CheckCommandTests : CommandTests
{
    const string Dump = "dump.safetensors";

    static readonly string[] Parameters = ["C", "W1", "b1", "W2", "b2", "bngain", "bnbias"];

    static readonly string[] Lecture =
    [
        "logprobs", "probs", "counts_sum_inv", "counts_sum", "counts", "norm_logits", "logit_maxes", "logits", "h", "W2", "b2", "hpreact",
        "bngain", "bnbias", "bnraw", "bnvar_inv", "bnvar", "bndiff2", "bndiff", "bnmeani", "hprebn", "W1", "b1", "embcat", "emb", "C",
    ];

    /// <summary>Every intermediate of the lecture, and every gradient.</summary>
    static IEnumerable<string> Compared => Lecture.Except(Parameters).Concat(Lecture.Select(name => name + ".grad"));

    [Test]
    public void Every_intermediate_and_gradient_agrees_with_the_reference()
    {
        JsonElement[] tensors = Tensors(Check());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tensors.Select(Name), Is.SupersetOf(Compared).And.Unique);
            Assert.That(
                tensors.Select(tensor => string.Join(' ', tensor.EnumerateObject().Select(property => property.Name))),
                Has.All.EqualTo("name exact approximate max_difference"));
            Assert.That(tensors.Where(tensor => !IsApproximate(tensor)).Select(Name), Is.Empty);
            Assert.That(tensors.Select(tensor => tensor.GetProperty("max_difference").GetDouble()), Has.All.InRange(0, 1e-5));
        }
    }

    [Test]
    public void The_text_has_a_line_for_each_tensor_and_a_sum()
    {
        int count = Tensors(Check()).Length;
        Outcome outcome = Succeed("check", "--data", SmallNames.Write(), "--accelerator", "cpu");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            Assert.That(outcome.OutputLines[^1], Does.StartWith("cpu:0").And.EndWith($"{count} of {count} tensors agree"));
            foreach (string name in Compared)
            {
                Assert.That(outcome.OutputLines, Has.One.Match($@"^ +{Regex.Escape(name)} +(yes|no) +yes +\d"), name);
            }
        }
    }

    [Test]
    public void The_embedded_names_do_where_no_others_are()
    {
        NeedOwnDataFolder();
        Succeed("check", "--accelerator", "cpu");
    }

    [Test]
    public void A_dump_of_libtorch_agrees()
    {
        Outcome outcome = Against(TensorFile.GoldenBatch, "--json");
        Assert.That(outcome.ExitCode, Is.EqualTo(Done));
        Assert.That(Tensors(outcome).Select(Name), Is.SupersetOf(Compared));
    }

    [TestCase("h")]
    [TestCase("bnvar_inv.grad")]
    [TestCase("C.grad")]
    public void A_tensor_that_differs_fails_and_is_told(string broken)
    {
        Edit(tensors => tensors[broken] = Changed(tensors[broken], value => value + 0.001f));
        Outcome outcome = Against(Dump, "--json");
        JsonElement[] faults = [.. Tensors(outcome).Where(tensor => !IsApproximate(tensor))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ExitCode, Is.EqualTo(FailedAtWork));
            Assert.That(faults.Select(Name), Has.All.EndsWith(broken).And.Not.Empty);
            Assert.That(faults.Select(tensor => tensor.GetProperty("max_difference").GetDouble()), Has.All.InRange(0.0009, 0.0011));
            Assert.That(Against(Dump).OutputLines, Has.Some.Match($@"^ +{Regex.Escape(broken)} +no +no +1\.0E-03"));
        }
    }

    [Test]
    public void A_tensor_of_what_is_not_a_number_fails()
    {
        Edit(tensors => tensors["logits"] = Changed(tensors["logits"], _ => float.NaN));
        Outcome outcome = Against(Dump, "--json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ExitCode, Is.EqualTo(FailedAtWork));
            Assert.That(Tensors(outcome).Where(tensor => !IsApproximate(tensor)).Select(Name), Is.EqualTo(new[] { "logits" }));
        }
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
    public void A_dump_without_what_the_batch_needs_is_refused(string missing)
    {
        Edit(tensors => tensors.Remove(missing));
        Refuse(["check", "--against", Dump], "dump", $" {missing}");
    }

    // Otherwise a dump with a misspelt name or two would be praised for what it does not hold.
    [Test]
    public void A_dump_with_nothing_to_compare_is_refused()
    {
        Edit(tensors =>
        {
            foreach (string name in Compared.Append("loss").Append("loss.grad"))
            {
                tensors.Remove(name);
            }
        });
        Refuse(["check", "--against", Dump], "dump");
    }

    static IEnumerable<TestCaseData> Misfits()
    {
        yield return Misfit("a parameter of another type", "C", tensor => tensor with { Type = "I32" });
        yield return Misfit("tokens of another type", "Xb", tensor => tensor with { Type = "F64" });
        yield return Misfit("a table of one dimension", "C", tensor => tensor with { Shape = [270] });
        yield return Misfit("a weight of another size", "W1", tensor => StoredTensor.Of([29, 64], new float[29 * 64]));
        yield return Misfit("a bias of another size", "b2", tensor => StoredTensor.Of([26], new float[26]));
        yield return Misfit("an intermediate of another size", "hpreact", tensor => StoredTensor.Of([31, 64], new float[31 * 64]));
        yield return Misfit("a gradient of another size", "W2.grad", tensor => StoredTensor.Of([64], new float[64]));
        yield return Misfit("a token beyond the table", "Yb", tensor => tensor with { Bytes = [27, .. tensor.Bytes[1..]] });
        yield return Misfit("a token below zero", "Yb", yb => yb with { Bytes = [.. yb.Bytes[..^8], .. BitConverter.GetBytes(-1L)] });
        yield return Misfit("fewer targets than contexts", "Yb", tensor => tensor with { Shape = [31], Bytes = tensor.Bytes[8..] });
        yield return Misfit("no examples", "Xb", _ => new StoredTensor("I64", [0, 3], []));

        static TestCaseData Misfit(string what, string name, Func<StoredTensor, StoredTensor> edit) =>
            new TestCaseData(name, edit).SetArgDisplayNames(what);
    }

    [TestCaseSource(nameof(Misfits))]
    public void A_dump_whose_tensors_do_not_fit_is_refused(string name, Func<StoredTensor, StoredTensor> edit)
    {
        Edit(tensors => tensors[name] = edit(tensors[name]));
        Refuse(["check", "--against", Dump], "dump");
    }

    [TestCase("nowhere.safetensors")]
    [TestCase(SmallNames.FileName)]
    [TestCase(".")]
    [TestCase("")]
    public void What_is_not_a_dump_is_refused(string path)
    {
        SmallNames.Write();
        Refuse(["check", "--against", path], $"'{path}'");
    }

    static Outcome Check() => Succeed("check", "--data", SmallNames.Write(), "--accelerator", "cpu", "--json");

    static Outcome Against(string dump, params string[] options) => Run(["check", "--against", dump, "--accelerator", "cpu", .. options]);

    static void Edit(Action<Dictionary<string, StoredTensor>> edit) => TensorFile.WithTensors(Dump, TensorFile.GoldenBatch, edit);

    static StoredTensor Changed(StoredTensor tensor, Func<float, float> change)
    {
        float[] values = tensor.ToFloats();
        values[^1] = change(values[^1]);
        return StoredTensor.Of(tensor.Shape, values);
    }

    static JsonElement[] Tensors(Outcome outcome) => [.. outcome.Json.GetProperty("tensors").EnumerateArray()];

    static string Name(JsonElement tensor) => tensor.GetProperty("name").GetString()!;

    static bool IsApproximate(JsonElement tensor) => tensor.GetProperty("approximate").GetBoolean();
}
