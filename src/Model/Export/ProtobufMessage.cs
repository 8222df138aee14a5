using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Makemore.Gpu.Model.Export;

/// <summary>
/// A message of Protocol Buffers that is being written, field by field: each has a tag of its number and its wire type, and then its value
/// (https://protobuf.dev/programming-guides/encoding).
/// </summary>
sealed class ProtobufMessage
{
    const int VarintType = 0;
    const int LongFixedType = 1;
    const int LengthType = 2;
    const int FixedType = 5;
    const int TypeBits = 3;
    const int PayloadBits = 7;
    const ulong Continues = 1 << PayloadBits;

    readonly ArrayBufferWriter<byte> bytes = new();

    /// <summary>The message.</summary>
    public ReadOnlySpan<byte> Bytes => bytes.WrittenSpan;

    /// <summary>Adds an integer.</summary>
    /// <param name="field">The field's number.</param>
    /// <param name="value">The value.</param>
    public ProtobufMessage Add(int field, long value)
    {
        WriteTag(field, VarintType);
        WriteVarint((ulong)value);
        return this;
    }

    /// <summary>Adds a 32-bit floating-point number.</summary>
    /// <param name="field">The field's number.</param>
    /// <param name="value">The value.</param>
    public ProtobufMessage Add(int field, float value)
    {
        Span<byte> encoded = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(encoded, value);
        WriteTag(field, FixedType);
        bytes.Write(encoded);
        return this;
    }

    /// <summary>Adds a 64-bit floating-point number.</summary>
    /// <param name="field">The field's number.</param>
    /// <param name="value">The value.</param>
    public ProtobufMessage Add(int field, double value)
    {
        Span<byte> encoded = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(encoded, value);
        WriteTag(field, LongFixedType);
        bytes.Write(encoded);
        return this;
    }

    /// <summary>Adds bytes.</summary>
    /// <param name="field">The field's number.</param>
    /// <param name="value">The value.</param>
    public ProtobufMessage Add(int field, ReadOnlySpan<byte> value)
    {
        WriteTag(field, LengthType);
        WriteVarint((ulong)value.Length);
        bytes.Write(value);
        return this;
    }

    /// <summary>Adds a text.</summary>
    /// <param name="field">The field's number.</param>
    /// <param name="value">The value.</param>
    public ProtobufMessage Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Adds a message.</summary>
    /// <param name="field">The field's number.</param>
    /// <param name="value">The value.</param>
    public ProtobufMessage Add(int field, ProtobufMessage value) => Add(field, value.Bytes);

    void WriteTag(int field, int type) => WriteVarint((ulong)((field << TypeBits) | type));

    // Seven bits a byte, the lowest first.
    void WriteVarint(ulong value)
    {
        for (; value >= Continues; value >>= PayloadBits)
        {
            bytes.Write([(byte)(value | Continues)]);
        }
        bytes.Write([(byte)value]);
    }
}
