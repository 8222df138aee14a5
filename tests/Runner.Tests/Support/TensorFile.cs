using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Makemore.Gpu.Model.Checkpoints;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Support;

/// <summary>Safetensors files, read, compared, and broken on purpose.</summary>
static class TensorFile
{
    const int LengthBytes = 8;

    /// <summary>One batch of the lecture on manual backprop with all intermediates and gradients, made by libtorch.</summary>
    public static string GoldenBatch => Path.Combine(AppContext.BaseDirectory, "Golden", "one_batch.safetensors");

    public static Dictionary<string, int[]> Shapes(string path) =>
        SafeTensors.Read(path).Tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.Shape.ToArray());

    public static void AssertSameTensors(string path, string expectedPath)
    {
        IReadOnlyDictionary<string, StoredTensor> expected = SafeTensors.Read(expectedPath).Tensors;
        IReadOnlyDictionary<string, StoredTensor> actual = SafeTensors.Read(path).Tensors;
        Assert.That(actual.Keys, Is.EqualTo(expected.Keys));
        using (Assert.EnterMultipleScope())
        {
            foreach ((string name, StoredTensor tensor) in expected)
            {
                Assert.That(actual[name].Bytes, Is.EqualTo(tensor.Bytes), name);
            }
        }
    }

    /// <summary>Writes a file that differs from another in its tensors.</summary>
    public static string WithTensors(string path, string from, Action<Dictionary<string, StoredTensor>> edit)
    {
        SafeTensors file = SafeTensors.Read(from);
        var tensors = file.Tensors.ToDictionary();
        edit(tensors);
        new SafeTensors(tensors, file.Metadata).Write(path);
        return path;
    }

    /// <summary>Writes a model as an earlier version did, which did not store which names it knows.</summary>
    public static string WithoutNames(string path, string from)
    {
        SafeTensors file = SafeTensors.Read(from);
        var metadata = file.Metadata.Where(entry => !entry.Key.StartsWith("names_", StringComparison.Ordinal)).ToDictionary();
        new SafeTensors(file.Tensors, metadata).Write(path);
        return path;
    }

    /// <summary>Writes a file whose values are another's and whose header is edited, true or not.</summary>
    public static string WithHeader(string path, string from, Action<JsonObject> edit)
    {
        byte[] bytes = File.ReadAllBytes(from);
        int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        JsonObject header = JsonNode.Parse(bytes.AsSpan(LengthBytes, length))!.AsObject();
        edit(header);
        return Write(path, header.ToJsonString(), bytes.AsSpan(LengthBytes + length));
    }

    /// <summary>Writes a file of any header and values.</summary>
    public static string Write(string path, string header, ReadOnlySpan<byte> values, ulong? headerLength = null)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        var length = new byte[LengthBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(length, headerLength ?? (ulong)json.Length);
        File.WriteAllBytes(path, [.. length, .. json, .. values]);
        return path;
    }
}
