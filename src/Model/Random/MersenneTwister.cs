using System.Buffers.Binary;
using System.Numerics;

namespace Makemore.Gpu.Model.Random;

/// <summary>
/// The generator MT19937 (M. Matsumoto and T. Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudorandom
/// number generator", 1998), on which both Python's and torch's random numbers rest.
/// </summary>
sealed class MersenneTwister
{
    const int Length = 624;
    const int Offset = 397;
    const uint Upper = 0x80000000u;
    const uint Matrix = 0x9908B0DFu;

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
        }
        return Temper(state[position++]);
    }

    /// <summary>The next random bits, 32 in each word: those of as many calls of <see cref="Next32"/>, faster.</summary>
    /// <param name="words">Where they go.</param>
    public void Fill(Span<uint> words)
    {
        while (words.Length > 0)
        {
            if (position == Length)
            {
                Twist();
            }
            ReadOnlySpan<uint> next = state.AsSpan(position, Math.Min(words.Length, Length - position));
            int i = 0;
            for (; i <= next.Length - Vector<uint>.Count; i += Vector<uint>.Count)
            {
                Temper(new Vector<uint>(next[i..])).CopyTo(words[i..]);
            }
            for (; i < next.Length; i++)
            {
                words[i] = Temper(next[i]);
            }
            position += next.Length;
            words = words[next.Length..];
        }
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
        }
        position += (int)words;
    }

    static uint Temper(uint y)
    {
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680u;
        y ^= (y << 15) & 0xEFC60000u;
        return y ^ (y >> 18);
    }

    static Vector<uint> Temper(Vector<uint> y)
    {
        y ^= y >>> 11;
        y ^= (y << 7) & new Vector<uint>(0x9D2C5680u);
        y ^= (y << 15) & new Vector<uint>(0xEFC60000u);
        return y ^ (y >>> 18);
    }

    // A word needs the one after it, as it was, and one that lies far after it: behind the end, one at the beginning that is new already.
    void Twist()
    {
        Twist(0, Length - Offset, Offset);
        Twist(Length - Offset, Length - 1, Offset - Length);
        state[Length - 1] = Twisted(state[Length - 1], state[0], state[Offset - 1]);
        position = 0;
    }

    void Twist(int from, int to, int far)
    {
        Span<uint> words = state;
        int i = from;
        for (; i <= to - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            Vector<uint> y = (new Vector<uint>(words[i..]) & new Vector<uint>(Upper))
                | (new Vector<uint>(words[(i + 1)..]) & new Vector<uint>(~Upper));
            Vector<uint> matrix = (Vector<uint>.Zero - (y & Vector<uint>.One)) & new Vector<uint>(Matrix);
            (new Vector<uint>(words[(i + far)..]) ^ (y >>> 1) ^ matrix).CopyTo(words[i..]);
        }
        for (; i < to; i++)
        {
            words[i] = Twisted(words[i], words[i + 1], words[i + far]);
        }
    }

    static uint Twisted(uint word, uint next, uint far)
    {
        uint y = (word & Upper) | (next & ~Upper);
        return far ^ (y >> 1) ^ ((y & 1u) * Matrix);
    }
}
