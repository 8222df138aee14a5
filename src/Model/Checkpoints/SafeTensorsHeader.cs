using System.Buffers.Binary;
using System.Text.Json;

namespace Makemore.Gpu.Model.Checkpoints;

/// <summary>What the header of a safetensors file says of a tensor.</summary>
/// <param name="Type">The type of its values, such as F32 or I64.</param>
/// <param name="Shape">Its sizes, the outermost first.</param>
/// <param name="Start">Its first byte in the values.</param>
/// <param name="Length">Its bytes.</param>
sealed record StoredTensorShape(string Type, IReadOnlyList<int> Shape, long Start, int Length);

/// <summary>
/// The header of a safetensors file, checked against the file's length. Until then nothing is taken into memory but the header itself.
/// </summary>
/// <param name="Tensors">The tensors by name, in the header's order.</param>
/// <param name="Metadata">The table of strings.</param>
sealed record SafeTensorsHeader(
    IReadOnlyDictionary<string, StoredTensorShape> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The key of the table of strings.</summary>
    internal const string MetadataKey = "__metadata__";

    /// <summary>The bytes of the header's length.</summary>
    internal const int LengthBytes = 8;

    // As in the reference implementation of the format.
    const int MaxBytes = 100_000_000;

    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads the header from a file's beginning.</summary>
    /// <param name="file">The file, which stands at the values then.</param>
    /// <exception cref="FormatException">It is not the header of a whole safetensors file.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    internal static SafeTensorsHeader Read(Stream file)
    {
        Span<byte> lengthBytes = stackalloc byte[LengthBytes];
        if (file.Length < LengthBytes)
        {
            throw new FormatException("it ends within the header's length");
        }
        file.ReadExactly(lengthBytes);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        if (length > (ulong)(file.Length - LengthBytes))
        {
            throw new FormatException($"its header should have {length} bytes, and {file.Length - LengthBytes} follow");
        }
        if (length > MaxBytes)
        {
            throw new FormatException($"its header has {length} bytes and may have {MaxBytes}");
        }
        var header = new byte[length];
        file.ReadExactly(header);
        return Parse(header, file.Length - file.Position);
    }

    static SafeTensorsHeader Parse(byte[] header, long valueBytes)
    {
        var tensors = new Dictionary<string, StoredTensorShape>();
        var metadata = new Dictionary<string, string>();
        var reader = new Utf8JsonReader(header);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException("its header is no JSON object");
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == MetadataKey)
            {
                metadata = JsonSerializer.Deserialize<Dictionary<string, string>>(ref reader, Json) ?? [];
            }
            else if (!tensors.TryAdd(name, Entry(name, ref reader)))
            {
                throw new FormatException($"tensor {name} stands there twice");
            }
        }
        // What follows the object is a fault.
        reader.Read();
        if (metadata.ContainsValue(null!))
        {
            throw new FormatException("its metadata holds null");
        }
        CheckRanges(tensors, valueBytes);
        return new SafeTensorsHeader(tensors, metadata);
    }

    static StoredTensorShape Entry(string name, ref Utf8JsonReader reader)
    {
        WrittenTensor written;
        try
        {
            written = JsonSerializer.Deserialize<WrittenTensor>(ref reader, Json) ?? throw new JsonException();
        }
        catch (JsonException fault)
        {
            throw new FormatException($"tensor {name} must have a dtype, a shape of 32-bit sizes, and two data_offsets", fault);
        }
        (string type, int[] shape, long[] offsets) = written;
        int size = TypeSize(type) ?? throw new FormatException($"tensor {name} has the unknown type '{type}'");
        if (Array.Exists(shape, extent => extent < 0))
        {
            throw new FormatException($"tensor {name} has a negative size");
        }
        decimal length = shape.Aggregate((decimal)size, (product, extent) => product * extent);
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] - offsets[0] != length)
        {
            throw new FormatException($"tensor {name} of {length} bytes should lie at {string.Join("-", offsets.Take(3))}");
        }
        return length <= Array.MaxLength
            ? new StoredTensorShape(type, shape, offsets[0], (int)length)
            : throw new FormatException($"tensor {name} has {length} bytes, and {Array.MaxLength} can be read at most");
    }

    // The format wants every byte of the values to belong to one tensor.
    static void CheckRanges(Dictionary<string, StoredTensorShape> tensors, long length)
    {
        long end = 0;
        foreach (StoredTensorShape tensor in tensors.Values.OrderBy(tensor => tensor.Start).ThenBy(tensor => tensor.Length))
        {
            if (tensor.Start != end)
            {
                throw new FormatException($"its tensors overlap or leave a gap at byte {Math.Min(tensor.Start, end)} of the values");
            }
            end = tensor.Start + tensor.Length;
        }
        if (end != length)
        {
            throw new FormatException($"its tensors end at byte {end}, and {length} follow the header");
        }
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

    /// <summary>A tensor as the header writes it.</summary>
    sealed record WrittenTensor(string Dtype, int[] Shape, long[] DataOffsets);
}
