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
                Has.All.EqualTo("name exact approximate max_difference ulps"));
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
                Assert.That(outcome.OutputLines, Has.One.Match($@"^ +{Regex.Escape(name)} +(yes|no) +yes +\d\S* +\d\S* *$"), name);
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
            Assert.That(faults.Select(fault => fault.GetProperty("ulps").GetDouble()), Has.All.GreaterThan(1000));
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
            Assert.That(
                Tensors(outcome).Where(tensor => !IsApproximate(tensor)).Select(Name),
                Is.EqualTo(new[] { "logits", "closed form logits" }));
        }
    }

    // The targets are printed in the notebook of manual backprop; its gain and bias are of other draws, and its loss is 3.3420.
    [Test]
    public void The_batch_of_the_lectures_names_is_the_notebooks()
    {
        string names = SmallNames.LecturePath();
        int[] targets = [8, 14, 15, 22, 0, 19, 9, 14, 5, 1, 20, 3, 8, 14, 12, 0, 11, 0, 26, 9, 25, 0, 1, 1, 7, 18, 9, 3, 5, 9, 0, 18];
        JsonElement result = Succeed("check", "--data", names, "--accelerator", "cpu", "--json").Json;
        Outcome text = Succeed("check", "--data", names, "--accelerator", "cpu");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Numbers(result.GetProperty("batch").GetProperty("yb")), Is.EqualTo(targets));
            Assert.That(Numbers(result.GetProperty("batch").GetProperty("xb")[0]), Is.EqualTo(new[] { 1, 1, 4 }));
            Assert.That(result.GetProperty("parameters").GetInt32(), Is.EqualTo(4137));
            Assert.That(result.GetProperty("loss").GetDouble(), Is.EqualTo(3.342).Within(0.03));
            Assert.That(text.OutputLines, Has.One.EqualTo($"Yb           {string.Join(',', targets)}"));
            Assert.That(text.OutputLines, Has.One.StartsWith("characters   aad -> h  rna -> n  kei -> o"));
            Assert.That(text.OutputLines, Has.One.Match(@"^ +Xb +\[32, 3\] *$").And.One.Match("^ +parameters +4,137 *$"));
        }
    }

    [Test]
    public void Seed_batch_and_hidden_units_can_be_others()
    {
        JsonElement usual = Check().Json;
        JsonElement other = Check("--seed", "7", "--batch", "5", "--hidden", "6").Json;
        JsonElement sizes = other.GetProperty("sizes");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((sizes.GetProperty("batch").GetInt32(), sizes.GetProperty("hidden").GetInt32()), Is.EqualTo((5, 6)));
            Assert.That(other.GetProperty("batch").GetProperty("seed").GetUInt64(), Is.EqualTo(7));
            Assert.That(Numbers(other.GetProperty("batch").GetProperty("yb")), Has.Length.EqualTo(5));
            Assert.That(
                Numbers(other.GetProperty("batch").GetProperty("yb")),
                Is.Not.EqualTo(Numbers(usual.GetProperty("batch").GetProperty("yb"))[..5]));
            Assert.That(other.GetProperty("loss").GetDouble(), Is.Not.EqualTo(usual.GetProperty("loss").GetDouble()));
        }
    }

    [Test]
    public void A_large_batch_is_told_by_its_beginning() =>
        Assert.That(
            Succeed("check", "--data", SmallNames.Write(), "--accelerator", "cpu", "--batch", "40").OutputLines,
            Has.Exactly(3).EndsWith(" ... and 8 more"));

    [Test]
    public void A_training_has_the_same_bits_however_it_is_run()
    {
        string[] call = ["check", "--determinism", "--steps", "20", "--data", SmallNames.Write(), "--accelerator", "cpu", "--hidden", "9"];
        JsonElement result = Succeed([.. call, "--json"]).Json;
        JsonElement[] comparisons = [.. result.GetProperty("comparisons").EnumerateArray()];
        JsonElement[] must = [.. comparisons.Where(comparison => comparison.GetProperty("must_be_equal").GetBoolean())];
        Outcome text = Succeed(call);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(must, Has.Length.EqualTo(14).And.All.Matches<JsonElement>(pair => pair.GetProperty("are_equal").GetBoolean()));
            Assert.That(comparisons.Except(must).Single().GetProperty("run").GetString(), Does.StartWith("cpu:0 layered"));
            Assert.That((result.GetProperty("steps").GetInt32(), result.GetProperty("hidden").GetInt32()), Is.EqualTo((20, 9)));
            Assert.That(result.GetProperty("faults").GetInt32(), Is.Zero);
            Assert.That(
                text.OutputLines, Has.One.Match(@"^ +cpu:0 fused, 2 threads +cpu:0 fused, as train runs it +equal bits +equal bits *$"));
            Assert.That(text.OutputLines[^1], Is.EqualTo("14 of 14 runs have the bits that they must have"));
        }
    }

    [TestCase("--show", "h")]
    [TestCase("--run", "folder")]
    [TestCase("--against", "dump.safetensors")]
    public void What_is_for_a_batch_is_refused_beside_a_training(string option, string value) =>
        Refuse(["check", "--determinism", option, value], option, "--determinism");

    [Test]
    public void Steps_are_for_a_training()
    {
        Refuse(["check", "--steps", "20"], "--steps", "--determinism");
        Refuse(["check", "--determinism", "--steps", "0"], "--steps", "at least 1");
    }

    [TestCase("--batch", "1", "BatchNorm")]
    [TestCase("--batch", "0", "at least 1")]
    [TestCase("--batch", "2147483647", "too large")]
    [TestCase("--hidden", "0", "at least 1")]
    [TestCase("--hidden", "64,64", "whole number")]
    [TestCase("--hidden", "2147483647", "too large")]
    [TestCase("--seed", "-1", "whole number")]
    public void Sizes_and_seeds_that_cannot_be_are_refused(string option, string value, string reason) =>
        Refuse(["check", "--data", SmallNames.Write(), option, value], option, reason);

    [TestCase("--seed", "1")]
    [TestCase("--batch", "32")]
    [TestCase("--hidden", "64")]
    [TestCase("--data", SmallNames.FileName)]
    public void What_is_for_a_drawn_batch_is_refused_beside_a_dump(string option, string value)
    {
        SmallNames.Write();
        Refuse(["check", "--against", TensorFile.GoldenBatch, option, value], option, "--against", "one of them");
    }

    // -1/32 at the target and 0 elsewhere.
    [TestCase("dlogprobs")]
    [TestCase("logprobs.grad")]
    public void The_gradient_of_the_log_probabilities_is_shown(string spelling)
    {
        JsonElement shown = Against(TensorFile.GoldenBatch, "--show", spelling, "--json").Json.GetProperty("shown")[0];
        string[] lines = Against(TensorFile.GoldenBatch, "--show", spelling).OutputLines;
        string text = string.Join('\n', lines);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shown.GetProperty("name").GetString(), Is.EqualTo("logprobs.grad"));
            Assert.That(Numbers(shown.GetProperty("shape")), Is.EqualTo(new[] { 32, 27 }));
            Assert.That(
                shown.GetProperty("values").EnumerateArray().Select(value => value.GetDouble()).Where((_, i) => i < 27),
                Is.EqualTo(Enumerable.Range(0, 27).Select(v => v == 1 ? -1.0 / 32 : 0)));
            Assert.That(lines, Has.One.EqualTo("logprobs.grad [32, 27]"));
            Assert.That(text.Split("-0.0312"), Has.Length.EqualTo(1 + 32));
        }
    }

    [Test]
    public void Tensors_are_shown_once_and_in_the_order_in_which_they_are_named()
    {
        JsonElement result = Against(TensorFile.GoldenBatch, "--show", "Yb, h", "--show", "C.grad", "--show", "dC,h", "--json").Json;
        Assert.That(result.GetProperty("shown").EnumerateArray().Select(Name), Is.EqualTo(new[] { "Yb", "h", "C.grad" }));
    }

    [TestCase("foo")]
    [TestCase("")]
    [TestCase("C,,h")]
    [TestCase("dloss")]
    [TestCase("Xb.grad")]
    public void An_unknown_tensor_is_refused_with_the_known_ones(string names) =>
        Refuse(["check", "--show", names], ["--show", "Xb", "Yb", "loss", "NAME.grad", "dNAME", .. Lecture]);

    [Test]
    public void Report_and_pictures_go_into_a_folder_where_one_is_asked_for()
    {
        Outcome outcome = Against(TensorFile.GoldenBatch, "--show", "dlogprobs,W1", "--run", "run", "--json");
        string[] pictures = ["logprobs.grad.png", "logprobs.grad.svg", "W1.png", "W1.svg"];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                outcome.Json.GetProperty("pictures").EnumerateArray().Select(file => file.GetString()),
                Is.EqualTo(pictures.Select(name => Path.Combine("run", "plots", name))));
            Assert.That(pictures.Select(name => Path.Combine("run", "plots", name)), Has.All.Exist);
            Assert.That(File.ReadAllText(Path.Combine("run", "report.html")), Does.Contain("tensors agree").And.Contains("logprobs.grad"));
            Assert.That(File.ReadAllText(Path.Combine("run", "plots", "logprobs.grad.svg")), Does.Contain("−0.0312"));
        }
        Refuse(["check", "--run", "run"], "--run", "--force");
        Assert.That(Against(TensorFile.GoldenBatch, "--run", "run", "--force").ExitCode, Is.EqualTo(Done));
        Assert.That(Directory.GetFiles(Path.Combine("run", "plots")), Is.Empty);
    }

    [Test]
    public void Without_a_folder_nothing_is_written()
    {
        SmallNames.Write();
        string[] before = Listing();
        Check("--show", "C");
        Assert.That(Listing(), Is.EqualTo(before));
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

    static Outcome Check(params string[] options) =>
        Succeed(["check", "--data", SmallNames.Write(), "--accelerator", "cpu", "--json", .. options]);

    static Outcome Against(string dump, params string[] options) => Run(["check", "--against", dump, "--accelerator", "cpu", .. options]);

    static void Edit(Action<Dictionary<string, StoredTensor>> edit) => TensorFile.WithTensors(Dump, TensorFile.GoldenBatch, edit);

    static StoredTensor Changed(StoredTensor tensor, Func<float, float> change)
    {
        float[] values = tensor.ToFloats();
        values[^1] = change(values[^1]);
        return StoredTensor.Of(tensor.Shape, values);
    }

    static JsonElement[] Tensors(Outcome outcome) => [.. outcome.Json.GetProperty("tensors").EnumerateArray()];

    static int[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetInt32())];

    static string Name(JsonElement tensor) => tensor.GetProperty("name").GetString()!;

    static bool IsApproximate(JsonElement tensor) => tensor.GetProperty("approximate").GetBoolean();
}
