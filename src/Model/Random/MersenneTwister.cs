using System.Buffers.Binary;

namespace Makemore.Gpu.Model.Random;

/// <summary>
/// The generator MT19937 (M. Matsumoto and T. Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudorandom
/// number generator", 1998), on which both Python's and torch's random numbers rest.
/// </summary>
public sealed class MersenneTwister
{
    const int Length = 624;
    const int Offset = 397;

    /// <summary>The bytes of a state as it is written.</summary>
    internal const int StateBytes = (Length + 1) * sizeof(uint);

    readonly uint[] state;
    int position = Length;

    // Goes on where another is.
    internal MersenneTwister(MersenneTwister other)
    {
        state = [.. other.state];
        position = other.position;
    }

    /// <summary>Seeds by one number (the authors' init_genrand), as torch does.</summary>
    /// <param name="seed">The seed.</param>
    public MersenneTwister(uint seed)
    {
        state = new uint[Length];
        state[0] = seed;
        for (uint i = 1; i < Length; i++)
        {
            state[i] = (1812433253u * (state[i - 1] ^ (state[i - 1] >> 30))) + i;
        }
    }

    /// <summary>Seeds by several words (the authors' init_by_array), as Python does.</summary>
    /// <param name="key">The words, at least one.</param>
    public MersenneTwister(ReadOnlySpan<uint> key)
        : this(19650218u)
    {
        ArgumentOutOfRangeException.ThrowIfZero(key.Length, nameof(key));
        int i = 1;
        for (int step = 0; step < Math.Max(Length, key.Length); step++)
        {
            int j = step % key.Length;
            state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) * 1664525u)) + key[j] + (uint)j;
            i = Next(i);
        }
        for (int step = 0; step < Length - 1; step++)
        {
            state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) * 1566083941u)) - (uint)i;
            i = Next(i);
        }
        state[0] = 0x80000000u;

        int Next(int index)
        {
            if (index < Length - 1)
            {
                return index + 1;
            }
            state[0] = state[Length - 1];
            return 1;
        }
    }

    /// <summary>Goes on from a state that <see cref="Write"/> has written.</summary>
    /// <param name="bytes">The state.</param>
    /// <exception cref="FormatException">It is none.</exception>
    internal static MersenneTwister Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != StateBytes)
        {
            throw new FormatException($"the state of a random generator has {bytes.Length} bytes and must have {StateBytes}");
        }
        var twister = new MersenneTwister(0);
        for (int i = 0; i < Length; i++)
        {
            twister.state[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * sizeof(uint))..]);
        }
        int position = BinaryPrimitives.ReadInt32LittleEndian(bytes[(Length * sizeof(uint))..]);
        twister.position = position is >= 0 and <= Length
            ? position
            : throw new FormatException($"a random generator is at word {position} of {Length}");
        return twister;
    }

    /// <summary>Writes the state: its words, and which of them is next.</summary>
    /// <param name="bytes">Where to, <see cref="StateBytes"/> long.</param>
    internal void Write(Span<byte> bytes)
    {
        for (int i = 0; i < Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(i * sizeof(uint))..], state[i]);
        }
        BinaryPrimitives.WriteInt32LittleEndian(bytes[(Length * sizeof(uint))..], position);
    }

    /// <summary>The next 32 random bits.</summary>
    public uint Next32()
    {
        if (position == Length)
        {
            Twist();
            position = 0;
        }
        uint y = state[position++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680u;
        y ^= (y << 15) & 0xEFC60000u;
        return y ^ (y >> 18);
    }

    /// <summary>The next 64 random bits: the first word is the upper half.</summary>
    public ulong Next64()
    {
        ulong upper = Next32();
        return (upper << 32) | Next32();
    }

    /// <summary>Leaves words out, faster than they are drawn.</summary>
    /// <param name="words">How many words of 32 bits.</param>
    internal void Skip(long words)
    {
        while (words > Length - position)
        {
            words -= Length - position;
            Twist();
            position = 0;
        }
        position += (int)words;
    }

    void Twist()
    {
        for (int i = 0, next = 1, far = Offset; i < Length; i++)
        {
            uint y = (state[i] & 0x80000000u) | (state[next] & 0x7FFFFFFFu);
            state[i] = state[far] ^ (y >> 1) ^ ((y & 1u) == 0 ? 0u : 0x9908B0DFu);
            next = next == Length - 1 ? 0 : next + 1;
            far = far == Length - 1 ? 0 : far + 1;
        }
    }
}
