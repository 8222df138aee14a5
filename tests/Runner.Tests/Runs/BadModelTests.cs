using System.Text.Json.Nodes;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Runs;

/// <summary>Model files that are not what they should be.</summary>
sealed class BadModelTests : CommandTests
{
    const string Bad = "bad.safetensors";

    [TestCase("nowhere.safetensors", "no such file")]
    [TestCase("nowhere/model.safetensors", "no such file")]
    [TestCase(".", "folder")]
    [TestCase("")]
    [TestCase(SmallNames.FileName)]
    [TestCase("empty")]
    public void What_is_not_a_model_is_refused(string path, params string[] mentions)
    {
        SmallNames.Write();
        Write("empty", "");
        AssertRefused(path, mentions);
    }

    [Test]
    public void A_model_that_was_drawn_too_large_has_not_diverged()
    {
        Run(Training("--steps", "0", "--recipe", "naive", "--output-scale", "3e38", "--run", "run"));
        Outcome outcome = Run("evaluate", "run");
        outcome.AssertFailed(WrongCall, "not finite", "was not trained", "--output-scale");
        Assert.That(outcome.Error, Does.Not.Contain("diverged"));
    }

    [Test]
    public void Tensors_of_another_program_are_refused()
    {
        File.Copy(TensorFile.GoldenBatch, Bad);
        AssertRefused(Bad, "not a model");
    }

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(8)]
    [TestCase(9)]
    [TestCase(500)]
    [TestCase(-1)]
    [TestCase(-4)]
    [TestCase(-500)]
    public void A_truncated_model_is_refused(int length)
    {
        byte[] whole = File.ReadAllBytes(TrainedModel.Write());
        Write(Bad, whole[..(length > 0 ? length : whole.Length + length)]);
        AssertRefused(Bad, "not a whole safetensors file");
    }

    [TestCase(ulong.MaxValue)]
    [TestCase(1ul << 63)]
    [TestCase(1ul << 31)]
    [TestCase(100_000ul)]
    [TestCase(10ul)]
    [TestCase(0ul)]
    public void A_header_of_another_length_is_refused(ulong length)
    {
        byte[] bytes = File.ReadAllBytes(TrainedModel.Write());
        BitConverter.TryWriteBytes(bytes, length);
        Write(Bad, bytes);
        AssertRefused(Bad);
    }

    [TestCase("")]
    [TestCase("no JSON")]
    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("""{"__metadata__":null}""")]
    [TestCase("""{"__metadata__":{"format":null}}""")]
    [TestCase("""{"__metadata__":{"format":1}}""")]
    [TestCase("""{"__metadata__":"makemore.gpu/1"}""")]
    [TestCase("""{"C":null}""")]
    [TestCase("""{"C":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"C":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}""")]
    public void A_header_that_is_not_one_is_refused(string header)
    {
        TensorFile.Write(Bad, header, "values"u8);
        AssertRefused(Bad);
    }

    [TestCase("shape", "[4,4]")]
    [TestCase("shape", "[-30,-8]")]
    [TestCase("shape", "[65536,65536,65536,65536]")]
    [TestCase("shape", "[1e10,8]")]
    [TestCase("shape", "[30.5,8]")]
    [TestCase("shape", "240")]
    [TestCase("shape", "null")]
    [TestCase("data_offsets", "[0,0]")]
    [TestCase("data_offsets", "[-4,956]")]
    [TestCase("data_offsets", "[0,960,0]")]
    [TestCase("data_offsets", "[960,0]")]
    [TestCase("data_offsets", "[100000,100960]")]
    [TestCase("data_offsets", "[9223372036854775800,9223372036854776760]")]
    [TestCase("data_offsets", "[9223372036854775800,-9223372036854774856]")]
    [TestCase("dtype", "\"F33\"")]
    [TestCase("dtype", "\"F64\"")]
    [TestCase("dtype", "32")]
    [TestCase("dtype", "null")]
    public void A_tensor_that_the_file_cannot_hold_is_refused(string property, string value)
    {
        TensorFile.WithHeader(Bad, TrainedModel.Write(), header => header["W1"]!.AsObject()[property] = JsonNode.Parse(value));
        AssertRefused(Bad);
    }

    static IEnumerable<TestCaseData> OtherTensors()
    {
        yield return Other("turned", "W1", tensors => tensors["W1"] = tensors["W1"] with { Shape = [8, 30] });
        yield return Other("flat", "C", tensors => tensors["C"] = tensors["C"] with { Shape = [10 * SmallNames.Vocabulary.Length] });
        yield return Other("longer", "b2", tensors => tensors["b2"] = StoredTensor.Of([100], new float[100]));
        yield return Other("of another type", "bngain", tensors => tensors["bngain"] = tensors["bngain"] with { Type = "I32" });
        yield return Other("missing", "bnstd_running", tensors => tensors.Remove("bnstd_running"));
        yield return Other("left over", "b1", tensors => tensors["b1"] = StoredTensor.Of([8], new float[8]));
        yield return Other("none", "C", tensors => tensors.Clear());

        static TestCaseData Other(string what, string name, Action<Dictionary<string, StoredTensor>> edit) =>
            new TestCaseData(name, edit).SetArgDisplayNames(what, name);
    }

    [TestCaseSource(nameof(OtherTensors))]
    public void Tensors_that_the_configuration_does_not_call_for_are_refused(string name, Action<Dictionary<string, StoredTensor>> edit)
    {
        TensorFile.WithTensors(Bad, TrainedModel.Write(), edit);
        AssertRefused(Bad, name);
    }

    [TestCase("format", null)]
    [TestCase("format", "another/2")]
    [TestCase("configuration", null)]
    [TestCase("configuration", "")]
    [TestCase("configuration", "{}")]
    [TestCase("configuration", "null")]
    [TestCase("vocabulary", null)]
    [TestCase("vocabulary", "")]
    [TestCase("vocabulary", ".")]
    [TestCase("vocabulary", "abc")]
    [TestCase("vocabulary", ".aab")]
    [TestCase("data_sha256", null)]
    [TestCase("step", null)]
    [TestCase("step", "-1")]
    [TestCase("step", "many")]
    [TestCase("step", "99999999999")]
    public void Metadata_that_are_missing_or_wrong_are_refused(string key, string? value)
    {
        TensorFile.WithHeader(Bad, TrainedModel.Write(), header => SetOrRemove(header["__metadata__"]!.AsObject(), key, value));
        AssertRefused(Bad);
    }

    [TestCase("configuration")]
    [TestCase("vocabulary")]
    [TestCase("data_source")]
    [TestCase("data_sha256")]
    [TestCase("step")]
    public void Metadata_of_null_are_refused(string key)
    {
        TensorFile.WithHeader(Bad, TrainedModel.Write(), header => header["__metadata__"]!.AsObject()[key] = null);
        AssertRefused(Bad);
    }

    [TestCase("hidden", "[0]")]
    [TestCase("hidden", "[-8]")]
    [TestCase("hidden", "[]")]
    [TestCase("hidden", "null")]
    [TestCase("hidden", "[8,8]")]
    [TestCase("hidden", "[2147483647]")]
    [TestCase("hidden", "[1000]")]
    [TestCase("context", "0")]
    [TestCase("context", "4")]
    [TestCase("embedding", "2147483647")]
    [TestCase("embedding", "11")]
    [TestCase("batch", "1")]
    [TestCase("normalization", "null")]
    [TestCase("name", "null")]
    public void A_configuration_that_cannot_be_or_is_anothers_is_refused(string property, string value)
    {
        TensorFile.WithHeader(Bad, TrainedModel.Write(), header =>
        {
            JsonObject metadata = header["__metadata__"]!.AsObject();
            JsonNode configuration = JsonNode.Parse(metadata["configuration"]!.GetValue<string>())!;
            configuration["recipe"]![property] = JsonNode.Parse(value);
            metadata["configuration"] = configuration.ToJsonString();
        });
        AssertRefused(Bad);
    }

    [Test]
    public void A_vocabulary_of_another_size_is_refused()
    {
        TensorFile.WithHeader(Bad, TrainedModel.Write(), header => header["__metadata__"]!["vocabulary"] = ".abc");
        Refuse(["sample", "--model", Bad], $"'{Bad}'", "tensor C");
    }

    [Test]
    public void A_model_of_another_vocabulary_does_not_know_the_names()
    {
        string other = "." + string.Concat(Enumerable.Range(0, SmallNames.Vocabulary.Length - 1).Select(i => (char)('A' + i)));
        TensorFile.WithHeader(Bad, TrainedModel.Write(), header => header["__metadata__"]!["vocabulary"] = other);
        Refuse(["evaluate", "--model", Bad, "--data", SmallNames.Write()], "vocabulary", other[1..]);
        Refuse(["sample", "--model", Bad, "--prompt", "anna"], "'a'", other[1..]);
    }

    /// <summary>Whoever uses the model is told which file is wrong.</summary>
    void AssertRefused(string path, params string[] mentions)
    {
        SmallNames.Write();
        Refuse(["sample", "--model", path], [$"'{path}'", .. mentions]);
        Refuse(["evaluate", "--model", path, "--data", SmallNames.FileName], [$"'{path}'", .. mentions]);
    }

    static void SetOrRemove(JsonObject metadata, string key, string? value)
    {
        metadata.Remove(key);
        if (value is not null)
        {
            metadata[key] = value;
        }
    }
}
