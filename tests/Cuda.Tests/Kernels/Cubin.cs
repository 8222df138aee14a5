using System.Buffers.Binary;
using System.Text;

namespace Makemore.Gpu.Cuda.Tests.Kernels;

/// <summary>
/// An assembled module: a file in the format ELF, with the machine's code of each function in a section called .text.NAME.
/// </summary>
static class Cubin
{
    /// <summary>Bytes of an instruction, from sm_70 on.</summary>
    public const int InstructionBytes = 16;

    // Offsets in the header of the file, and in that of a section.
    const int SectionTable = 40;
    const int SectionHeaderBytes = 58;
    const int SectionCount = 60;
    const int NameSection = 62;
    const int SectionOffset = 24;
    const int SectionSize = 32;

    /// <summary>The bytes of all code in a module.</summary>
    /// <param name="file">The module.</param>
    public static int CodeBytes(ReadOnlySpan<byte> file)
    {
        int table = (int)BinaryPrimitives.ReadInt64LittleEndian(file[SectionTable..]);
        int headerBytes = BinaryPrimitives.ReadUInt16LittleEndian(file[SectionHeaderBytes..]);
        int count = BinaryPrimitives.ReadUInt16LittleEndian(file[SectionCount..]);
        ReadOnlySpan<byte> nameHeader = file[(table + (BinaryPrimitives.ReadUInt16LittleEndian(file[NameSection..]) * headerBytes))..];
        ReadOnlySpan<byte> names = file[(int)BinaryPrimitives.ReadInt64LittleEndian(nameHeader[SectionOffset..])..];
        int bytes = 0;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> header = file[(table + (i * headerBytes))..];
            ReadOnlySpan<byte> name = names[BinaryPrimitives.ReadInt32LittleEndian(header)..];
            if (Encoding.ASCII.GetString(name[..name.IndexOf((byte)0)]).StartsWith(".text.", StringComparison.Ordinal))
            {
                bytes += (int)BinaryPrimitives.ReadInt64LittleEndian(header[SectionSize..]);
            }
        }
        return bytes;
    }
}
