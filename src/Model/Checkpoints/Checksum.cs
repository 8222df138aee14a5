using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Makemore.Gpu.Model.Checkpoints;

/// <summary>The checksum of a safetensors file's content: a flipped bit anywhere gives another one.</summary>
static class Checksum
{
    /// <summary>The SHA-256 of all metadata and tensors, in lower-case hexadecimal.</summary>
    /// <param name="file">The file.</param>
    public static string Of(SafeTensors file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string key, string value) in file.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Add(hash, Encoding.UTF8.GetBytes(key));
            Add(hash, Encoding.UTF8.GetBytes(value));
        }
        foreach ((string name, StoredTensor tensor) in file.Tensors.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            Add(hash, Encoding.UTF8.GetBytes(name));
            Add(hash, Encoding.UTF8.GetBytes($"{tensor.Type} {string.Join(' ', tensor.Shape)}"));
            Add(hash, tensor.Bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // With its length, so that two neighbours cannot be cut apart elsewhere.
    static void Add(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
