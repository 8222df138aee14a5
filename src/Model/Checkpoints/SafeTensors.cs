using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;

namespace Makemore.Gpu.Model.Checkpoints;

/// <summary>A tensor of a safetensors file.</summary>
/// <param name="Type">The type of its values, such as F32 or I64.</param>
/// <param name="Shape">Its sizes, the outermost first; none for a single value.</param>
/// <param name="Bytes">Its values, little-endian, row by row.</param>
sealed record StoredTensor(string Type, IReadOnlyList<int> Shape, byte[] Bytes)
{
    /// <summary>Whether no value of an F32 tensor is infinite or not a number.</summary>
    public bool IsFinite
    {
        get
        {
            foreach (float value in MemoryMarshal.Cast<byte, float>(Bytes))
            {
                if (!float.IsFinite(value))
                {
                    return false;
                }
            }
            return true;
        }
    }

    /// <summary>A tensor of 32-bit floating-point values.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="values">The values.</param>
    public static StoredTensor Of(IReadOnlyList<int> shape, float[] values) =>
        new("F32", shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    /// <summary>The values of an F32 tensor.</summary>
    public float[] ToFloats() => MemoryMarshal.Cast<byte, float>(Bytes).ToArray();

    /// <summary>The values of an I64 tensor.</summary>
    public long[] ToLongs() => MemoryMarshal.Cast<byte, long>(Bytes).ToArray();
}

/// <summary>
/// The safetensors format: the header's length in 8 bytes, the header as JSON (name to type, shape and offsets, and a table of strings
/// under <c>__metadata__</c>), then the values. Any safetensors library can read what is written here.
/// </summary>
/// <param name="Tensors">The tensors by name, in the file's order.</param>
/// <param name="Metadata">The table of strings.</param>
sealed record SafeTensors(IReadOnlyDictionary<string, StoredTensor> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    const int HeaderAlignment = 8;

    /// <summary>Writes a file, replacing an older one, by <see cref="DurableFile"/>.</summary>
    /// <param name="path">The file.</param>
    public void Write(string path)
    {
        var header = new JsonObject { [SafeTensorsHeader.MetadataKey] = JsonSerializer.SerializeToNode(Metadata) };
        long end = 0;
        foreach ((string name, StoredTensor tensor) in Tensors)
        {
            header[name] = new JsonObject
            {
                ["dtype"] = tensor.Type,
                ["shape"] = new JsonArray([.. tensor.Shape.Select(size => (JsonNode)size)]),
                ["data_offsets"] = new JsonArray(end, end + tensor.Bytes.Length),
            };
            end += tensor.Bytes.Length;
        }
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        int padding = (HeaderAlignment - (json.Length % HeaderAlignment)) % HeaderAlignment;

        DurableFile.Write(path, file =>
        {
            Span<byte> length = stackalloc byte[SafeTensorsHeader.LengthBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)(json.Length + padding));
            file.Write(length);
            file.Write(json);
            file.Write("       "u8[..padding]);
            foreach (StoredTensor tensor in Tensors.Values)
            {
                file.Write(tensor.Bytes);
            }
        });
    }

    /// <summary>Reads a file and checks that its header tells the truth about it, before any value is read.</summary>
    /// <param name="path">The file, of any length: a single tensor may have <see cref="Array.MaxLength"/> bytes.</param>
    /// <param name="check">Looks at the header before the values are read, and throws where they are not wanted; null for nothing.</param>
    /// <exception cref="InvalidRequestException">It cannot be read or is not a whole safetensors file.</exception>
    public static SafeTensors Read(string path, Action<SafeTensorsHeader>? check = null)
    {
        try
        {
            using FileStream file = Open(path);
            var header = SafeTensorsHeader.Read(file);
            check?.Invoke(header);
            return new SafeTensors(ReadValues(file, header.Tensors), header.Metadata);
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException or OverflowException)
        {
            string reason = fault is JsonException json
                ? $"its header is not JSON (byte {json.BytePositionInLine})"
                : Explanation.ReasonOf(fault);
            throw new InvalidRequestException($"'{path}' is not a whole safetensors file: {reason}", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InvalidRequestException($"'{path}' cannot be read: {RegularFile.WhyUnreadable(path, fault)}", fault);
        }
    }

    // A pipe is not opened, which would wait for its writer.
    static FileStream Open(string path) => File.Exists(path) && RegularFile.LengthOf(path) == 0
        ? throw new FormatException("it is empty, or no file but a pipe or a device")
        : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);

    static Dictionary<string, StoredTensor> ReadValues(FileStream file, IReadOnlyDictionary<string, StoredTensorShape> tensors)
    {
        // In the header's order, and filled in that of the file.
        var values = tensors.ToDictionary(
            tensor => tensor.Key, tensor => new StoredTensor(tensor.Value.Type, tensor.Value.Shape, new byte[tensor.Value.Length]));
        foreach (string name in tensors.OrderBy(tensor => tensor.Value.Start).Select(tensor => tensor.Key))
        {
            file.ReadExactly(values[name].Bytes);
        }
        return values;
    }
}
