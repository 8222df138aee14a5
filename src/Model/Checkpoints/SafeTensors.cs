using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Checkpoints;

/// <summary>A tensor of a safetensors file.</summary>
/// <param name="Type">The type of its values, such as F32 or I64.</param>
/// <param name="Shape">Its sizes, the outermost first; none for a single value.</param>
/// <param name="Bytes">Its values, little-endian, row by row.</param>
public sealed record StoredTensor(string Type, IReadOnlyList<int> Shape, byte[] Bytes)
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
public sealed record SafeTensors(IReadOnlyDictionary<string, StoredTensor> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    const string MetadataKey = "__metadata__";
    const int LengthBytes = 8;
    const int HeaderAlignment = 8;

    /// <summary>Writes a file, in place of an older one, by <see cref="DurableFile"/>.</summary>
    /// <param name="path">The file.</param>
    public void Write(string path)
    {
        var header = new JsonObject { [MetadataKey] = JsonSerializer.SerializeToNode(Metadata) };
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
            Span<byte> length = stackalloc byte[LengthBytes];
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

    /// <summary>Reads a file and checks that its header tells the truth about it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidRequestException">It cannot be read or is not a whole safetensors file.</exception>
    public static SafeTensors Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            string reason = fault switch
            {
                FileNotFoundException or DirectoryNotFoundException or ArgumentException => "there is no such file",
                UnauthorizedAccessException when Directory.Exists(path) => "it is a folder, not a file",
                _ => fault.Message,
            };
            throw new InvalidRequestException($"'{path}' cannot be read: {reason}", fault);
        }
        try
        {
            return Parse(bytes);
        }
        catch (Exception fault) when (
            fault is JsonException or FormatException or InvalidOperationException or OverflowException or KeyNotFoundException)
        {
            string reason = fault is JsonException json ? $"its header is not JSON (byte {json.BytePositionInLine})" : fault.Message;
            throw new InvalidRequestException($"'{path}' is not a whole safetensors file: {reason}", fault);
        }
    }

    static SafeTensors Parse(byte[] bytes)
    {
        if (bytes.Length < LengthBytes)
        {
            throw new FormatException("it ends within the header's length");
        }
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        if (headerLength > (ulong)(bytes.Length - LengthBytes))
        {
            throw new FormatException($"its header should have {headerLength} bytes, and {bytes.Length - LengthBytes} follow");
        }
        ReadOnlySpan<byte> values = bytes.AsSpan(LengthBytes + (int)headerLength);
        using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(LengthBytes, (int)headerLength));

        var metadata = new Dictionary<string, string>();
        var tensors = new Dictionary<string, StoredTensor>();
        var ranges = new List<(long Start, long End)>();
        foreach (JsonProperty entry in header.RootElement.EnumerateObject())
        {
            if (entry.Name == MetadataKey)
            {
                metadata = entry.Value.Deserialize<Dictionary<string, string>>() ?? [];
            }
            else if (!tensors.TryAdd(entry.Name, ParseTensor(entry, values, ranges)))
            {
                throw new FormatException($"tensor {entry.Name} stands there twice");
            }
        }
        if (metadata.ContainsValue(null!))
        {
            throw new FormatException("its metadata holds null");
        }
        CheckRanges(ranges, values.Length);
        return new SafeTensors(tensors, metadata);
    }

    // The format wants every byte of the values to belong to one tensor.
    static void CheckRanges(List<(long Start, long End)> ranges, long length)
    {
        long end = 0;
        foreach ((long start, long next) in ranges.Order())
        {
            if (start != end)
            {
                throw new FormatException($"its tensors overlap or leave a gap at byte {Math.Min(start, end)} of the values");
            }
            end = next;
        }
        if (end != length)
        {
            throw new FormatException($"its tensors end at byte {end}, and {length} follow the header");
        }
    }

    static StoredTensor ParseTensor(JsonProperty entry, ReadOnlySpan<byte> values, List<(long Start, long End)> ranges)
    {
        string type = entry.Value.GetProperty("dtype").GetString() ?? "";
        int[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];
        long[] offsets = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64())];
        int size = TypeSize(type) ?? throw new FormatException($"tensor {entry.Name} has the unknown type '{type}'");
        if (shape.Any(extent => extent < 0))
        {
            throw new FormatException($"tensor {entry.Name} has a negative size");
        }
        long length = shape.Aggregate((long)size, (product, extent) => checked(product * extent));
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < 0 || offsets[1] > values.Length || offsets[1] - offsets[0] != length)
        {
            throw new FormatException(
                $"tensor {entry.Name} [{string.Join(", ", shape)}] of {length} bytes "
                + $"should lie at {string.Join("-", offsets)} of {values.Length}");
        }
        ranges.Add((offsets[0], offsets[1]));
        return new StoredTensor(type, shape, values[(int)offsets[0]..(int)offsets[1]].ToArray());
    }

    // Bytes of a value.
    static int? TypeSize(string type) => type switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" => 1,
        _ => null,
    };
}
